package dev.unroll.nn;

import java.io.Serializable;

/**
 * How far the gradient travels back through time: at every step, what flows to the previous step is multiplied by a
 * gradient scale.
 *
 * <ul>
 *   <li>{@code none}: always 1, full back-propagation through time.
 *   <li>{@code fixed:K}: 0 at steps K, 2K, ... (counted from 0), 1 elsewhere. The state continues across these borders,
 *       the gradient does not; a sequence still has one sum. With K at least T it is full back-propagation.
 *   <li>{@code randomized:P}: 1/P with probability P, otherwise 0, drawn for every sequence, layer and step. The mean
 *       of the gradient is the full gradient (Tallec and Ollivier 2017, "Unbiasing truncated backpropagation through
 *       time").
 * </ul>
 *
 * @param every K; 0 for no fixed border
 * @param keep P; 1 where nothing is drawn
 */
public record Truncation(int every, double keep) implements Serializable {

    public Truncation {
        if (every < 0 || !(keep > 0 && keep <= 1) || (every > 0 && keep < 1) || Float.isInfinite((float) (1 / keep))) {
            throw new IllegalArgumentException("truncation has borders every " + every
                    + " steps and carries on with probability " + keep + "; allowed are " + ALLOWED);
        }
    }

    /** Full back-propagation through time. */
    public static final Truncation NONE = new Truncation(0, 1);

    /** The forms that {@link #parse} takes. */
    public static final String ALLOWED =
            "none, fixed:K (K steps, at least 1) or randomized:P (P above 0 and at most 1)";

    /** The text that {@link #parse} takes. */
    @Override
    public String toString() {
        return every > 0 ? "fixed:" + every : keep < 1 ? "randomized:" + keep : "none";
    }

    /** Whether {@link #parse} takes the text. */
    public static boolean accepts(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Reads {@code none}, {@code fixed:K} or {@code randomized:P}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Truncation parse(String text) {
        try {
            if (text.equals("none")) {
                return NONE;
            }
            if (text.startsWith("fixed:")) {
                int every = Integer.parseInt(text.substring("fixed:".length()));
                if (every >= 1) {
                    return new Truncation(every, 1);
                }
            }
            if (text.startsWith("randomized:")) {
                double keep = Double.parseDouble(text.substring("randomized:".length()));
                return new Truncation(0, keep);
            }
        } catch (IllegalArgumentException e) {
            // refused below, like every other text
        }
        throw new IllegalArgumentException("truncation is " + text + "; allowed are " + ALLOWED);
    }

    /**
     * Whether no gradient flows from step t (of the layer's own direction, from 0) to the previous one, in any
     * sequence.
     */
    boolean cuts(int t) {
        return t == 0 || (every > 0 && t % every == 0);
    }

    boolean isRandomized() {
        return keep < 1;
    }

    /** The gradient scale for a uniform draw from [0, 1). */
    float scale(double uniform) {
        return uniform < keep ? (float) (1 / keep) : 0f;
    }
}
