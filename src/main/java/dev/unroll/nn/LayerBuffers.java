package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Panels;
import java.util.Arrays;

/**
 * The arrays of one recurrent layer over one packed batch. Rows are those of {@link dev.unroll.data.SequenceBatch}: step by step, the
 * last step first. They grow to the largest batch seen and are then reused: nothing is allocated in the steady state.
 *
 * <p>Gates and all that a cell works with stand there for one of the {@link Chunks} at a time; states and their gradients for the whole batch.
 * Where one chunk holds the whole batch, both are the same arrays.
 */
final class LayerBuffers {

    /** Rows of one block of a sum over places. */
    static final int BLOCK = 256;

    /** Floats from one row of {@link #turned} to the next: not a power of two, or the rows would share few places of the cache. */
    static final int TURNED = BLOCK + 16;

    final int hidden; // H
    final CellBuffers steps; // of one chunk
    float[] x; // (N, I) inputs, of others; null where tokens are one-hot inputs
    int[] tokens; // (N), of others; null where inputs are numbers
    float[] h = {}; // (N, H) states
    float[] dH = {}; // (N, H)
    private float[] ownH = {}; // (N, H), where h is not that of the one chunk
    private float[] ownDH = {}; // (N, H)
    private float[] memories = {}; // per chunk (sequences that have its first step, H) memory before it
    private float[] lastMemory = {}; // (B, H) memory behind each sequence's last step
    private float[] dMemory = {}; // (B, H) dC that a chunk hands to the one before
    float[] local = {}; // (B, H) local terms of one step's dH, while what is carried there is computed
    final float[] turned; // (H, BLOCK) rows of dA of one block, as columns; rows are TURNED apart
    final Panels stateRows = new Panels(); // (BLOCK, H) states before the rows of one block
    final Panels inputRows = new Panels(); // (BLOCK, I) inputs of the rows of one block
    final int[] places = new int[BLOCK]; // rows of one block, counted from the first of the chunk
    int[] summed = {}; // (parts) how far in rowsByPart the sums over places have come
    int base; // the row of the batch that stands first in the chunk
    int chunk = -1; // the chunk whose gates stand in memory; -1 where they became gradients
    private final boolean memory;

    LayerBuffers(Cell cell, int hidden) {
        this.hidden = hidden;
        this.steps = new CellBuffers(cell, hidden);
        this.turned = new float[Math.multiplyExact(hidden, TURNED)];
        this.memory = cell.hasMemory();
    }

    /** Makes room for a batch. */
    void reserve(SequenceBatch batch, Chunks chunks) {
        if (chunks.isBounded()) {
            steps.reserve(chunks.rows(), batch.size());
            h = ownH = grow(ownH, batch.rows(), hidden);
        } else {
            steps.reserve(batch.rows(), 0);
            h = steps.h;
        }
        if (memory) {
            memories = grow(memories, chunks.borderRows(), hidden);
            lastMemory = grow(lastMemory, batch.size(), hidden);
        }
    }

    /** Makes room for the way back. */
    void reserveGradients(SequenceBatch batch, Chunks chunks) {
        if (chunks.isBounded()) {
            ownDH = grow(ownDH, batch.rows(), hidden);
        }
        dH = chunks.isBounded() ? ownDH : steps.dH;
        if (memory) {
            dMemory = grow(dMemory, batch.size(), hidden);
        }
    }

    /** Gives up all arrays that grow with a batch. */
    void release() {
        steps.release();
        h = dH = ownH = ownDH = memories = lastMemory = dMemory = local = new float[0];
    }

