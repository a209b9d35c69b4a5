package dev.unroll.preflight;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The simulation beside the estimate, which has the same costs, and beside cases that are seen at once. */
class UpdateSimulationTest {

    private static final ClusterCosts COSTS = ClusterCosts.usual(false);

    private static double mean(double[] ms) {
        return Arrays.stream(ms).average().orElseThrow();
    }

    /** Without any spread; by tasks that stay, with theta broadcast, and by a job each. */
    @ParameterizedTest
    @CsvSource({"1, 0, 200", "2, 1600000, 200", "4, 1600000, 50", "16, 1600000, 200", "3, 400000, 1500"})
    void equalTasks_takeWhatTheEstimateSays(int tasks, long bytes, double ms) {
        TimeEstimate estimate = TimeEstimate.ofGhostWork(tasks, bytes, ms, 0, 0, COSTS);
        double[] updates = new UpdateSimulation(tasks, bytes, new double[] {ms}, 1, COSTS).run(400, 1);
        double launch = estimate.updatesPerJob() == 1 ? 0 : 9.5 / estimate.updatesPerJob();
        // The launch of a job is that of one update, and of the estimate a share of each; groups are whole updates.
        assertEquals(estimate.totalMs() - launch, Arrays.stream(updates).min().orElseThrow(), 1e-9);
        assertEquals(estimate.totalMs(), mean(updates), 0.1 * launch + 1e-9);
    }

    @ParameterizedTest
    @CsvSource({"2, 0.3", "8, 0.1", "32, 0.1", "200, 0.2"})
    void spreadOfTasks_costsOnAverageWhatTheEstimateSays(int tasks, double spread) {
        TimeEstimate estimate = TimeEstimate.ofGhostWork(tasks, 0, 200, spread, 0, COSTS);
        double[] times = UpdateSimulation.logNormal(200, spread, 20_000);
        double[] updates = new UpdateSimulation(tasks, 0, times, 1, COSTS).run(4_000, 2);
        double error = Math.sqrt(Arrays.stream(updates)
                        .map(ms -> (ms - mean(updates)) * (ms - mean(updates)))
                        .sum())
                / updates.length;
        assertEquals(estimate.totalMs(), mean(updates), 5 * error + 0.002 * estimate.totalMs());
    }

    /** By hand: 100 ms, and 150 of the slow one; sums of 1.25 ms each are there before it is. */
    @Test
    void slowExecutor_isWaitedFor() {
        double[] even = new UpdateSimulation(4, 1_000_000, new double[] {100}, 1, COSTS).run(2, 1);
        double[] slow = new UpdateSimulation(4, 1_000_000, new double[] {100}, 1.5, COSTS).run(2, 1);
        // 5 ms out, 0.6 of a call, 0.4 to merge, 1 to update
        assertEquals(5 + 100 + 4 * 1.25 + 0.6 + 4 * 0.1 + 1, even[1], 1e-9);
        assertEquals(5 + 150 + 1.25 + 0.6 + 4 * 0.1 + 1, slow[1], 1e-9);
        assertEquals(9.5, even[0] - even[1], 1e-9, "the launch of the job");
    }

    @Test
    void draws_areThoseOfTheSeed_andOfTheRecordedTimes() {
        double[] times = IntStream.rangeClosed(1, 50).asDoubleStream().toArray();
        UpdateSimulation simulation = new UpdateSimulation(1, 0, times, 1, COSTS);
        double[] updates = simulation.run(5000, 7);
        assertArrayEquals(updates, simulation.run(5000, 7));
        double rest = Arrays.stream(updates).min().orElseThrow() - 1;
        assertEquals(25.5, mean(updates) - rest, 1.2);
    }
}
