package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Panels;
import java.util.Arrays;

/**
 * The arrays of one recurrent layer over one packed batch. Rows are those of {@link dev.unroll.data.SequenceBatch}: step by step, the
 * last step first. They grow to the largest batch seen and are then reused: nothing is allocated in the steady state.
 */
final class LayerBuffers {

    /** Rows of one block of a sum over places. */
    static final int BLOCK = 256;

    /** Floats from one row of {@link #turned} to the next: not a power of two, or the rows would share few places of the cache. */
    static final int TURNED = BLOCK + 16;

    final int hidden; // H
    float[] x; // (N, I) inputs, of others; null where tokens are one-hot inputs
    int[] tokens; // (N), of others; null where inputs are numbers
    final float[][] a; // per block (N, H): pre-activations, then gates, then their gradients dA
    float[] h = {}; // (N, H) states
    float[] hPrevious = {}; // (N, H) state of the step before, zero at the first
    float[] dH = {}; // (N, H)
    float[] c = {}; // (N, H) memory, cells that have one only
    float[] cPrevious = {}; // (N, H)
    float[] tanhC = {}; // (N, H)
    float[] dC = {}; // (N, H)
    private float[] local = {}; // (B, H) local terms of one step's dH, while what is carried there is computed
    final float[] turned; // (H, BLOCK) rows of dA of one block, as columns; rows are TURNED apart
    final Panels stateRows = new Panels(); // (BLOCK, H) states before the rows of one block
    final Panels inputRows = new Panels(); // (BLOCK, I) inputs of the rows of one block
    int[] summed = {}; // (parts) how far in rowsByPart the sums over places have come
    private final boolean memory;

    LayerBuffers(Cell cell, int hidden) {
        this.hidden = hidden;
        this.a = new float[cell.blocks()][0];
        this.turned = new float[Math.multiplyExact(hidden, TURNED)];
        this.memory = cell.hasMemory();
    }

    void reserve(int rows) {
        for (int block = 0; block < a.length; block++) {
            a[block] = grow(a[block], rows, hidden);
        }
        h = grow(h, rows, hidden);
        hPrevious = grow(hPrevious, rows, hidden);
        dH = grow(dH, rows, hidden);
        if (memory) {
            c = grow(c, rows, hidden);
            cPrevious = grow(cPrevious, rows, hidden);
            tanhC = grow(tanhC, rows, hidden);
            dC = grow(dC, rows, hidden);
        }
    }

    /**
     * The array, or a larger one with room for (rows, columns).
     *
     * @throws IllegalArgumentException if that is more than one array holds
     */
    static float[] grow(float[] array, int rows, int columns) {
        long size = (long) rows * columns;
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a packed batch has " + rows + " steps, which with " + columns
                    + " numbers each are more than one array holds; cut the longest sequences or lower hidden-size");
        }
        return array.length < size ? new float[(int) size] : array;
    }

    /** No row of the batch is in a sum over places yet. */
    void startSums(SequenceBatch batch) {
        if (summed.length < batch.parts()) {
            summed = new int[batch.parts()];
        }
        for (int p = 0; p < batch.parts(); p++) {
            summed[p] = batch.rowStart(p);
        }
    }

    /** How many rows of a part come next in its sums over places, at most a block, of those before row {@code ready}. */
    int nextBlock(SequenceBatch batch, int part, int ready) {
        int[] rows = batch.rowsByPart();
        int end = summed[part];
        int last = Math.min(batch.rowStart(part + 1), end + BLOCK);
        while (end < last && rows[end] < ready) {
            end++;
        }
        return end - summed[part];
    }

    /** Keeps the local terms of dH of some rows from {@code row} on apart, so that what is carried there can be scaled. */
    void setLocalTermsAside(int row, int rows) {
        local = grow(local, rows, hidden);
        System.arraycopy(dH, row * hidden, local, 0, rows * hidden);
        Arrays.fill(dH, row * hidden, (row + rows) * hidden, 0f);
    }

    /** Multiplies what was carried to row {@code row + s} by its scale, and adds the local term that was set aside. */
    void scaleCarried(int row, int s, float scale) {
        int from = (row + s) * hidden;
        if (scale == 0) { // cut, even where what was carried is infinite
            System.arraycopy(local, s * hidden, dH, from, hidden);
            if (memory) {
                Arrays.fill(dC, from, from + hidden, 0f);
            }
            return;
        }
        for (int j = 0; j < hidden; j++) {
            dH[from + j] = Math.fma(scale, dH[from + j], local[s * hidden + j]);
        }
        for (int j = from; memory && j < from + hidden; j++) {
            dC[j] *= scale;
        }
    }

    /** Zeroes dC, which the backward pass accumulates into; dH is the business of what stands above. */
    void clearMemoryGradients(int rows) {
        if (memory) {
            Arrays.fill(dC, 0, rows * hidden, 0f);
        }
    }
}
