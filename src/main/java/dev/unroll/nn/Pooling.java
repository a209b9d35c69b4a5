package dev.unroll.nn;

import dev.unroll.param.Keyed;

/** What the head of a whole sequence reads: its last state, or what {@link StatePooling} makes of the states of all its steps. */
public enum Pooling implements Keyed {
    /** h_T; with two directions the last state of each. */
    LAST("the last state"),
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

    /** Such as "the last state". */
    public String description() {
        return description;
    }
}
