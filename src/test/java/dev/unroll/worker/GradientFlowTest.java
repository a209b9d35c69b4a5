package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.RandomSequence;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout.Slot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How far back the gradient of a loss reaches, as training sees it. */
class GradientFlowTest {

    private static final int LONGEST = 9;
    private static final int SEQUENCES = 14;
    private static final String PROJECTED = "lstm projected";

    private record Case(NetworkSpec spec, List<Sequence> sequences, float[] theta) {

        static Case of(String cell, int layers, boolean bidirectional, boolean everyStep) {
            HeadSpec head = new HeadSpec(3, everyStep);
            boolean projected = cell.equals(PROJECTED);
            NetworkSpec unprojected = new NetworkSpec(
                    new Tokens(5, 3), projected ? "lstm" : cell, "tanh", 4, layers, bidirectional, head);
            NetworkSpec spec = unprojected.withProjection(projected ? 3 : 0);
            List<Sequence> sequences = new ArrayList<>();
            for (int s = 0; s < SEQUENCES; s++) {
                CounterRandom random = new CounterRandom(3, s);
                sequences.add(RandomSequence.of(spec, s == 0 ? LONGEST : 1 + random.below(LONGEST, -1), 1f, random));
            }
            return new Case(spec, sequences, Initializer.initialize(spec.layout(), 3));
        }

        GradientSum sum(int shards, boolean sampled) {
            ShardPlan plan = new ShardPlan(1, shards, SEQUENCES, 0);
            List<Shard> dealt = new ArrayList<>();
            for (int u = 0; u < shards; u++) {
                List<Sequence> some = new ArrayList<>();
                for (int n = u; n < SEQUENCES; n += shards) {
                    some.add(sequences.get(n));
                }
                dealt.add(new Shard(u, some, 5));
            }
            LearningTask task = spec.head().everyStep() ? LearningTask.TAGGING : LearningTask.CLASSIFICATION;
            Problem problem = Problem.of(spec, task, new LossSpec(LossReduction.STEP), Scaling.NONE);
            return new ShardWorker(spec)
                    .gradient(
                            theta,
                            ShardChunk.of(dealt, plan, plan.batch(0)),
                            plan,
                            new EvaluationRequest(plan.batch(0), new StreamStates(), sampled),
                            problem)
                    .root();
        }
    }

