package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which executors count as slow. */
class ExecutorSpeedsTest {

    private final ExecutorSpeeds speeds = new ExecutorSpeeds();

    /** An update in which executor k needs that many ns for 100 steps. */
    private void update(double... nanos) {
        List<TaskResult.Header> tasks = new ArrayList<>();
        for (int k = 0; k < nanos.length; k++) {
            tasks.add(new TaskResult.Header(0, (long) nanos[k], 100, Integer.toString(k)));
        }
        speeds.add(tasks);
    }

    private double speed(String executor) {
        return speeds.relative().applyAsDouble(executor);
    }

    @Test
    void oneThatStaysSlow_isSlowAfterSomeUpdates_andNoLongerWhenItIsNot() {
        int updates = 0;
        while (speed("2") == 1) {
            update(1000, 1000, 2000);
            updates++;
        }
        assertEquals(5, updates);
        assertEquals(List.of(1.0, 1.0, 0.5), List.of(speed("0"), speed("1"), speed("2")));
        updates = 0;
        while (speed("2") != 1) {
            update(1000, 1000, 1000);
            updates++;
        }
        assertTrue(updates < 9, updates + " updates");
    }

    @Test
    void tasksThatAreLateNowAndThen_moveNothing() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int k = 0; k < 2000; k++) {
            double[] nanos = random.doubles(8, 950, 1050).toArray();
            nanos[k % 8] *= 3; // each executor every eighth time
            update(nanos);
            for (int executor = 0; executor < 8; executor++) {
                assertEquals(1, speed(Integer.toString(executor)), "update " + k + ", seed " + seed);
            }
        }
    }

    @Test
    void oneThatWasSlow_remainsSo_whileMostOfItsUpdatesAre() {
        for (int k = 0; k < 5; k++) {
            update(1000, 1000, 2000);
        }
        assertEquals(0.5, speed("2"));
        for (int k = 0; k < 20; k++) {
            update(1000, 1000, k % 3 == 0 ? 1000 : 2000); // a third is not slow
            assertEquals(0.5, speed("2"), "update " + k);
        }
    }

    @Test
    void oneThatIsSlowInTwoOfThreeUpdates_doesNotBecomeSlow() {
        for (int k = 0; k < 20; k++) {
            update(1000, 1000, k % 3 == 0 ? 1000 : 2000);
            assertEquals(1, speed("2"), "update " + k);
        }
    }

    @Test
    void ofTwo_bothDifferFromTheirMean() {
        for (int k = 0; k < 9; k++) {
            update(1000, 2000);
        }
        assertEquals(2, speed("0") / speed("1"), 1e-9);
    }

    @Test
    void oneThatIsLost_isForgotten_andOneThatIsAloneIsTypical() {
        for (int k = 0; k < 9; k++) {
            update(1000, 2000);
        }
        update(1000);
        assertEquals(1, speed("0"));
        assertEquals(1, speed("1"));
    }

    @Test
    void tasksWithoutSteps_sayNothing() {
        for (int k = 0; k < 9; k++) {
            speeds.add(List.of(
                    new TaskResult.Header(0, 1000, 100, "0"),
                    new TaskResult.Header(0, 1000, 100, "1"),
                    new TaskResult.Header(0, 1000, 0, "2")));
        }
        assertEquals(List.of(1.0, 1.0, 1.0), List.of(speed("0"), speed("1"), speed("2")));
    }
}
