package dev.unroll.spark.iteration;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * How fast executors compute, relative to each other, by the latest updates. One counts as slow or fast only while
 * three quarters of its updates were: single late tasks are no reason to move shards. It does so until the median of its
 * updates is not: shards should not move back and forth.
 */
final class ExecutorSpeeds {

    /** Updates that are looked at, and those that there must be. */
    private static final int WINDOW = 9;

    private static final int LEAST = 5;

    /** What the nearer quartile of an executor's updates must differ by from the typical executor, and their median afterwards. */
    private static final double CLEAR = 1.15;

    private static final double QUARTILE = 0.75;

    private final Map<String, Deque<Double>> latest = new HashMap<>(); // steps a ns
    private Set<String> before = Set.of(); // those that were slow or fast when it was last asked

    /** Notes one update. */
    void add(List<TaskResult.Header> tasks) {
        Map<String, long[]> sums = new HashMap<>(); // steps and ns: an executor may have several tasks
        for (TaskResult.Header task : tasks) {
            long[] sum = sums.computeIfAbsent(task.executor(), executor -> new long[2]);
            sum[0] += task.steps();
            sum[1] += task.computeNanos();
        }
        latest.keySet().retainAll(sums.keySet()); // others are lost, or have no work
        sums.forEach((executor, sum) -> {
            if (sum[0] > 0 && sum[1] > 0) {
                Deque<Double> window = latest.computeIfAbsent(executor, e -> new ArrayDeque<>());
                window.add((double) sum[0] / sum[1]);
                if (window.size() > WINDOW) {
                    window.remove();
                }
            }
        });
    }

    /** The speed of an executor, by its id, over that of the typical one; 1 where it does not clearly differ. */
    ToDoubleFunction<String> relative() {
        Map<String, Double> now = untypical();
        before = now.keySet();
        return executor -> now.getOrDefault(executor, 1.0);
    }

    private Map<String, Double> untypical() {
        Map<String, double[]> sorted = new HashMap<>();
        latest.forEach((executor, window) -> {
            if (window.size() >= LEAST) {
                sorted.put(
                        executor, window.stream().mapToDouble(d -> d).sorted().toArray());
            }
        });
        double[] medians = sorted.values().stream()
                .mapToDouble(rates -> quantile(rates, 0.5))
                .sorted()
                .toArray();
        Map<String, Double> untypical = new HashMap<>();
        if (medians.length < 2) {
            return untypical;
        }
        double typical = quantile(medians, 0.5);
        sorted.forEach((executor, rates) -> {
            double level = before.contains(executor) ? 0.5 : QUARTILE;
            if (quantile(rates, level) < typical / CLEAR || quantile(rates, 1 - level) > typical * CLEAR) {
                untypical.put(executor, quantile(rates, 0.5) / typical);
            }
        });
        return untypical;
    }

    /** Interpolated between neighbours. */
    private static double quantile(double[] sorted, double q) {
        double at = q * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
