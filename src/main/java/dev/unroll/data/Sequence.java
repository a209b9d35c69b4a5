package dev.unroll.data;

import java.util.Objects;

/**
 * One training sequence: its steps as token ids or as dense rows, its labels and its weight. Immutable by convention: the arrays are
 * not copied.
 */
public final class Sequence {

    private final int[] tokens; // (T), or null
    private final float[] values; // (T, D), or null
    private final int width;
    private final int[] labels; // (1) for a label of the whole sequence, (T) for one per step
    private final float weight;

    private Sequence(int[] tokens, float[] values, int width, int[] labels, float weight) {
        this.tokens = tokens;
        this.values = values;
        this.width = width;
        this.labels = Objects.requireNonNull(labels, "labels");
        this.weight = weight;
        if (length() == 0) {
            throw new IllegalArgumentException("a sequence needs at least one step");
        }
    }

    /** Steps given as ids of a vocabulary, shape (T). */
    public static Sequence ofTokens(int[] tokens, int[] labels, float weight) {
        return new Sequence(Objects.requireNonNull(tokens, "tokens"), null, 0, labels, weight);
    }

    /** Steps given as rows of numbers, shape (T, width), row-major. */
    public static Sequence ofValues(float[] values, int width, int[] labels, float weight) {
        if (width < 1 || values.length % width != 0) {
            throw new IllegalArgumentException(values.length + " values are no whole number of rows of width " + width);
        }
        return new Sequence(null, values, width, labels, weight);
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

    /** D, the numbers of one dense step; 0 for tokens. */
    public int width() {
        return width;
    }

    /** Class indices: one for the whole sequence, or one per step. */
    public int[] labels() {
        return labels;
    }

    public float weight() {
        return weight;
    }
}
