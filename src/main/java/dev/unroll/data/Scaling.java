package dev.unroll.data;

import java.io.Serializable;

/**
 * Dense inputs and targets brought to mean 0 and standard deviation 1 by statistics of the training part: x becomes (x
 * - mean) / deviation, number by number. Empty arrays leave their side as it is. Immutable by convention.
 *
 * @param inputMeans (D)
 * @param inputDeviations (D), all above 0
 * @param targetMeans (C)
 * @param targetDeviations (C), all above 0
 */
public record Scaling(float[] inputMeans, float[] inputDeviations, float[] targetMeans, float[] targetDeviations)
        implements Serializable {

    /** Leaves everything as it is. */
    public static final Scaling NONE = new Scaling(new float[0], new float[0], new float[0], new float[0]);

    public Scaling {
        requireSound("input", inputMeans, inputDeviations);
        requireSound("target", targetMeans, targetDeviations);
    }

    private static void requireSound(String side, float[] means, float[] deviations) {
        if (means.length != deviations.length) {
            throw new IllegalArgumentException(
                    "the scaling has " + means.length + " " + side + " means and " + deviations.length + " deviations");
        }
        for (int j = 0; j < means.length; j++) {
            if (!Float.isFinite(means[j]) || !(deviations[j] > 0) || !Float.isFinite(deviations[j])) {
                throw new IllegalArgumentException("the scaling of " + side + " number " + j + " has mean " + means[j]
                        + " and deviation " + deviations[j] + "; allowed are finite numbers, and deviations above 0");
            }
        }
    }

    /** The sequence with scaled steps and targets. */
    public Sequence apply(Sequence s) {
        Sequence scaled = inputMeans.length == 0
                ? s
                : Sequence.ofValues(scale(s.values(), inputMeans, inputDeviations), s.width(), s.labels(), s.weight());
        if (s.targetWidth() == 0) {
            return scaled;
        }
        float[] targets = targetMeans.length == 0 ? s.targets() : scale(s.targets(), targetMeans, targetDeviations);
        return scaled.withTargets(targets, s.targetWidth());
    }

    private static float[] scale(float[] values, float[] means, float[] deviations) {
        float[] scaled = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int j = i % means.length;
            scaled[i] = (values[i] - means[j]) / deviations[j];
        }
        return scaled;
    }

    /** A prediction in the units of the targets: number {@code j} of a target. */
    public float unscaleTarget(float value, int j) {
        return targetMeans.length == 0 ? value : Math.fma(value, targetDeviations[j], targetMeans[j]);
    }
}
