package dev.unroll.cli.bench;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.OutputFile;
import dev.unroll.cli.frame.Rounding;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.format.FormatException;
import dev.unroll.preflight.ClusterCosts;
import dev.unroll.preflight.TimeEstimate;
import dev.unroll.preflight.UpdateSimulation;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Updates on numbers of executors that there are not: simulated, beside what the estimate says. */
final class SimulationBench {

    static final String SIMULATE = "simulate";
    static final String TASK_TIMES = "task-times";
    private static final int MOST = 10_000;
    private static final int UPDATES = 2000;
    private static final int QUANTILES = 10_000;
    private static final long SEED = 1;
    private static final List<Double> SLOW = List.of(1.5, 3.0);

    private SimulationBench() {}

    static List<Option> options() {
        return List.of(
                Option.text(
                        SIMULATE,
                        "with ghost-ms or task-times: numbers of executors to simulate updates on, such as 1,10,100,1000, with one task each"),
                Option.text(
                        TASK_TIMES,
                        "with simulate: a file of recorded times of a task, ms a line, which tasks draw from in place of ghost-ms"));
    }

    /** @throws UsageException for numbers that are none */
    static List<Integer> executors(Settings settings) {
        return settings.get(SIMULATE)
                .map(text -> Arrays.stream(text.split(",", -1))
                        .map(String::strip)
                        .map(number -> {
                            int count = number.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(number) : 0;
                            if (count < 1 || count > MOST) {
                                throw new UsageException(SIMULATE + " is " + FormatException.shown(text)
                                        + "; allowed are whole numbers from 1 to " + MOST
                                        + " with commas between them");
                            }
                            return count;
                        })
                        .toList())
                .orElse(List.of());
    }

    /** @throws UsageException for a file that has anything but times */
    static double[] times(Settings settings, double ghostMs, double spread) {
        if (!settings.has(TASK_TIMES)) {
            return UpdateSimulation.logNormal(ghostMs, spread, QUANTILES);
        }
        String text = settings.require(TASK_TIMES);
        try {
            List<String> lines = Files.readAllLines(OutputFile.localPath(TASK_TIMES, text));
            double[] times = IntStream.range(0, lines.size())
                    .mapToDouble(i -> time(text, i + 1, lines.get(i)))
                    .toArray();
            if (times.length == 0) {
                throw new UsageException(TASK_TIMES + " " + FormatException.shown(text)
                        + " has no line; expected is a time in ms on each");
            }
            return times;
        } catch (IOException e) {
            throw new UsageException(
                    TASK_TIMES + " " + FormatException.shown(text) + " cannot be read: " + FormatException.reason(e));
        }
    }

    private static double time(String file, int number, String line) {
        try {
            double ms = Double.parseDouble(line);
            if (ms >= 0 && ms < Double.POSITIVE_INFINITY) {
                return ms;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw new UsageException(TASK_TIMES + " " + FormatException.shown(file) + ": line " + number + " is "
                + FormatException.shown(line) + "; allowed is a time in ms, at least 0");
    }

    /** Prints a table, and gives the same as JSON. */
    static List<Map<String, Object>> run(Settings settings, long bytes, double[] times, ClusterCosts costs) {
        double mean = Arrays.stream(times).average().orElseThrow();
        double spread = Math.sqrt(Arrays.stream(times)
                        .map(ms -> (ms - mean) * (ms - mean))
                        .average()
                        .orElseThrow())
                / Math.max(Double.MIN_NORMAL, mean);
        System.out.println("executors  estimated ms  simulated ms      10 %      90 %  one x 1.5    one x 3");
        List<Map<String, Object>> points = new ArrayList<>();
        for (int executors : executors(settings)) {
            double estimate = TimeEstimate.ofGhostWork(executors, bytes, mean, spread, 0, costs)
                    .totalMs();
            double[] even = new UpdateSimulation(executors, bytes, times, 1, costs).run(UPDATES, SEED);
            Map<String, Object> point = new LinkedHashMap<>();
            point.put("executors", executors);
            point.put("estimatedMs", Rounding.rounded(estimate, 2));
            point.put("simulatedMs", Rounding.rounded(mean(even), 2));
            Arrays.sort(even);
            point.put("tenthMs", Rounding.rounded(even[UPDATES / 10], 2));
            point.put("nineTenthsMs", Rounding.rounded(even[UPDATES * 9 / 10], 2));
            for (double slow : SLOW) {
                double[] ms = new UpdateSimulation(executors, bytes, times, slow, costs).run(UPDATES, SEED);
                point.put("slow" + slow + "Ms", Rounding.rounded(mean(ms), 2));
            }
            System.out.println(String.format(
                    Locale.ROOT,
                    "%9d  %12.1f  %12.1f  %8.1f  %8.1f  %9.1f  %9.1f",
                    point.values().toArray()));
            points.add(point);
        }
        return points;
    }

    private static double mean(double[] ms) {
        return Arrays.stream(ms).average().orElseThrow();
    }
}
