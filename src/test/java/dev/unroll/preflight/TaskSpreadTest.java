package dev.unroll.preflight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected times of ranked tasks, against draws and what is known in closed form. */
class TaskSpreadTest {

    private static final int DRAWS = 20_000;

    @ParameterizedTest
    @CsvSource({"1, 0.1", "2, 0.3", "8, 0.1", "32, 0.1", "32, 1.0", "1000, 0.1", "1000, 0.5", "5000, 0.3"})
    void ranked_isTheMeanOverDraws(int tasks, double deviation) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        double variance = Math.log(1 + deviation * deviation);
        int draws = DRAWS / (tasks > 100 ? 20 : 1);
        double[] sums = new double[tasks];
        double[] squares = new double[tasks];
        for (int d = 0; d < draws; d++) {
            double[] times = new double[tasks];
            for (int i = 0; i < tasks; i++) {
                times[i] = Math.exp(Math.sqrt(variance) * random.nextGaussian() - variance / 2);
            }
            Arrays.sort(times);
            for (int i = 0; i < tasks; i++) {
                sums[i] += times[i];
                squares[i] += times[i] * times[i];
            }
        }
        for (int rank : new int[] {1, (tasks + 9) / 10, (tasks + 1) / 2, tasks}) {
            double mean = sums[rank - 1] / draws;
            double error = Math.sqrt((squares[rank - 1] / draws - mean * mean) / draws);
            double expected = new TaskSpread(deviation).ranked(rank, tasks);
            assertTrue(
                    Math.abs(expected - mean) <= 5 * error,
                    () -> "seed " + seed + ": rank " + rank + " of " + tasks + " is " + expected + ", drawn " + mean
                            + " +- " + error);
        }
    }

    @Test
    void ranked_isKnown_ofOneTask_ofEqualTimes_andOnAverage() {
        for (double deviation : new double[] {0, 0.1, 1, 3}) {
            TaskSpread spread = new TaskSpread(deviation);
            assertEquals(1, spread.slowest(1), 1e-12, "the mean");
            double sum = 0;
            for (int rank = 1; rank <= 120; rank++) {
                sum += spread.ranked(rank, 120);
            }
            assertEquals(120, sum, 1e-8, "all ranks together");
        }
        assertEquals(1, new TaskSpread(0).slowest(1000), 1e-10);
        // Of two: the mean of the larger is 2 Phi(sigma / sqrt 2), sigma^2 = ln(1 + 0.25) = 0.223144; Phi(0.334024) =
        // 0.630818.
        assertEquals(2 * 0.630818, new TaskSpread(0.5).slowest(2), 1e-5);
    }
}
