package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Panels;
import java.util.Arrays;

/**
 * The arrays of one recurrent layer over one packed batch. Rows are those of {@link dev.unroll.data.SequenceBatch}:
 * step by step, the last step first. Arrays grow to the largest batch seen and are then reused, so nothing is
 * allocated in the steady state.
 *
 * <p>Gates, and everything else that a cell works on, are stored for one of the {@link Segments} at a time; states and
 * their gradients for the whole batch. Where there is one segment, both are the same arrays; but where a
 * {@link Projection} makes the states of what the cell gives, these have arrays of their own.
 */
final class LayerBuffers {

    /** Rows that are added to the gradients of the parameters at a time. */
    static final int ROW_BLOCK = 256;

    /**
     * Floats from one row of {@link #transposed} to the next: not a power of two, or all rows would compete for the
     * same few sets of the cache.
     */
    static final int TRANSPOSED_STRIDE = ROW_BLOCK + 16;

    final int hidden; // H
    final int width; // of a state: P with a projection, otherwise H
    final CellBuffers gates; // of one segment
    float[] x; // (N, I) inputs, not owned; null where the inputs are one-hot tokens
    int[] tokens; // (N), not owned; null where the inputs are numbers
    StaticTerms statics; // what statics add to pre-activations, not owned; null where there are none
    float[] h = {}; // (N, width) states
    float[] dH = {}; // (N, width)
    float[] segmentDH = {}; // (rows of the segment and of the step before it, width)
    private float[] ownH = {}; // (N, width), where there are several segments or a projection
    private float[] ownDH = {}; // (N, width), where there are several segments
    private float[] projectedDH = {}; // as segmentDH, with a projection
    private float[] borderCellStates = {}; // per segment (sequences that have its first step, H): before it
    private float[] lastCellStates = {}; // (B, H) after the last step of each sequence
    private float[] borderCellGradients = {}; // (B, H) dC that a segment passes to the previous one
    float[] localTerms = {}; // (B, width) local terms of one step's dH, while the recurrent terms are computed
    final float[] transposed; // (H, ROW_BLOCK) dA of one row block, transposed; rows are TRANSPOSED_STRIDE apart
    final Panels stateRows =
            new Panels(); // (ROW_BLOCK, width) states of the previous step for the rows of one row block
    final Panels outputRows = new Panels(); // (ROW_BLOCK, H) what is projected of the rows of one row block
    final Panels inputRows = new Panels(); // (ROW_BLOCK, I) inputs of the rows of one row block
    final int[] blockRows = new int[ROW_BLOCK]; // the rows of one row block, counted from the first of the segment
    int[] summed = {}; // (slices) the first element of rowsBySlice that is not in the gradients yet
    int base; // the first row of the segment in the batch
    int segment = -1; // the segment whose gates are in memory; -1 once gradients overwrote them
    private final boolean cellState;
    private final boolean projected;

    LayerBuffers(NetworkSpec spec, Cell cell) {
        this.hidden = spec.hiddenSize();
        this.width = spec.directionSize();
        this.projected = spec.projSize() > 0;
        this.gates = new CellBuffers(
                hidden, width, cell.blocks(), cell.savedArrays(), cell.parameters(hidden), cell.hasCellState());
        this.transposed = new float[Math.multiplyExact(hidden, TRANSPOSED_STRIDE)];
        this.cellState = cell.hasCellState();
    }

    /** Makes room for a batch. */
    void reserve(SequenceBatch batch, Segments segments) {
        if (segments.isBounded()) {
            gates.reserve(segments.rows(), batch.size());
        } else {
            gates.reserve(batch.rows(), 0);
        }
        if (segments.isBounded() || projected) {
            h = ownH = FloatArrays.grow(ownH, batch.rows(), width);
        } else {
            h = gates.h;
        }
        if (cellState) {
            borderCellStates = FloatArrays.grow(borderCellStates, segments.borderRows(), hidden);
            lastCellStates = FloatArrays.grow(lastCellStates, batch.size(), hidden);
        }
    }

    /** Makes room for the backward pass over a batch. */
    void reserveGradients(SequenceBatch batch, Segments segments) {
        int rows = segments.isBounded() ? segments.rows() : batch.rows();
        gates.reserveGradients(rows);
        if (projected) {
            projectedDH = FloatArrays.grow(projectedDH, segments.isBounded() ? rows + batch.size() : rows, width);
        }
        segmentDH = projected ? projectedDH : gates.dH;
        if (segments.isBounded()) {
            ownDH = FloatArrays.grow(ownDH, batch.rows(), width);
        }
        dH = segments.isBounded() ? ownDH : segmentDH;
        if (cellState) {
            borderCellGradients = FloatArrays.grow(borderCellGradients, batch.size(), hidden);
        }
    }

    /** Drops all arrays that grow with a batch. */
    void release() {
        gates.release();
        h = dH = segmentDH = ownH = ownDH = projectedDH = localTerms = new float[0];
        borderCellStates = lastCellStates = borderCellGradients = new float[0];
    }

    /** Bytes of all arrays that grow with a batch, except {@link #x} and {@link #tokens}. */
    long bytes() {
        long numbers = (long) ownH.length + ownDH.length + projectedDH.length + borderCellStates.length;
        numbers += lastCellStates.length + borderCellGradients.length + localTerms.length;
        return gates.bytes() + Float.BYTES * numbers;
    }

