package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Errors of {@linkplain NaiveForecast naive forecasts}, summed beside those of a network over the same targets, and the
 * mean absolute scaled errors of all of them: the sum of absolute errors over that of the {@linkplain
 * NaiveForecast#change mean change} of each target's sequence. So a sequence that hardly changes weighs as little as its
 * numbers do. Mutable.
 */
final class NaiveErrors {

    /** Sums: of each forecast the squared and absolute errors, and the absolute ones of targets that have a change; of those the network's, and the change. */
    static final int SIZE = 8;

    private static final int NAIVE = 0;
    private static final int SEASONAL = 3;
    private static final int OWN = 6;
    private static final int CHANGE = 7;

    private final double[] sums = new double[SIZE];

    /**
     * Adds the errors of some targets of a sequence.
     *
     * @param b the sequence
     * @param first number of the first of these targets, from 0
     * @param count how many targets the sequence has
     * @param targets in the units of the data
     * @param errors the network's
     */
    void count(
            NaiveForecast forecast,
            SequenceBatch batch,
            int b,
            int first,
            int count,
            double[] targets,
            double[] errors) {
        double change = forecast.change(batch, b);
        boolean scales = !Double.isNaN(change); // a past shorter than a season says nothing
        for (int j = 0; j < targets.length; j++) {
            add(NAIVE, forecast.of(batch, b, first + j, count, 1) - targets[j], scales);
            if (forecast.isSeasonal()) {
                double value = forecast.of(batch, b, first + j, count, forecast.season());
                add(SEASONAL, value - targets[j], scales);
            }
            if (scales) {
                sums[OWN] += Math.abs(errors[j]);
                sums[CHANGE] += change;
            }
        }
    }

    private void add(int first, double error, boolean scales) {
        sums[first] += error * error;
        sums[first + 1] += Math.abs(error);
        sums[first + 2] += scales ? Math.abs(error) : 0;
    }

    /**
     * The means, by name; without those that not every target has.
     *
     * @param targets how many there are
     */
    void addTo(Map<String, Double> metrics, NaiveForecast forecast, double targets) {
        put(metrics, "naive", NAIVE, targets);
        if (forecast.isSeasonal()) {
            put(metrics, "seasonalNaive", SEASONAL, targets);
        }
        put(metrics, "meanAbsoluteScaledError", sums[OWN] / sums[CHANGE]);
        put(metrics, "naiveMeanAbsoluteScaledError", sums[NAIVE + 2] / sums[CHANGE]);
        if (forecast.isSeasonal()) {
            put(metrics, "seasonalNaiveMeanAbsoluteScaledError", sums[SEASONAL + 2] / sums[CHANGE]);
        }
    }

    /** The names of the means where every target has them. */
    static Set<String> names(NaiveForecast forecast) {
        NaiveErrors some = new NaiveErrors();
        Arrays.fill(some.sums, 1);
        Map<String, Double> metrics = new TreeMap<>();
        some.addTo(metrics, forecast, 1);
        return metrics.keySet();
    }

    private void put(Map<String, Double> metrics, String name, int first, double targets) {
        put(metrics, name + "MeanSquaredError", sums[first] / targets);
        put(metrics, name + "MeanAbsoluteError", sums[first + 1] / targets);
    }

    private static void put(Map<String, Double> metrics, String name, double value) {
        if (Double.isFinite(value)) { // and where nothing changes there is no scale
            metrics.put(name, value);
        }
    }

    void merge(NaiveErrors other) {
        for (int i = 0; i < SIZE; i++) {
            sums[i] += other.sums[i];
        }
    }

    void write(ByteBuffer out) {
        for (double sum : sums) {
            out.putDouble(sum);
        }
    }

    /** @param in with {@link #SIZE} doubles */
    static NaiveErrors read(ByteBuffer in) {
        NaiveErrors errors = new NaiveErrors();
        for (int i = 0; i < SIZE; i++) {
            errors.sums[i] = in.getDouble();
        }
        return errors;
    }
}