    /** Bytes of all arrays that grow with a batch, other than {@link #x} and {@link #tokens}. */
    long bytes() {
        long numbers = (long) ownH.length + ownDH.length + memories.length;
        numbers += lastMemory.length + dMemory.length + local.length;
        return steps.bytes() + Float.BYTES * numbers;
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

    /** States before some steps, from what stands in {@link #h}; before the first step the initial ones, (B, H), or zero for null. */
    void statesBefore(SequenceBatch batch, int from, int to, float[] initial) {
        for (int t = from; t < to; t++) {
            int count = batch.active(t) * hidden;
            int at = (batch.offset(t) - base) * hidden;
            if (t > 0) {
                System.arraycopy(h, batch.offset(t - 1) * hidden, steps.hPrevious, at, count);
            } else if (initial != null) {
                System.arraycopy(initial, 0, steps.hPrevious, at, count);
            } else {
                Arrays.fill(steps.hPrevious, at, at + count, 0f);
            }
        }
    }

    /** Memory before the first of all steps: the initial one, (B, H), or zero for null. */
    void startMemory(SequenceBatch batch, float[] initial) {
        if (memory && initial != null) {
            System.arraycopy(initial, 0, memories, 0, batch.size() * hidden);
        } else if (memory) {
            Arrays.fill(memories, 0, batch.size() * hidden, 0f);
        }
    }

    /** Memory before a step of the chunk. */
    void memoryBefore(SequenceBatch batch, Chunks chunks, int t) {
        if (memory) {
            boolean first = t == chunks.from(chunk);
            float[] source = first ? memories : steps.c;
            int at = first ? chunks.borderRow(chunk) : batch.offset(t - 1) - base;
            int row = batch.offset(t) - base;
            System.arraycopy(source, at * hidden, steps.cPrevious, row * hidden, batch.active(t) * hidden);
        }
    }

    /** What later steps and the next batch need of a step just computed: its states, and memories at the end of the chunk or a sequence. */
    void keepStep(SequenceBatch batch, Chunks chunks, int t) {
        int row = batch.offset(t) - base;
        int rows = batch.active(t);
        if (h != steps.h) {
            System.arraycopy(steps.h, row * hidden, h, batch.offset(t) * hidden, rows * hidden);
        }
        if (!memory) {
            return;
        }
        int goingOn = t + 1 < batch.steps() ? batch.active(t + 1) : 0;
        System.arraycopy(steps.c, (row + goingOn) * hidden, lastMemory, goingOn * hidden, (rows - goingOn) * hidden);
        if (t + 1 == chunks.to(chunk) && goingOn > 0) {
            int next = chunks.borderRow(chunk + 1);
            System.arraycopy(steps.c, row * hidden, memories, next * hidden, goingOn * hidden);
        }
    }

    /** State and memory behind the last step of each sequence, (B, H). */
    void lastState(SequenceBatch batch, float[] lastH, float[] lastC) {
        for (int b = 0; b < batch.size(); b++) {
            System.arraycopy(h, batch.lastRow(b) * hidden, lastH, b * hidden, hidden);
        }
        if (memory) {
            System.arraycopy(lastMemory, 0, lastC, 0, batch.size() * hidden);
        }
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

    /** Before the way back through the chunk of steps {@code from} to {@code to}: dH of its rows and of the step before, and dC. */
    void loadGradients(SequenceBatch batch, int from, int to) {
        int rows = Chunks.end(batch, from) - base;
        int before = from == 0 ? 0 : batch.active(from - 1);
        if (dH != steps.dH) {
            System.arraycopy(dH, base * hidden, steps.dH, 0, (rows + before) * hidden);
        }
        if (memory) {
            Arrays.fill(steps.dC, 0, (rows + before) * hidden, 0f);
            if (to < batch.steps()) {
                System.arraycopy(dMemory, 0, steps.dC, 0, batch.active(to - 1) * hidden);
            }
        }
    }

    /** Behind it: what flowed to the step before. */
    void handGradientsOn(SequenceBatch batch, int from) {
        if (from > 0) {
            int row = Chunks.end(batch, from) - base;
            int count = batch.active(from - 1) * hidden;
            System.arraycopy(steps.dH, row * hidden, dH, (base + row) * hidden, count);
            if (memory) {
                System.arraycopy(steps.dC, row * hidden, dMemory, 0, count);
            }
        }
    }

    /** Copies the local terms of dH of some rows of the chunk, so that what is carried there can be seen. */
    void copyLocalTerms(int row, int rows) {
        local = grow(local, rows, hidden);
        System.arraycopy(steps.dH, row * hidden, local, 0, rows * hidden);
    }

    /** Keeps them apart, so that what is carried there can be scaled. */
    void setLocalTermsAside(int row, int rows) {
        copyLocalTerms(row, rows);
        Arrays.fill(steps.dH, row * hidden, (row + rows) * hidden, 0f);
    }

    /** Multiplies what was carried to row {@code row + s} of the chunk by its scale, and adds the local term that was set aside. */
    void scaleCarried(int row, int s, float scale) {
        int from = (row + s) * hidden;
        float[] dH = steps.dH;
        float[] dC = steps.dC;
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
}
