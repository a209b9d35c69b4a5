package dev.unroll.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.preflight.ExchangeCost;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Costs that were made up are found again in the times they give. */
class ExchangeFitTest {

    private static List<ExchangeFit.Point> points(ExchangeCost cost, Random random, double noise) {
        List<ExchangeFit.Point> points = new ArrayList<>();
        for (int tasks : new int[] {1, 2, 4, 7}) {
            for (double megabytes : new double[] {0.01, 0.8, 3}) {
                double ms = cost.ms()
                        + cost.taskMs() * tasks
                        + cost.mbMs() * megabytes
                        + cost.taskMbMs() * megabytes * tasks;
                points.add(new ExchangeFit.Point(tasks, tasks, megabytes, ms * (1 + noise * random.nextGaussian())));
            }
        }
        return points;
    }

    private static void assertNear(ExchangeCost cost, ExchangeCost found, double error, String seed) {
        assertEquals(cost.ms(), found.ms(), error, seed);
        assertEquals(cost.taskMs(), found.taskMs(), error, seed);
        assertEquals(cost.mbMs(), found.mbMs(), error, seed);
        assertEquals(cost.taskMbMs(), found.taskMbMs(), error, seed);
    }

    @RepeatedTest(5)
    void costs_areFound_someOfThem0() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int set = 1; set < 16; set++) {
            double[] numbers = new double[4];
            for (int i = 0; i < 4; i++) {
                numbers[i] = (set >> i & 1) == 0 ? 0 : 0.5 + 10 * random.nextDouble();
            }
            ExchangeCost cost = new ExchangeCost(numbers[0], numbers[1], numbers[2], numbers[3]);
            assertNear(cost, ExchangeFit.of(points(cost, random, 0)), 1e-6, "seed " + seed + ", set " + set);
        }
    }

    /** A fit without bounds would make the launch negative: times fall below a line through 0. */
    @Test
    void noCost_isNegative() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ExchangeCost cost = new ExchangeCost(0, 5, 0, 12);
        for (int n = 0; n < 20; n++) {
            ExchangeCost found = ExchangeFit.of(points(cost, random, 0.05));
            assertTrue(
                    found.ms() >= 0 && found.taskMs() >= 0 && found.mbMs() >= 0 && found.taskMbMs() >= 0,
                    () -> "seed " + seed + ": " + found);
            assertEquals(12, found.taskMbMs(), 3, () -> "seed " + seed + ": " + found);
        }
    }

    /** With one number of tasks only, launch and task cannot be told apart; the times are met all the same. */
    @Test
    void whatPointsDoNotDetermine_isNoNumber() {
        List<ExchangeFit.Point> points = List.of(
                new ExchangeFit.Point(1, 1, 0, 3),
                new ExchangeFit.Point(1, 1, 1, 5),
                new ExchangeFit.Point(1, 1, 2, 7));
        ExchangeCost found = ExchangeFit.of(points);
        assertEquals(3, found.ms() + found.taskMs(), 1e-6);
        assertEquals(2, found.mbMs() + found.taskMbMs(), 1e-6);
    }
}
