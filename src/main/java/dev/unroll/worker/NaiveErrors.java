package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Errors of {@linkplain NaiveForecast naive forecasts}, summed beside those of a network over the same targets, and the
 * mean absolute scaled errors of all of them. Mutable.
 */
final class NaiveErrors {

    /** Sums: three errors of each forecast, the network's scaled errors, and how many were scaled. */
    static final int SIZE = 8;

    private static final int NAIVE = 0;
    private static final int SEASONAL = 3;
    private static final int OWN = 6;
    private static final int SCALED = 7;

    private final double[] sums = new double[SIZE];

    /**
     * Adds the errors of all targets of a sequence.
     *
     * @param b the sequence
     * @param targets in the units of the data
     * @param errors the network's
     */
    void count(NaiveForecast forecast, SequenceBatch batch, int b, double[] targets, double[] errors) {
        double change = forecast.change(batch, b);
        boolean scales = change > 0; // a past that does not change is no scale, and a short one says nothing
        for (int j = 0; j < targets.length; j++) {
            add(NAIVE, forecast.of(batch, b, j, targets.length, 1) - targets[j], scales ? change : 0);
            if (forecast.isSeasonal()) {
                double value = forecast.of(batch, b, j, targets.length, forecast.season());
                add(SEASONAL, value - targets[j], scales ? change : 0);
            }
            if (scales) {
                sums[OWN] += Math.abs(errors[j]) / change;
                sums[SCALED]++;
            }
        }
    }

    private void add(int first, double error, double change) {
        sums[first] += error * error;
        sums[first + 1] += Math.abs(error);
        sums[first + 2] += change == 0 ? 0 : Math.abs(error) / change;
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
        put(metrics, "meanAbsoluteScaledError", sums[OWN] / sums[SCALED]);
        put(metrics, "naiveMeanAbsoluteScaledError", sums[NAIVE + 2] / sums[SCALED]);
        if (forecast.isSeasonal()) {
            put(metrics, "seasonalNaiveMeanAbsoluteScaledError", sums[SEASONAL + 2] / sums[SCALED]);
        }
    }

    private void put(Map<String, Double> metrics, String name, int first, double targets) {
        put(metrics, name + "MeanSquaredError", sums[first] / targets);
        put(metrics, name + "MeanAbsoluteError", sums[first + 1] / targets);
    }

    private static void put(Map<String, Double> metrics, String name, double value) {
        if (!Double.isNaN(value)) {
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
