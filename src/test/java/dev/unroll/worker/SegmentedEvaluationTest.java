package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossNames;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.RandomSequence;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import dev.unroll.param.Initializer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A long sequence is evaluated in segments where that is the same, and as a whole where its steps have one loss. */
class SegmentedEvaluationTest {

    @ParameterizedTest
    @ValueSource(strings = {"cross-entropy", "crf", "squared-error"})
    void longSequence_hasTheLossOfTheWhole(String loss) {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Tokens(5, 3), "gru", "tanh", 4, new HeadSpec(LossNames.of(loss), 3, true));
        Sequence sequence = RandomSequence.of(spec, 8192 + 900, 1f, new CounterRandom(3));
        float[] theta = Initializer.initialize(spec.layout(), 3);
        Network network = new Network(spec);
        Weights weights = network.bind(theta);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(List.of(sequence));
        LossSum whole = new LossSum();
        LossSpec mean = new LossSpec(LossReduction.STEP);
        network.evaluate(weights, batch, mean, null, 0, network.newWorkspace(), whole, outputs -> {});

        Problem problem = EvaluationSumTest.problem(spec);
        EvaluationSum sum = new EvaluationSum(problem);
        Workspace workspace = network.newWorkspace();
        new ShardEvaluator(network, weights, workspace, batch, problem)
                .add(new ShardChunk(new Shard(0, List.of(sequence), 5), new int[] {0}, true), sum);
        assertEquals(whole.lossSum(), sum.loss().lossSum(), 1e-9 * whole.lossSum());
        assertEquals(whole.correct(), sum.loss().correct());
        assertEquals(whole.terms(), sum.loss().terms());
    }
}
