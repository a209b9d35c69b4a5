package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Panels;
import java.util.Arrays;

/**
 * The arrays of one recurrent layer over one packed batch. Rows are those of {@link dev.unroll.data.SequenceBatch}: step by step, the
 * last step first. They grow to the largest batch seen and are then reused: nothing is allocated in the steady state.
 *
 * <p>Gates and all that a cell works with stand there for one of the {@link Segments} at a time; states and their gradients for the whole batch.
 * Where one segment holds the whole batch, both are the same arrays.
 */
final class LayerBuffers {

    /** Rows of one block of a sum over places. */
    static final int ROW_BLOCK = 256;

    /** Floats from one row of {@link #transposed} to the next: not a power of two, or the rows would share few places of the cache. */
    static final int TRANSPOSED_STRIDE = ROW_BLOCK + 16;

    final int hidden; // H
    final CellBuffers gates; // of one segment
    float[] x; // (N, I) inputs, of others; null where tokens are one-hot inputs
    int[] tokens; // (N), of others; null where inputs are numbers
    float[] h = {}; // (N, H) states
    float[] dH = {}; // (N, H)
    private float[] ownH = {}; // (N, H), where h is not that of the one segment
    private float[] ownDH = {}; // (N, H)
    private float[] borderCellStates = {}; // per segment (sequences that have its first step, H) memory before it
    private float[] lastCellStates = {}; // (B, H) memory behind each sequence's last step
    private float[] borderCellGradients = {}; // (B, H) dC that a segment hands to the one before
    float[] localTerms = {}; // (B, H) local terms of one step's dH, while what is carried there is computed
    final float[] transposed; // (H, ROW_BLOCK) rows of dA of one block, as columns; rows are TRANSPOSED_STRIDE apart
    final Panels stateRows = new Panels(); // (ROW_BLOCK, H) states before the rows of one block
    final Panels inputRows = new Panels(); // (ROW_BLOCK, I) inputs of the rows of one block
    final int[] blockRows = new int[ROW_BLOCK]; // rows of one block, counted from the first of the segment
    int[] summed = {}; // (slices) how far in rowsBySlice the sums over places have come
    int base; // the row of the batch that stands first in the segment
    int segment = -1; // the segment whose gates stand in memory; -1 where they became gradients
    private final boolean cellState;

    LayerBuffers(Cell cell, int hidden) {
        this.hidden = hidden;
        this.gates = new CellBuffers(hidden, cell.blocks(), cell.savedArrays(), cell.hasCellState());
        this.transposed = new float[Math.multiplyExact(hidden, TRANSPOSED_STRIDE)];
        this.cellState = cell.hasCellState();
    }

    /** Makes room for a batch. */
    void reserve(SequenceBatch batch, Segments segments) {
        if (segments.isBounded()) {
            gates.reserve(segments.rows(), batch.size());
            h = ownH = FloatArrays.grow(ownH, batch.rows(), hidden);
        } else {
            gates.reserve(batch.rows(), 0);
            h = gates.h;
        }
        if (cellState) {
            borderCellStates = FloatArrays.grow(borderCellStates, segments.borderRows(), hidden);
            lastCellStates = FloatArrays.grow(lastCellStates, batch.size(), hidden);
        }
    }

    /** Makes room for the way back. */
    void reserveGradients(SequenceBatch batch, Segments segments) {
        dH = segments.isBounded() ? ownDH = FloatArrays.grow(ownDH, batch.rows(), hidden) : gates.dH;
        if (cellState) {
            borderCellGradients = FloatArrays.grow(borderCellGradients, batch.size(), hidden);
        }
    }

    /** Gives up all arrays that grow with a batch. */
    void release() {
        gates.release();
        h = dH = ownH = ownDH = borderCellStates = lastCellStates = borderCellGradients = localTerms = new float[0];
    }

    /** Bytes of all arrays that grow with a batch, other than {@link #x} and {@link #tokens}. */
    long bytes() {
        long numbers = (long) ownH.length + ownDH.length + borderCellStates.length;
        numbers += lastCellStates.length + borderCellGradients.length + localTerms.length;
        return gates.bytes() + Float.BYTES * numbers;
    }

    /** States before some steps, from what stands in {@link #h}; before the first step the initial ones, (B, H), or zero for null. */
    void statesBefore(SequenceBatch batch, int from, int to, float[] initial) {
        for (int t = from; t < to; t++) {
            int count = batch.active(t) * hidden;
            int at = (batch.offset(t) - base) * hidden;
            if (t > 0) {
                System.arraycopy(h, batch.offset(t - 1) * hidden, gates.hPrevious, at, count);
            } else if (initial != null) {
                System.arraycopy(initial, 0, gates.hPrevious, at, count);
            } else {
                Arrays.fill(gates.hPrevious, at, at + count, 0f);
            }
        }
    }

    /** Memory before the first of all steps: the initial one, (B, H), or zero for null. */
    void startCellStates(SequenceBatch batch, float[] initial) {
        if (cellState && initial != null) {
            System.arraycopy(initial, 0, borderCellStates, 0, batch.size() * hidden);
        } else if (cellState) {
            Arrays.fill(borderCellStates, 0, batch.size() * hidden, 0f);
        }
    }

