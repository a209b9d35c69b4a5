package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch.ShardSlice;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.train.TrainingCase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What waits for a shared batch, and that sharing changes no bit. */
class SharedBatchTest {

    private static final int STEPS = 3;

    private static ShardSlice slice(int shard, int count) {
        List<Sequence> sequences = Collections.nCopies(count, Sequence.ofTokens(new int[STEPS], new int[] {0}, 1f));
        int[] all = IntStream.range(0, count).toArray();
        return new ShardSlice(new Shard(shard, sequences, 1), all, 0, count);
    }

    private static void add(SharedBatch batch, int shard, int count) {
        batch.add(slice(shard, count), (long) STEPS * count, new GradientSum(1));
    }

    @ParameterizedTest
    @CsvSource({"2097152, 16", "2097156, 32"})
    void batch_isFullWithMoreSequences_whereWeightsDoNotFitInTheCache(long weightBytes, int most) {
        SharedBatch batch = new SharedBatch(weightBytes, Long.MAX_VALUE, Integer.MAX_VALUE);
        add(batch, 0, 10);
        assertTrue(batch.hasRoomFor(most - 10, 1));
        assertFalse(batch.hasRoomFor(most - 10 + 1, 1));
    }

    @Test
    void batch_isFullWithAsManyStepsAsTheGraphHasRoomFor() {
        SharedBatch batch = new SharedBatch(1, 10, Integer.MAX_VALUE);
        add(batch, 0, 2);
        assertTrue(batch.hasRoomFor(1, 4));
        assertFalse(batch.hasRoomFor(1, 5));
    }

    @Test
    void batch_isFullWithAsManySumsAsMayWait() {
        SharedBatch batch = new SharedBatch(1, Long.MAX_VALUE, 2);
        add(batch, 0, 1);
        assertTrue(batch.hasRoomFor(1, STEPS));
        add(batch, 1, 1);
        assertFalse(batch.hasRoomFor(1, STEPS));
    }

    /** Or a sequence that is too long for the graph, or a sum that is too large to wait, could never be added. */
    @Test
    void emptyBatch_takesWhateverComes() {
        SharedBatch batch = new SharedBatch(1, 1, 0);
        assertTrue(batch.hasRoomFor(1000, 1000));
        add(batch, 0, 1);
        assertFalse(batch.hasRoomFor(1, 1));
        batch.clear();
        assertTrue(batch.isEmpty() && batch.hasRoomFor(1000, 1000));
    }

    @Test
    void slicesAndSums_areInTheOrderInWhichTheyCame() {
        SharedBatch batch = new SharedBatch(1, Long.MAX_VALUE, Integer.MAX_VALUE);
        GradientSum first = new GradientSum(1);
        GradientSum second = new GradientSum(1);
        batch.add(slice(7, 1), STEPS, first);
        batch.add(slice(3, 2), STEPS, second);
        assertEquals(
                List.of(7, 3),
                batch.slices().stream().map(s -> s.shard().index()).toList());
        assertSame(first, batch.sums().get(0));
        assertSame(second, batch.sums().get(1));
    }

    /** The oracle is a worker of its own for every shard: nothing can be shared there. */
    @Test
    void sharing_changesNoBit_whateverTheSizesOfShards() {
        TrainingCase c = TrainingCase.random(5, true, 300);
        for (int shards : new int[] {1, 2, 5, 31, 128, 400}) {
            ShardPlan plan = new ShardPlan(1, shards, 300, 0);
            Problem problem =
                    Problem.of(c.spec(), LearningTask.TAGGING, new LossSpec(LossReduction.STEP), Scaling.NONE);
            EvaluationRequest request = new EvaluationRequest(plan.batch(0), new StreamStates(), true);
            List<Shard> all = c.shards(shards);
            GradientSum together = new ShardWorker(c.spec())
                    .gradient(c.theta(), ShardChunk.of(all, plan, plan.batch(0)), plan, request, problem)
                    .root();
            CanonicalTree<GradientSum> apart = new CanonicalTree<>(shards);
            List<Shard> shuffled = new ArrayList<>(all);
            Collections.reverse(shuffled);
            for (Shard shard : shuffled) {
                apart.merge(new ShardWorker(c.spec())
                        .gradient(
                                c.theta(), ShardChunk.of(List.of(shard), plan, plan.batch(0)), plan, request, problem));
            }
            assertEquals(bits(apart.root().gradient()), bits(together.gradient()), shards + " shards");
            assertEquals(apart.root().loss().lossSum(), together.loss().lossSum(), shards + " shards");
            assertEquals(apart.root().noise(), together.noise(), shards + " shards");
        }
    }

    private static List<Integer> bits(float[] numbers) {
        List<Integer> bits = new ArrayList<>();
        for (float number : numbers) {
            bits.add(Float.floatToRawIntBits(number));
        }
        return bits;
    }
}
