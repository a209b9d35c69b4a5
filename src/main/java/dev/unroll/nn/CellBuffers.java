package dev.unroll.nn;

import java.util.Arrays;

/**
 * The arrays that a {@link Cell} walks: rows of some steps of one layer, (rows, H) each, all by one index. Rows stand step by step with the
 * last step first. A cell may write what {@link Cell} says of each array, and nothing else.
 */
public final class CellBuffers {

    private static final float[] NONE = {};

    final int hidden; // H
    final float[][] a; // per block: pre-activations, then gates, then their gradients dA
    float[] h = {}; // states
    float[] hPrevious = {}; // state of the step before
    float[] dH = {}; // with room for the step before the first as well
    float[] c = {}; // memory, cells that have one only
    float[] cPrevious = {};
    float[] dC = {}; // with room for the step before the first as well
    final float[][] kept; // what a cell keeps from forward to backward
    private final boolean memory;

    CellBuffers(Cell cell, int hidden) {
        this.hidden = hidden;
        this.a = new float[cell.blocks()][0];
        this.kept = new float[cell.keptArrays()][0];
        this.memory = cell.hasMemory();
    }

    /** Numbers of one row in all arrays together. */
    static long numbers(Cell cell, int hidden) {
        return (long) hidden * (cell.blocks() + cell.keptArrays() + 3 + (cell.hasMemory() ? 3 : 0));
    }

    /**
     * @param rows of the steps whose gates stand in memory together
     * @param before rows of the step before them
     */
    void reserve(int rows, int before) {
        for (int block = 0; block < a.length; block++) {
            a[block] = LayerBuffers.grow(a[block], rows, hidden);
        }
        for (int n = 0; n < kept.length; n++) {
            kept[n] = LayerBuffers.grow(kept[n], rows, hidden);
        }
        h = LayerBuffers.grow(h, rows, hidden);
        hPrevious = LayerBuffers.grow(hPrevious, rows, hidden);
        dH = LayerBuffers.grow(dH, rows + before, hidden);
        if (memory) {
            c = LayerBuffers.grow(c, rows, hidden);
            cPrevious = LayerBuffers.grow(cPrevious, rows, hidden);
            dC = LayerBuffers.grow(dC, rows + before, hidden);
        }
    }

    /** Gives up all arrays. */
    void release() {
        Arrays.fill(a, NONE);
        Arrays.fill(kept, NONE);
        h = hPrevious = dH = c = cPrevious = dC = NONE;
    }

    /** Bytes of all arrays. */
    long bytes() {
        long numbers = (long) h.length + hPrevious.length + dH.length;
        numbers += (long) c.length + cPrevious.length + dC.length;
        for (float[] array : a) {
            numbers += array.length;
        }
        for (float[] array : kept) {
            numbers += array.length;
        }
        return Float.BYTES * numbers;
    }

    /** H, the numbers of one row. */
    public int hidden() {
        return hidden;
    }

    /** A block of pre-activations, which become gates, which become gradients of pre-activations. */
    public float[] a(int block) {
        return a[block];
    }

    /** States. */
    public float[] h() {
        return h;
    }

    /** States of the step before. */
    public float[] hPrevious() {
        return hPrevious;
    }

    /** Gradients of the states. */
    public float[] dH() {
        return dH;
    }

    /** Memories; empty for cells without one. */
    public float[] c() {
        return c;
    }

    /** Memories of the step before. */
    public float[] cPrevious() {
        return cPrevious;
    }

    /** Gradients of the memories. */
    public float[] dC() {
        return dC;
    }

    /** One of {@link Cell#keptArrays}: what forward writes there, backward finds. */
    public float[] kept(int n) {
        return kept[n];
    }
}