    /** Memory before a step of the segment. */
    void cellStatesBefore(SequenceBatch batch, Segments segments, int t) {
        if (cellState) {
            boolean first = t == segments.from(segment);
            float[] source = first ? borderCellStates : gates.c;
            int at = first ? segments.borderRow(segment) : batch.offset(t - 1) - base;
            int row = batch.offset(t) - base;
            System.arraycopy(source, at * hidden, gates.cPrevious, row * hidden, batch.active(t) * hidden);
        }
    }

    /** What later steps and the next batch need of a step just computed: its states, and cell states at the end of the segment or a sequence. */
    void saveStep(SequenceBatch batch, Segments segments, int t) {
        int row = batch.offset(t) - base;
        int rows = batch.active(t);
        if (h != gates.h) {
            System.arraycopy(gates.h, row * hidden, h, batch.offset(t) * hidden, rows * hidden);
        }
        if (!cellState) {
            return;
        }
        int goingOn = t + 1 < batch.steps() ? batch.active(t + 1) : 0;
        System.arraycopy(
                gates.c, (row + goingOn) * hidden, lastCellStates, goingOn * hidden, (rows - goingOn) * hidden);
        if (t + 1 == segments.to(segment) && goingOn > 0) {
            int next = segments.borderRow(segment + 1);
            System.arraycopy(gates.c, row * hidden, borderCellStates, next * hidden, goingOn * hidden);
        }
    }

    /** State and memory behind the last step of each sequence, (B, H). */
    void lastState(SequenceBatch batch, float[] lastH, float[] lastC) {
        for (int b = 0; b < batch.size(); b++) {
            System.arraycopy(h, batch.lastRow(b) * hidden, lastH, b * hidden, hidden);
        }
        if (cellState) {
            System.arraycopy(lastCellStates, 0, lastC, 0, batch.size() * hidden);
        }
    }

    /** No row of the batch is in a sum over places yet. */
    void startSums(SequenceBatch batch) {
        if (summed.length < batch.slices()) {
            summed = new int[batch.slices()];
        }
        for (int p = 0; p < batch.slices(); p++) {
            summed[p] = batch.rowStart(p);
        }
    }

    /** How many rows of a slice come next in its sums over places, at most a block, of those before row {@code ready}. */
    int nextBlock(SequenceBatch batch, int slice, int ready) {
        int[] rows = batch.rowsBySlice();
        int end = summed[slice];
        int last = Math.min(batch.rowStart(slice + 1), end + ROW_BLOCK);
        while (end < last && rows[end] < ready) {
            end++;
        }
        return end - summed[slice];
    }

    /** Before the way back through the segment of steps {@code from} to {@code to}: dH of its rows and of the step before, and dC. */
    void loadGradients(SequenceBatch batch, int from, int to) {
        int rows = Segments.end(batch, from) - base;
        int before = from == 0 ? 0 : batch.active(from - 1);
        if (dH != gates.dH) {
            System.arraycopy(dH, base * hidden, gates.dH, 0, (rows + before) * hidden);
        }
        if (cellState) {
            Arrays.fill(gates.dC, 0, (rows + before) * hidden, 0f);
            if (to < batch.steps()) {
                System.arraycopy(borderCellGradients, 0, gates.dC, 0, batch.active(to - 1) * hidden);
            }
        }
    }

    /** Behind it: what flowed to the step before. */
    void handGradientsOn(SequenceBatch batch, int from) {
        if (from > 0) {
            int row = Segments.end(batch, from) - base;
            int count = batch.active(from - 1) * hidden;
            System.arraycopy(gates.dH, row * hidden, dH, (base + row) * hidden, count);
            if (cellState) {
                System.arraycopy(gates.dC, row * hidden, borderCellGradients, 0, count);
            }
        }
    }

    /** Copies the local terms of dH of some rows of the segment, so that what is carried there can be seen. */
    void copyLocalTerms(int row, int rows) {
        localTerms = FloatArrays.grow(localTerms, rows, hidden);
        System.arraycopy(gates.dH, row * hidden, localTerms, 0, rows * hidden);
    }

    /** Keeps them apart, so that what is carried there can be scaled. */
    void setLocalTermsAside(int row, int rows) {
        copyLocalTerms(row, rows);
        Arrays.fill(gates.dH, row * hidden, (row + rows) * hidden, 0f);
    }

    /** Multiplies what was carried to row {@code row + s} of the segment by its scale, and adds the local term that was set aside. */
    void scaleRecurrentTerm(int row, int s, float scale) {
        int from = (row + s) * hidden;
        float[] dH = gates.dH;
        float[] dC = gates.dC;
        if (scale == 0) { // cut, even where what was carried is infinite
            System.arraycopy(localTerms, s * hidden, dH, from, hidden);
            if (cellState) {
                Arrays.fill(dC, from, from + hidden, 0f);
            }
            return;
        }
        for (int j = 0; j < hidden; j++) {
            dH[from + j] = Math.fma(scale, dH[from + j], localTerms[s * hidden + j]);
        }
        for (int j = from; cellState && j < from + hidden; j++) {
            dC[j] *= scale;
        }
    }
}
