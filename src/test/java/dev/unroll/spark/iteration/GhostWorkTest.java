package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.ShardPlan;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GhostWorkTest {

    private static final ShardPlan.Batch FIRST = new ShardPlan.Batch(0, 0, 1);

    /** Over 20,000 tasks; five standard errors of the mean and of the deviation are allowed. */
    @Test
    void timesHaveTheMeanAndTheSpreadThatWereAskedFor() {
        GhostWork work = new GhostWork(200, 0.1, 7);
        double[] times = IntStream.range(0, 20_000)
                .mapToDouble(task -> work.ms(FIRST, task))
                .toArray();
        double mean = Arrays.stream(times).average().orElseThrow();
        double deviation = Math.sqrt(
                Arrays.stream(times).map(t -> (t - mean) * (t - mean)).average().orElseThrow());
        assertEquals(200, mean, 5 * 20 / Math.sqrt(20_000));
        assertEquals(20, deviation, 5 * 20 / Math.sqrt(2 * 20_000));
        assertTrue(Arrays.stream(times).min().orElseThrow() > 0);
    }

    @Test
    void anUpdateAndATaskHaveATimeOfTheirOwnWheneverTheyAreAsked() {
        GhostWork work = new GhostWork(200, 0.1, 7);
        ShardPlan.Batch second = new ShardPlan.Batch(1, 0, 1);
        assertEquals(work.ms(FIRST, 3), work.ms(FIRST, 3));
        assertNotEquals(work.ms(FIRST, 3), work.ms(FIRST, 4));
        assertNotEquals(work.ms(FIRST, 3), work.ms(second, 3));
        assertNotEquals(work.ms(FIRST, 3), new GhostWork(200, 0.1, 8).ms(FIRST, 3));
    }

    @Test
    void withoutSpreadAllAreTheSame() {
        GhostWork work = new GhostWork(200, 0, 7);
        assertEquals(200, work.ms(FIRST, 3));
        assertEquals(200, work.ms(FIRST, 4));
    }
}
