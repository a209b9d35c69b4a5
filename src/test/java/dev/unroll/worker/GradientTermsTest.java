package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Draws;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.PartialSum;
import dev.unroll.nn.Probe;
import dev.unroll.nn.State;
import dev.unroll.nn.Truncation;
import dev.unroll.nn.Unrolling;
import dev.unroll.nn.Workspace;
import dev.unroll.param.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The oracle of the local term is a pass with truncation at every step, where nothing is carried; that of the states is the state behind
 * each prefix of a sequence.
 */
class GradientTermsTest {

    private static final int HIDDEN = 6;
    private static final LossSpec LOSS = new LossSpec(LossReduction.STEP);

    private static NetworkSpec spec(String cell, String activation) {
        HeadSpec head = new HeadSpec(4, true);
        return new NetworkSpec(new NetworkSpec.Tokens(7, 5), cell, activation, HIDDEN, head);
    }

    private static List<Sequence> sequences() {
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < 9; s++) {
            CounterRandom random = new CounterRandom(8, s);
            int length = 1 + 4 * s;
            int[] tokens = new int[length];
            int[] labels = new int[length];
            for (int t = 0; t < length; t++) {
                tokens[t] = random.below(7, t);
                labels[t] = random.below(4, 1000 + t);
            }
            sequences.add(Sequence.ofTokens(tokens, labels, 1f));
        }
        return sequences;
    }

    private static float[] theta(NetworkSpec spec, float scale) {
        float[] theta = Initializer.initialize(spec.layout(), 5);
        for (int i = 0; i < theta.length; i++) {
            theta[i] *= scale;
        }
        return theta;
    }

    @ParameterizedTest
    @CsvSource({"elman, 1, 0", "lstm, 1, 0", "gru, 4, 0", "lstm, 3, 44000"})
    void terms_areThoseOfPassesThatCarryAndDoNot(String cell, float scale, long memory) {
        NetworkSpec spec = spec(cell, "tanh");
        float[] theta = theta(spec, scale);
        Network network = new Network(spec);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences());
        float[][] both = gradients(network, theta, batch, new Unrolling(0, Truncation.NONE));
        float[][] local = gradients(network, theta, batch, new Unrolling(0, Truncation.parse("fixed:1")));
        double locals = 0;
        double carried = 0;
        double saturated = 0;
        double numbers = 0;
        for (int t = 0; t + 1 < batch.steps(); t += GradientTerms.INTERVAL) {
            for (int b = 0; b < batch.active(t + 1); b++) {
                float[] h = stateBehind(network, theta, sequences().get(batch.place(b)), t + 1);
                for (int j = 0; j < HIDDEN; j++) {
                    double alone = local[t][b * HIDDEN + j];
                    locals += alone * alone;
                    carried += Math.pow(both[t][b * HIDDEN + j] - alone, 2);
                    saturated += Math.abs(h[j]) > GradientTerms.SATURATED ? 1 : 0;
                    numbers++;
                }
            }
        }
        GradientTerms terms = sum(spec, theta, new Unrolling(0, Truncation.NONE, memory));
        assertEquals(carried / (carried + locals), terms.carriedShare(0), 1e-5);
        assertEquals(saturated / numbers, terms.saturation(0), 1e-12);
        assertEquals(scale > 1, saturated > 0);
    }

    /** dL/dh by step, (sequences that have it, H). */
    private static float[][] gradients(Network network, float[] theta, SequenceBatch batch, Unrolling unrolling) {
        float[][] gradients = new float[batch.steps()][];
        Probe probe = new Probe() {
            @Override
            public void onStateGradients(int layer, int direction, int step, SequenceBatch of, Rows dH) {
                gradients[step] = Arrays.copyOfRange(dH.numbers(), dH.at(0), dH.at(dH.count()));
            }
        };
        List<PartialSum> sums = List.of(new PartialSum(new float[theta.length], new LossSum()));
        Workspace workspace = network.newWorkspace();
        network.accumulate(network.bind(theta), batch, LOSS, null, unrolling, Draws.NONE, workspace, sums, probe);
        return gradients;
    }

    private static float[] stateBehind(Network network, float[] theta, Sequence sequence, int steps) {
        SequenceBatch prefix = new SequenceBatch();
        prefix.pack(List.of(Sequence.ofTokens(
                Arrays.copyOf(sequence.tokens(), steps), Arrays.copyOf(sequence.labels(), steps), 1f)));
        Workspace workspace = network.newWorkspace();
        network.forward(network.bind(theta), prefix, workspace);
        State state = network.newState(1);
        network.lastState(prefix, workspace, state);
        return state.h()[0];
    }

    private static GradientTerms sum(NetworkSpec spec, float[] theta, Unrolling unrolling) {
        List<Sequence> sequences = sequences();
        ShardPlan plan = new ShardPlan(1, 1, sequences.size(), 0);
        Problem problem = Problem.of(spec, LearningTask.TAGGING, LOSS, unrolling, Scaling.NONE);
        return new ShardWorker(spec)
                .gradient(
                        theta,
                        ShardChunk.of(List.of(new Shard(0, sequences, 7)), plan, plan.batch(0)),
                        plan,
                        EvaluationRequest.of(plan.batch(0)),
                        problem)
                .root()
                .auxiliary()
                .terms();
    }

    @Test
    void saturatedLayer_isNamed_andReluHasNone() {
        String warning = sum(spec("elman", "tanh"), theta(spec("elman", "tanh"), 100), Unrolling.FULL)
                .warning()
                .orElseThrow();
        assertTrue(warning.matches("\\d+ % of \\|h\\| in layer 1 are above 0.95, .*"), warning);
        GradientTerms relu = sum(spec("elman", "relu"), theta(spec("elman", "relu"), 100), Unrolling.FULL);
        assertTrue(Double.isNaN(relu.saturation(0)) && relu.warning().isEmpty());
    }
}