    /** The gradient is the same whether it is watched or not, and only heads at every step need an extra pass for it. */
    @Test
    void watching_changesNoBit_andIsDoneWhereItCostsNothing() {
        Case last = Case.of("lstm", 2, true, false);
        assertNotNull(last.sum(3, false).auxiliary().flow());
        Case every = Case.of("lstm", 2, true, true);
        assertNull(every.sum(3, false).auxiliary().flow());
        assertNotNull(every.sum(3, true).auxiliary().flow());
        assertArrayEquals(every.sum(3, false).gradient(), every.sum(3, true).gradient());
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void everyLag_isSeen(boolean everyStep, boolean bidirectional) {
        GradientFlow flow = Case.of("gru", 1, bidirectional, everyStep)
                .sum(1, true)
                .auxiliary()
                .flow();
        assertTrue(everyStep ? flow.lags() <= LONGEST : flow.lags() == LONGEST);
        for (int lag = 0; lag < flow.lags(); lag++) {
            assertTrue(flow.norm(0, lag) > 0, "lag " + lag);
        }
    }

    /** Far lags share bins, in order and without a gap; a long sequence costs little. */
    @Test
    void bins_coverAllLagsInOrder() {
        int last = 0;
        for (int lag = 0; lag < 100_000; lag++) {
            int bin = GradientFlow.bin(lag);
            assertTrue(bin == last || bin == last + 1, "lag " + lag);
            assertTrue(GradientFlow.firstLag(bin) <= lag && lag < GradientFlow.firstLag(bin + 1), "lag " + lag);
            last = bin;
        }
        assertTrue(last < 450, last + " bins");
        assertTrue(GradientFlow.firstLag(GradientFlow.bin(Integer.MAX_VALUE)) > 0);
    }

    /** With one sequence, dL/db_q is dL/do_T, so equation (3) gives |dL/dh_T|. */
    @ParameterizedTest
    @ValueSource(strings = {"elman", PROJECTED})
    void normAtLagZero_isTheHeadsTransposeTimesItsGradient(String cell) {
        Case c = Case.of(cell, 1, false, false);
        Case one = new Case(c.spec(), List.of(c.sequences().get(0)), c.theta());
        ShardPlan plan = new ShardPlan(1, 1, 1, 0);
        Problem problem =
                Problem.of(c.spec(), LearningTask.CLASSIFICATION, new LossSpec(LossReduction.STEP), Scaling.NONE);
        GradientSum alone = new ShardWorker(c.spec())
                .gradient(
                        c.theta(),
                        ShardChunk.of(List.of(new Shard(0, one.sequences(), 5)), plan, plan.batch(0)),
                        plan,
                        new EvaluationRequest(plan.batch(0), new StreamStates(), false),
                        problem)
                .root();
        Slot weight = c.spec().layout().slot("head.weight");
        Slot bias = c.spec().layout().slot("head.bias");
        double square = 0;
        for (int k = 0; k < weight.columns(); k++) {
            double dH = 0;
            for (int o = 0; o < weight.rows(); o++) {
                dH += c.theta()[weight.offset() + o * weight.columns() + k] * alone.gradient()[bias.offset() + o];
            }
            square += dH * dH;
        }
        assertEquals(Math.sqrt(square), alone.auxiliary().flow().norm(0, 0), 1e-6);
        assertEquals(LONGEST, alone.auxiliary().flow().lags());
    }

    /** The embedding is the head's too: nothing of it is sparse, and its sums meet in the tree like all others. */
    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void tiedEmbedding_overShards_isThatOfOneShard(int shards) {
        HeadSpec tied = new HeadSpec(new CrossEntropy(), 5, Pooling.EVERY, true);
        NetworkSpec spec = new NetworkSpec(new Tokens(5, 4), "gru", "tanh", 4, 2, false, tied);
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < SEQUENCES; s++) {
            sequences.add(RandomSequence.of(spec, 1 + s % LONGEST, 1f, new CounterRandom(3, s)));
        }
        Case c = new Case(spec, sequences, Initializer.initialize(spec.layout(), 3));
        float[] one = c.sum(1, false).mean();
        assertArrayEquals(one, c.sum(shards, false).mean(), 1e-6f);
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "true, 3", "false, 2", "false, 5"})
    void flow_isThatOfOneShard_andTravels(boolean everyStep, int shards) {
        Case c = Case.of("lstm", 2, true, everyStep);
        GradientFlow one = c.sum(1, true).auxiliary().flow();
        GradientSum many = c.sum(shards, true);
        ByteBuffer bytes = ByteBuffer.allocate(many.byteCount());
        many.write(bytes);
        GradientFlow flow =
                GradientSum.read(bytes.flip(), Integer.MAX_VALUE).auxiliary().flow();
        assertEquals(0, bytes.remaining());
        assertEquals(one.lags(), flow.lags());
        for (int layer = 0; layer < 2; layer++) {
            for (int lag = 0; lag < one.lags(); lag++) {
                assertEquals(one.norm(layer, lag), flow.norm(layer, lag), 1e-6 * one.norm(layer, lag));
                assertEquals(many.auxiliary().flow().norm(layer, lag), flow.norm(layer, lag));
            }
        }
    }

    /** With W_hh a multiple of the identity and relu that never cuts, each step back multiplies the gradient by it. */
    @ParameterizedTest
    @CsvSource({
        "0.5, 7, falls under 1 % of its start at lag 7 of 19",
        "1, 20, is still above 1 % of its start 19 steps back",
        "1.5, 20, fold"
    })
    void recurrenceByAFactor_isSeenAsThatFactor(float factor, int reach, String sentence) {
        int hidden = 3;
        int steps = 20;
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Dense(1), "elman", "relu", hidden, new HeadSpec(2, false));
        float[] theta = new float[spec.layout().size()];
        for (int k = 0; k < hidden; k++) {
            theta[spec.layout().slot("rnn.weight_hh_l0").offset() + k * hidden + k] = factor;
            theta[spec.layout().slot("rnn.bias_ih_l0").offset() + k] = 0.001f;
            theta[spec.layout().slot("head.weight").offset() + k] = 1f;
        }
        Sequence sequence = Sequence.ofValues(new float[steps], 1, new int[] {1}, 1f);
        ShardPlan plan = new ShardPlan(1, 1, 1, 0);
        Problem problem = Problem.of(spec, LearningTask.CLASSIFICATION, new LossSpec(LossReduction.STEP), Scaling.NONE);
        GradientFlow flow = new ShardWorker(spec)
                .gradient(
                        theta,
                        ShardChunk.of(List.of(new Shard(0, List.of(sequence), 1)), plan, plan.batch(0)),
                        plan,
                        new EvaluationRequest(plan.batch(0), new StreamStates(), false),
                        problem)
                .root()
                .auxiliary()
                .flow();
        for (int lag = 1; lag < steps; lag++) {
            assertEquals(factor, flow.norm(0, lag) / flow.norm(0, lag - 1), 1e-5, "lag " + lag);
        }
        assertEquals(reach, flow.reach(GradientFlow.SMALL));
        String said = flow.sentence().orElseThrow() + flow.warning().orElse("");
        assertTrue(said.contains(sentence), said);
    }
}