    /**
     * Fills hPrevious of the steps [from, to) from {@link #h}; the first step gets the initial states, (B, width), or zero
     * for null.
     */
    void statesBefore(SequenceBatch batch, int from, int to, float[] initial) {
        for (int t = from; t < to; t++) {
            int count = batch.active(t) * width;
            int at = (batch.offset(t) - base) * width;
            if (t > 0) {
                System.arraycopy(h, batch.offset(t - 1) * width, gates.hPrevious, at, count);
            } else if (initial != null) {
                System.arraycopy(initial, 0, gates.hPrevious, at, count);
            } else {
                Arrays.fill(gates.hPrevious, at, at + count, 0f);
            }
        }
    }

    /** Stores the cell states before the first step: the initial ones, (B, H), or zero for null. */
    void startCellStates(SequenceBatch batch, float[] initial) {
        if (cellState && initial != null) {
            System.arraycopy(initial, 0, borderCellStates, 0, batch.size() * hidden);
        } else if (cellState) {
            Arrays.fill(borderCellStates, 0, batch.size() * hidden, 0f);
        }
    }

    /** Fills cPrevious of a step of the segment. */
    void cellStatesBefore(SequenceBatch batch, Segments segments, int t) {
        if (cellState) {
            boolean first = t == segments.from(segment);
            float[] source = first ? borderCellStates : gates.c;
            int at = first ? segments.borderRow(segment) : batch.offset(t - 1) - base;
            int row = batch.offset(t) - base;
            System.arraycopy(source, at * hidden, gates.cPrevious, row * hidden, batch.active(t) * hidden);
        }
    }

    /**
     * Stores what later steps, backward and the next batch need of a step that was just computed: its states, and cell
     * states at the end of the segment or of a sequence.
     */
    void saveStep(SequenceBatch batch, Segments segments, int t) {
        int row = batch.offset(t) - base;
        int rows = batch.active(t);
        if (h != gates.h && !projected) {
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

    /** The hidden state after the last step of each sequence, (B, width), and the cell state, (B, H). */
    void lastState(SequenceBatch batch, float[] lastH, float[] lastC) {
        for (int b = 0; b < batch.size(); b++) {
            System.arraycopy(h, batch.lastRow(b) * width, lastH, b * width, width);
        }
        if (cellState) {
            System.arraycopy(lastCellStates, 0, lastC, 0, batch.size() * hidden);
        }
    }

    /** Begins the sums over rows: no row of the batch is in them yet. */
    void startSums(SequenceBatch batch) {
        if (summed.length < batch.slices()) {
            summed = new int[batch.slices()];
        }
        for (int p = 0; p < batch.slices(); p++) {
            summed[p] = batch.rowStart(p);
        }
    }

    /**
     * How many rows of a slice are next to be added to its gradients: at most a row block, and only rows before
     * {@code ready}.
     */
    int nextBlock(SequenceBatch batch, int slice, int ready) {
        int[] rows = batch.rowsBySlice();
        int end = summed[slice];
        int last = Math.min(batch.rowStart(slice + 1), end + ROW_BLOCK);
        while (end < last && rows[end] < ready) {
            end++;
        }
        return end - summed[slice];
    }

    /**
     * Before backward through the segment of steps [from, to): loads dH of its rows and of the previous step, and dC.
     */
    void loadGradients(SequenceBatch batch, int from, int to) {
        int rows = Segments.end(batch, from) - base;
        int before = from == 0 ? 0 : batch.active(from - 1);
        if (dH != segmentDH) {
            System.arraycopy(dH, base * width, segmentDH, 0, (rows + before) * width);
        }
        if (cellState) {
            Arrays.fill(gates.dC, 0, (rows + before) * hidden, 0f);
            if (to < batch.steps()) {
                System.arraycopy(borderCellGradients, 0, gates.dC, 0, batch.active(to - 1) * hidden);
            }
        }
    }

    /** After backward through a segment: stores what flowed to the previous step. */
    void handGradientsOn(SequenceBatch batch, int from) {
        if (from > 0) {
            int row = Segments.end(batch, from) - base;
            int rows = batch.active(from - 1);
            System.arraycopy(segmentDH, row * width, dH, (base + row) * width, rows * width);
            if (cellState) {
                System.arraycopy(gates.dC, row * hidden, borderCellGradients, 0, rows * hidden);
            }
        }
    }

    /**
     * Copies dH of some rows of the segment, which holds only their local terms yet, so that the recurrent terms, which
     * are added to it, can be observed.
     */
    void copyLocalTerms(int row, int rows) {
        localTerms = FloatArrays.grow(localTerms, rows, width);
        System.arraycopy(segmentDH, row * width, localTerms, 0, rows * width);
    }

    /**
     * Moves the local terms out of dH of some rows of the segment, so that the recurrent terms can be scaled before
     * both are added.
     */
    void setLocalTermsAside(int row, int rows) {
        copyLocalTerms(row, rows);
        Arrays.fill(segmentDH, row * width, (row + rows) * width, 0f);
    }

    /**
     * Multiplies the recurrent term of row {@code row + s} of the segment by the scale of its sequence, and adds the
     * local term that was moved out.
     */
    void scaleRecurrentTerm(int row, int s, float scale) {
        int at = (row + s) * width;
        int from = (row + s) * hidden;
        float[] dC = gates.dC;
        if (scale == 0) { // truncated, even where the recurrent term is infinite
            System.arraycopy(localTerms, s * width, segmentDH, at, width);
            if (cellState) {
                Arrays.fill(dC, from, from + hidden, 0f);
            }
            return;
        }
        for (int j = 0; j < width; j++) {
            segmentDH[at + j] = Math.fma(scale, segmentDH[at + j], localTerms[s * width + j]);
        }
        for (int j = from; cellState && j < from + hidden; j++) {
            dC[j] *= scale;
        }
    }
}
