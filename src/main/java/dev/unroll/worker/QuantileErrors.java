package dev.unroll.worker;

import dev.unroll.nn.Loss.Quantile;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * How good predicted quantiles are, summed over targets, in the units of these: the pinball loss, and how many targets are
 * between the lowest and the highest quantile. Mutable.
 */
final class QuantileErrors {

    /** Sums: of the pinball loss, a mean over levels; and of targets that are covered. */
    static final int SIZE = 2;

    private double pinball;
    private double covered;

    /**
     * Adds the numbers of one target.
     *
     * @param levels of the quantiles, (K)
     * @param quantiles ascending: all of the first number, then all of the second, ...; (M, K)
     * @param targets (M)
     */
    void count(List<Double> levels, double[] quantiles, double[] targets) {
        int own = levels.size();
        for (int m = 0; m < targets.length; m++) {
            double sum = 0;
            for (int k = 0; k < own; k++) {
                sum += Quantile.pinball(levels.get(k), quantiles[m * own + k] - targets[m]);
            }
            pinball += sum / own;
            covered += quantiles[m * own] <= targets[m] && targets[m] <= quantiles[m * own + own - 1] ? 1 : 0;
        }
    }

    /**
     * The means, by name; no coverage of a single quantile, which has no width.
     *
     * @param numbers how many numbers of targets there are
     */
    void addTo(Map<String, Double> metrics, Quantile loss, double numbers) {
        metrics.put("pinballLoss", pinball / numbers);
        if (loss.levels().size() > 1) {
            metrics.put("coverage", covered / numbers);
        }
    }

    void merge(QuantileErrors other) {
        pinball += other.pinball;
        covered += other.covered;
    }

    void write(ByteBuffer out) {
        out.putDouble(pinball).putDouble(covered);
    }

    /** @param in with {@link #SIZE} doubles */
    static QuantileErrors read(ByteBuffer in) {
        QuantileErrors errors = new QuantileErrors();
        errors.pinball = in.getDouble();
        errors.covered = in.getDouble();
        return errors;
    }
}
