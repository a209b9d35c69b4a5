package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;

/** Observes gradients during backward. Without a probe this costs nothing. */
public interface Probe {

    /**
     * Some rows of an array (n, hidden): row {@code first + b} is that of sequence b.
     *
     * @param count how many, those of sequences 0, 1, ...
     */
    record Rows(float[] numbers, int first, int count, int hidden) {

        /** Where the row of sequence b begins. */
        public int at(int b) {
            return (first + b) * hidden;
        }
    }

    /**
     * Is called with dL/dh of all sequences that have a step, when it is complete: the recurrent term and the local
     * term.
     *
     * @param step counted from 0 in the layer's own direction
     */
    default void onStateGradients(int layer, int direction, int step, SequenceBatch batch, Rows dH) {}

    /** Whether {@link #onTerms} is to be called for a step. */
    default boolean wantsTerms(int step) {
        return false;
    }

    /**
     * Is called with both terms of equation (4), for all sequences that have a later step.
     *
     * @param h the states at that step
     * @param local W_qh' dL/do, or dL/dx of the layer above
     * @param dH the sum of the local term and the recurrent term, which comes from the next step
     */
    default void onTerms(int layer, SequenceBatch batch, Rows h, Rows local, Rows dH) {}

    /** A probe that calls both, one after the other, with everything that either wants. */
    static Probe both(Probe one, Probe other) {
        return new Probe() {
            @Override
            public void onStateGradients(int layer, int direction, int step, SequenceBatch batch, Rows dH) {
                one.onStateGradients(layer, direction, step, batch, dH);
                other.onStateGradients(layer, direction, step, batch, dH);
            }

            @Override
            public boolean wantsTerms(int step) {
                return one.wantsTerms(step) || other.wantsTerms(step);
            }

            @Override
            public void onTerms(int layer, SequenceBatch batch, Rows h, Rows local, Rows dH) {
                one.onTerms(layer, batch, h, local, dH);
                other.onTerms(layer, batch, h, local, dH);
            }
        };
    }
}
