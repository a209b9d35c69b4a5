package dev.unroll.data;

import java.util.Arrays;
import java.util.Objects;

/**
 * What the loss terms of one sequence compare outputs with: labels, or targets. Immutable by convention: the arrays are
 * not copied.
 *
 * @param labels (1) for a label of the whole sequence, (T) for one per step; empty where there are targets
 * @param targets (1 or T, width), row-major, scaled and rounded: what is trained on; empty where there are labels
 * @param exactTargets as the data have them: what predictions are measured against; null where they are the same
 * @param width the size of one target; 0 where there are labels
 */
record Terms(int[] labels, float[] targets, double[] exactTargets, int width) {

    private static final int[] NO_LABELS = {};
    private static final float[] NO_TARGETS = {};

    static Terms ofLabels(int[] labels) {
        return new Terms(Objects.requireNonNull(labels, "labels"), NO_TARGETS, null, 0);
    }

    static Terms ofTargets(float[] targets, double[] exact, int width) {
        if (width < 1 || targets.length % width != 0) {
            throw new IllegalArgumentException(
                    targets.length + " targets are no whole number of rows of width " + width);
        }
        return new Terms(NO_LABELS, targets, exact, width);
    }

    /** Number of loss terms: labels, or rows of targets. */
    int count() {
        return width == 0 ? labels.length : targets.length / width;
    }

    /** The terms [from, to), as a copy. */
    Terms slice(int from, int to) {
        if (width == 0) {
            return ofLabels(Arrays.copyOfRange(labels, from, to));
        }
        return ofTargets(
                Arrays.copyOfRange(targets, from * width, to * width),
                exactTargets == null ? null : Arrays.copyOfRange(exactTargets, from * width, to * width),
                width);
    }

    /** These terms without {@link #exactTargets}. */
    Terms withoutExactTargets() {
        return exactTargets == null ? this : new Terms(labels, targets, null, width);
    }

    /** How errors name them. */
    String kind() {
        return width == 0 ? "labels" : "targets of width " + width;
    }
}
