package dev.unroll.nn;

import dev.unroll.param.Keyed;

/**
 * What the head reads of the states of a sequence: every one by itself, where every step has a loss term, or, where the whole sequence has
 * one, its last state or what {@link StatePooling} makes of all.
 */
public enum Pooling implements Keyed {
    /** h_T; with two directions the last state of each. */
    LAST("the last state"),
    /** h_t of every step, which has a loss term of its own. */
    EVERY("every state"),
    /** 1/T sum_t h_t. */
    MEAN("the mean of all states"),
    /** max_t h_t of each unit by itself. */
    MAX("the maximum of all states"),
    /** sum_t a_t h_t, where a is a softmax over the steps ({@link Attention}). */
    ATTENTION("the sum of all states by attention");

    private final String description;

    Pooling(String description) {
        this.description = description;
    }

    /** What reads states as they are: every one, or the last one. */
    public static Pooling of(boolean everyStep) {
        return everyStep ? EVERY : LAST;
    }

    /** Such as "the last state". */
    public String description() {
        return description;
    }

    /** Whether it makes one vector of the states of all steps; otherwise states are read as they are. */
    public boolean joinsSteps() {
        return switch (this) {
            case LAST, EVERY -> false;
            case MEAN, MAX, ATTENTION -> true;
        };
    }
}
