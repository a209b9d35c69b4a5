package dev.unroll.data;

import java.util.Arrays;
import java.util.Objects;

/**
 * What the loss terms of one sequence compare outputs with: labels, or targets, and what each term weighs. A term that is
 * missing, label {@link #MISSING} or a target with NaN, weighs 0. Immutable by convention: the arrays are not copied.
 *
 * @param labels (1) for a label of the whole sequence, (T) for one per step; empty where there are targets
 * @param targets (1 or T, width), row-major, scaled and rounded: what is trained on; empty where there are labels
 * @param exactTargets as the data have them: what predictions are measured against; null where they are the same
 * @param width the size of one target; 0 where there are labels
 * @param weights of the terms, (1 or T), at least 0; null where all are 1
 */
record Terms(int[] labels, float[] targets, double[] exactTargets, int width, float[] weights) {

    /** The label of a step that has none. */
    static final int MISSING = -1;

    private static final int[] NO_LABELS = {};
    private static final float[] NO_TARGETS = {};

    static Terms ofLabels(int[] labels) {
        return new Terms(Objects.requireNonNull(labels, "labels"), NO_TARGETS, null, 0, null).weighted(null);
    }

    static Terms ofTargets(float[] targets, double[] exact, int width) {
        if (width < 1 || targets.length % width != 0) {
            throw new IllegalArgumentException(
                    targets.length + " targets are no whole number of rows of width " + width);
        }
        return new Terms(NO_LABELS, targets, exact, width, null).weighted(null);
    }

    /**
     * These terms with other weights, 0 for those that are missing.
     *
     * @param others one per term; null for all 1
     * @throws IllegalArgumentException if there is not one per term, or one is below 0 or not finite
     */
    Terms weighted(float[] others) {
        if (others != null && others.length != count()) {
            throw new IllegalArgumentException(others.length + " weights for " + count() + " labels or targets");
        }
        float[] all = null;
        for (int t = 0; t < count(); t++) {
            float weight = others == null ? 1 : others[t];
            if (!(weight >= 0 && weight < Float.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "the weight of term " + t + " is " + weight + "; allowed is 0 or more");
            }
            weight = isMissing(t) ? 0 : weight;
            if (weight != 1 && all == null) {
                all = new float[count()];
                Arrays.fill(all, 0, t, 1f);
            }
            if (all != null) {
                all[t] = weight;
            }
        }
        return new Terms(labels, targets, exactTargets, width, all);
    }

    private boolean isMissing(int t) {
        if (width == 0) {
            return labels[t] == MISSING;
        }
        for (int at = t * width; at < (t + 1) * width; at++) {
            if (Float.isNaN(targets[at])) {
                return true;
            }
        }
        return false;
    }

    /** Number of loss terms: labels, or rows of targets; those that are missing count. */
    int count() {
        return width == 0 ? labels.length : targets.length / width;
    }

    /** What all terms weigh together: the sum in double, step by step; their number where each weighs 1. */
    double weight() {
        if (weights == null) {
            return count();
        }
        double sum = 0;
        for (float weight : weights) {
            sum += weight;
        }
        return sum;
    }

    /** The terms [from, to), as a copy. */
    Terms slice(int from, int to) {
        float[] some = weights == null ? null : Arrays.copyOfRange(weights, from, to);
        if (width == 0) {
            return ofLabels(Arrays.copyOfRange(labels, from, to)).weighted(some);
        }
        return ofTargets(
                        Arrays.copyOfRange(targets, from * width, to * width),
                        exactTargets == null ? null : Arrays.copyOfRange(exactTargets, from * width, to * width),
                        width)
                .weighted(some);
    }

    /** These terms without {@link #exactTargets}. */
    Terms withoutExactTargets() {
        return exactTargets == null ? this : new Terms(labels, targets, null, width, weights);
    }

    /** How errors name them. */
    String kind() {
        return width == 0 ? "labels" : "targets of width " + width;
    }
}
