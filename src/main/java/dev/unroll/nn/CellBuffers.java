package dev.unroll.nn;

import java.util.Arrays;
import java.util.List;

/**
 * The arrays that a {@link Cell} works on: the rows of some steps of one layer, (rows, H) each, all by one index. Steps
 * are stored from the last to the first. A cell may write what {@link Cell} says of each array, and nothing else.
 */
public final class CellBuffers {

    private static final float[] NONE = {};

    final int hidden; // H
    private final int width; // of hPrevious
    final float[][] a; // per block: pre-activations, then gates, then their gradients dA
    float[] h = {}; // states
    float[] hPrevious = {}; // (rows, width) states of the previous step
    float[] dH = {}; // with room for the step before the first one as well
    float[] c = {}; // cell states; empty for cells without one
    float[] cPrevious = {};
    float[] dC = {}; // with room for the step before the first one as well
    final float[][] saved; // what a cell saves in forward for backward
    float[][] parameters = {}; // the cell's own, not owned
    final float[][] dParameters; // (rows, size) per own parameter: what each row adds to its gradient
    private final int[] sizes; // per own parameter
    private final boolean cellState;

    /**
     * Empty arrays, to which {@link #reserve} gives room; the parameters are those of a {@link Cell} by the same names.
     *
     * @param width of the states of the previous step: P where they are projected, otherwise H
     */
    CellBuffers(int hidden, int width, int blocks, int savedArrays, List<CellParameter> own, boolean cellState) {
        this.hidden = hidden;
        this.width = width;
        this.a = new float[blocks][0];
        this.saved = new float[savedArrays][0];
        this.sizes = own.stream().mapToInt(CellParameter::size).toArray();
        this.dParameters = new float[sizes.length][0];
        this.cellState = cellState;
    }

    /**
     * Numbers of one row in all arrays of a forward pass together: h, hPrevious and dH, and as many for a cell state.
     */
    static long numbersPerRow(int hidden, int width, int blocks, int savedArrays, boolean cellState) {
        return (long) hidden * (blocks + savedArrays + 2 + (cellState ? 3 : 0)) + width;
    }

    /** Numbers of one row that backward takes besides: what it adds to the gradients of the cell's own parameters. */
    static long gradientNumbersPerRow(List<CellParameter> own) {
        return own.stream().mapToLong(CellParameter::size).sum();
    }

    /**
     * Makes room.
     *
     * @param rows of the steps whose gates are in memory at a time
     * @param before rows of the step before these
     */
    void reserve(int rows, int before) {
        for (int block = 0; block < a.length; block++) {
            a[block] = FloatArrays.grow(a[block], rows, hidden);
        }
        for (int n = 0; n < saved.length; n++) {
            saved[n] = FloatArrays.grow(saved[n], rows, hidden);
        }
        h = FloatArrays.grow(h, rows, hidden);
        hPrevious = FloatArrays.grow(hPrevious, rows, width);
        dH = FloatArrays.grow(dH, rows + before, hidden);
        if (cellState) {
            c = FloatArrays.grow(c, rows, hidden);
            cPrevious = FloatArrays.grow(cPrevious, rows, hidden);
            dC = FloatArrays.grow(dC, rows + before, hidden);
        }
    }

    /** Makes room for what rows add to the gradients of the cell's own parameters, which only backward needs. */
    void reserveGradients(int rows) {
        for (int n = 0; n < sizes.length; n++) {
            dParameters[n] = FloatArrays.grow(dParameters[n], rows, sizes[n]);
        }
    }

    /** Drops all arrays. */
    void release() {
        Arrays.fill(a, NONE);
        Arrays.fill(saved, NONE);
        Arrays.fill(dParameters, NONE);
        h = hPrevious = dH = c = cPrevious = dC = NONE;
    }

    /** Bytes of all arrays. */
    long bytes() {
        long numbers = (long) h.length + hPrevious.length + dH.length;
        numbers += (long) c.length + cPrevious.length + dC.length;
        for (float[] array : a) {
            numbers += array.length;
        }
        for (float[] array : saved) {
            numbers += array.length;
        }
        for (float[] array : dParameters) {
            numbers += array.length;
        }
        return Float.BYTES * numbers;
    }

    /** H, the size of one row. */
    public int hidden() {
        return hidden;
    }

    /** A block of pre-activations, which forward overwrites with gates and backward with gradients. */
    public float[] a(int block) {
        return a[block];
    }

    /** Hidden states; where a layer projects them, what it projects. */
    public float[] h() {
        return h;
    }

    /** Hidden states of the previous step; projected ones, where a layer projects them, are (rows, P). */
    public float[] hPrevious() {
        return hPrevious;
    }

    /** Gradients of the hidden states. */
    public float[] dH() {
        return dH;
    }

    /** Cell states; empty for cells without one. */
    public float[] c() {
        return c;
    }

    /** Cell states of the previous step. */
    public float[] cPrevious() {
        return cPrevious;
    }

    /** Gradients of the cell states. */
    public float[] dC() {
        return dC;
    }

    /** One of {@link Cell#savedArrays}: backward finds there what forward wrote. */
    public float[] saved(int n) {
        return saved[n];
    }

    /** One of {@link Cell#parameters}, row after row of its shape: read only, since threads share it. */
    public float[] parameter(int n) {
        return parameters[n];
    }

    /**
     * What each row adds to the gradient of one of {@link Cell#parameters}, (rows, size of the parameter); with size H
     * the index is that of all other arrays. It is there in backward only.
     */
    public float[] dParameter(int n) {
        return dParameters[n];
    }
}
