package dev.unroll.nn;

import java.io.Serializable;

/**
 * What training does to the unrolled graph that prediction does not.
 *
 * @param dropout probability that an input of a layer above the first is 0 in one update; the others are divided by 1 -
 *     dropout, as in PyTorch
 * @param byteBudget bytes that the graph of one packed batch may take, 0 for no bound: gates that do not fit are
 *     recomputed in backward, with the same bits
 */
public record Unrolling(double dropout, Truncation truncation, long byteBudget) implements Serializable {

    /** Full back-propagation through time, without dropout. */
    public static final Unrolling FULL = new Unrolling(0, Truncation.NONE, 0);

    /** Without a byte budget. */
    public Unrolling(double dropout, Truncation truncation) {
        this(dropout, truncation, 0);
    }

    public Unrolling {
        if (byteBudget < 0) {
            throw new IllegalArgumentException(
                    "bptt-memory is " + byteBudget + "; allowed is at least 0 (0 = no bound)");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + "; allowed is at least 0 and below 1");
        }
    }

    /** A copy with another truncation. */
    public Unrolling with(Truncation other) {
        return new Unrolling(dropout, other, byteBudget);
    }

    /** The factor of an input in the dropout mask, for a uniform draw: 0, or 1 / (1 - dropout). */
    public float dropoutFactor(double uniform) {
        return uniform < dropout ? 0f : (float) (1 / (1 - dropout));
    }

    /**
     * The scale of all gradients that flow from a step, counted from 0 in the layer's own direction, to the previous
     * one.
     */
    public float gradientScale(Draws draws, long ordinal, int layer, int direction, int step) {
        if (truncation.cuts(step)) {
            return 0f;
        }
        return truncation.isRandomized() ? truncation.scale(draws.truncation(ordinal, layer, direction, step)) : 1f;
    }
}
