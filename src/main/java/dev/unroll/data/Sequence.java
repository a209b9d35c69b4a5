package dev.unroll.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One training sequence: its steps as token ids or as dense rows, its labels or targets, and its weight. Immutable by
 * convention: the arrays are not copied.
 */
public final class Sequence {

    private final int[] tokens; // (T), or null
    private final float[] values; // (T, D), or null
    private final int width;
    private final int[]
            labels; // (1) for a label of the whole sequence, (T) for one per step; empty where there are targets
    private final float[] targets; // (1 or T, targetWidth), or empty
    private final double[] exactTargets; // as the data have them; null where targets are
    private final int targetWidth;
    private final float weight;

    private Sequence(
            int[] tokens,
            float[] values,
            int width,
            int[] labels,
            float[] targets,
            double[] exactTargets,
            int targetWidth,
            float weight) {
        this.tokens = tokens;
        this.values = values;
        this.width = width;
        this.labels = Objects.requireNonNull(labels, "labels");
        this.targets = targets;
        this.exactTargets = exactTargets;
        this.targetWidth = targetWidth;
        this.weight = weight;
        if (length() == 0) {
            throw new IllegalArgumentException("a sequence needs at least one step");
        }
    }

    /** Steps given as ids of a vocabulary, shape (T). */
    public static Sequence ofTokens(int[] tokens, int[] labels, float weight) {
        return new Sequence(Objects.requireNonNull(tokens, "tokens"), null, 0, labels, new float[0], null, 0, weight);
    }

    /** Steps given as rows of numbers, shape (T, width), row-major. */
    public static Sequence ofValues(float[] values, int width, int[] labels, float weight) {
        if (width < 1 || values.length % width != 0) {
            throw new IllegalArgumentException(values.length + " values are no whole number of rows of width " + width);
        }
        return new Sequence(null, values, width, labels, new float[0], null, 0, weight);
    }

    /** A copy with targets instead of labels: (1 or T, targetWidth), row-major. */
    public Sequence withTargets(float[] newTargets, int newWidth) {
        return withTargets(newTargets, null, newWidth);
    }

    /**
     * A copy with targets instead of labels: (1 or T, targetWidth), row-major.
     *
     * @param newTargets scaled and rounded: what is trained on
     * @param exact as the data have them: what predictions are measured against; null where they are the same
     */
    public Sequence withTargets(float[] newTargets, double[] exact, int newWidth) {
        if (newWidth < 1 || newTargets.length % newWidth != 0) {
            throw new IllegalArgumentException(
                    newTargets.length + " targets are no whole number of rows of width " + newWidth);
        }
        return new Sequence(tokens, values, width, new int[0], newTargets, exact, newWidth, weight);
    }

    /** A copy that is trained on, not measured: without {@link #exactTargets}. */
    public Sequence withoutExactTargets() {
        return exactTargets == null
                ? this
                : new Sequence(tokens, values, width, labels, targets, null, targetWidth, weight);
    }

    /**
     * Concatenates the steps of several sequences; the weight is the first one's.
     *
     * @param pieces a single one of any kind, or several of tokens with a label per step
     */
    public static Sequence joined(List<Sequence> pieces) {
        if (pieces.size() == 1) {
            return pieces.get(0);
        }
        return ofTokens(
                pieces.stream()
                        .flatMapToInt(piece -> Arrays.stream(piece.tokens))
                        .toArray(),
                pieces.stream()
                        .flatMapToInt(piece -> Arrays.stream(piece.labels))
                        .toArray(),
                pieces.get(0).weight);
    }

    /** The steps [from, to) of a sequence with a label or target per step. */
    public Sequence slice(int from, int to) {
        int[] some = labels.length == 0 ? labels : Arrays.copyOfRange(labels, from, to);
        Sequence slice = hasTokens()
                ? ofTokens(Arrays.copyOfRange(tokens, from, to), some, weight)
                : ofValues(Arrays.copyOfRange(values, from * width, to * width), width, some, weight);
        return targetWidth == 0
                ? slice
                : slice.withTargets(
                        Arrays.copyOfRange(targets, from * targetWidth, to * targetWidth),
                        exactTargets == null
                                ? null
                                : Arrays.copyOfRange(exactTargets, from * targetWidth, to * targetWidth),
                        targetWidth);
    }

    /** T, the number of steps. */
    public int length() {
        return tokens != null ? tokens.length : values.length / width;
    }

    /** Whether the steps are tokens; otherwise they are dense rows. */
    public boolean hasTokens() {
        return tokens != null;
    }

    /** Token ids (T); null for dense rows. */
    public int[] tokens() {
        return tokens;
    }

    /** Dense rows (T, width); null for tokens. */
    public float[] values() {
        return values;
    }

    /** D, the size of one dense step; 0 for tokens. */
    public int width() {
        return width;
    }

    /** Class indices: one for the whole sequence, or one per step. */
    public int[] labels() {
        return labels;
    }

    /** Targets, (terms, targetWidth); empty where there are labels. */
    public float[] targets() {
        return targets;
    }

    /** Targets as the data have them; null where {@link #targets} are. */
    public double[] exactTargets() {
        return exactTargets;
    }

    /** The size of one target; 0 where there are labels. */
    public int targetWidth() {
        return targetWidth;
    }

    /** Number of loss terms: labels, or rows of targets. */
    public int terms() {
        return targetWidth == 0 ? labels.length : targets.length / targetWidth;
    }

    public float weight() {
        return weight;
    }
}
