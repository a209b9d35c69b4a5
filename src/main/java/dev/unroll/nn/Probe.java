package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;

/** Watches gradients on their way back through time. Absent, it costs nothing. */
public interface Probe {

    /**
     * Told of dL/dh of all sequences that have a step, complete: what was carried there and the local term.
     *
     * @param step counted from 0 in the layer's own direction
     * @param dH (rows, hidden) from row {@code row} on; row {@code row + b} is that of sequence b
     */
    void onStateGradients(
            int layer, int direction, int step, SequenceBatch batch, float[] dH, int row, int rows, int hidden);
}
