package dev.unroll.nn;

import java.util.Arrays;

/**
 * The arrays of one recurrent layer over one packed batch. Rows are those of {@link dev.unroll.data.SequenceBatch}: step by step, the
 * last step first. They grow to the largest batch seen and are then reused: nothing is allocated in the steady state.
 */
final class LayerBuffers {

    final int hidden; // H
    final int aWidth; // columns x H
    float[] a = {}; // (N, columns x H) pre-activations, then gates, then their gradients dA
    float[] h = {}; // (N, H) states
    float[] hPrevious = {}; // (N, H) state of the step before, zero at the first
    float[] dH = {}; // (N, H)
    float[] c = {}; // (N, H) memory, cells that have one only
    float[] cPrevious = {}; // (N, H)
    float[] tanhC = {}; // (N, H)
    float[] dC = {}; // (N, H)
    private final boolean memory;

    LayerBuffers(Cell cell, int hidden) {
        this.hidden = hidden;
        this.aWidth = cell.columns() * hidden;
        this.memory = cell.hasMemory();
    }

    void reserve(int rows) {
        if (h.length >= rows * hidden) {
            return;
        }
        a = new float[rows * aWidth];
        h = new float[rows * hidden];
        hPrevious = new float[rows * hidden];
        dH = new float[rows * hidden];
        if (memory) {
            c = new float[rows * hidden];
            cPrevious = new float[rows * hidden];
            tanhC = new float[rows * hidden];
            dC = new float[rows * hidden];
        }
    }

    /** Zeroes what the backward pass accumulates into. */
    void clearGradients(int rows) {
        Arrays.fill(dH, 0, rows * hidden, 0f);
        if (memory) {
            Arrays.fill(dC, 0, rows * hidden, 0f);
        }
    }
}
