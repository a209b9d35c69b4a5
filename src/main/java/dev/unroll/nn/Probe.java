package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;

/** Watches gradients on their way back through time. Absent, it costs nothing. */
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
     * Told of dL/dh of all sequences that have a step, complete: what was carried there and the local term.
     *
     * @param step counted from 0 in the layer's own direction
     */
    default void onStateGradients(int layer, int direction, int step, SequenceBatch batch, Rows dH) {}

    /** Whether {@link #onTerms} is to be told of a step. */
    default boolean wantsTerms(int step) {
        return false;
    }

    /**
     * Told of both terms of equation (4), for all sequences that go on behind a step.
     *
     * @param h the states at that step
     * @param local W_qh' dL/do, or what the layer above sends down
     * @param dH the sum of the local term and what was carried there from the step behind
     */
    default void onTerms(int layer, SequenceBatch batch, Rows h, Rows local, Rows dH) {}

    /** Both are told of everything that one of them wants, one after the other. */
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
