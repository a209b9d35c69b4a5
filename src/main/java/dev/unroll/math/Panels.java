package dev.unroll.math;

import java.util.Arrays;

/**
 * The right-hand matrix of a product, laid out in the order in which a product reads it: takes B (k, n), gives panels
 * of some columns ({@link ProductLanes#panelWidth}), each with its k rows one after the other. A recurrent network
 * multiplies by the same weights at every step, so laying them out once an iteration pays T times over.
 *
 * <pre>
 * B = 1 2 3 4 5      width 2:   1 2   3 4   5 0
 *     6 7 8 9 0                 6 7   8 9   0 0
 * </pre>
 *
 * <p>Mutable and reused: its array only grows. Several threads may multiply by the same panels while none of them
 * packs.
 */
public final class Panels {

    private static final ProductLanes LANES = Lanes.PRODUCTS;

    private int k;
    private int n;
    private float[] data = {}; // panels (k, its width), one after the other
    private int start; // of the first panel
    private final CacheLineFinder cacheLines = new CacheLineFinder();

    /** Rows of the packed matrix. */
    public int k() {
        return k;
    }

    /** Columns of the packed matrix. */
    public int n() {
        return n;
    }

    float[] data() {
        return data;
    }

    /** Where the panel that begins with column j is in the data. */
    int at(int j) {
        return start + j * k;
    }

    /**
     * Packs B (k, n).
     *
     * @param b its rows {@code bRow} floats apart
     */
    public Panels pack(int k, int n, float[] b, int bOffset, int bRow) {
        resize(k, n);
        for (int p = 0; p < k; p++) {
            copyRow(b, bOffset + p * bRow, p);
        }
        return this;
    }

    /**
     * Packs chosen rows of a matrix: row p of B is row {@code rows[from + p]}.
     *
     * @param b the matrix, (any, n), its rows n floats apart
     */
    public Panels packRows(int[] rows, int from, int count, int n, float[] b) {
        resize(count, n);
        for (int p = 0; p < count; p++) {
            copyRow(b, rows[from + p] * n, p);
        }
        return this;
    }

    /**
     * Packs the transpose of a matrix, as {@code X W'} needs it.
     *
     * @param b B' (n, k), its rows {@code bRow} floats apart
     */
    public Panels packTransposed(int k, int n, float[] b, int bOffset, int bRow) {
        resize(k, n);
        for (int j = 0, width; j < n; j += width) {
            width = LANES.panelWidth(n - j);
            Transposition.copy(Math.min(width, n - j), k, b, bOffset + j * bRow, bRow, data, at(j), width);
        }
        return this;
    }

    private void copyRow(float[] b, int source, int p) {
        for (int j = 0, width; j < n; j += width) {
            width = LANES.panelWidth(n - j);
            System.arraycopy(b, source + j, data, at(j) + p * width, Math.min(width, n - j));
        }
    }

    /** Makes room; columns after the last are zero. */
    private void resize(int k, int n) {
        this.k = k;
        this.n = n;
        int columns = 0;
        int last = 0;
        while (columns < n) {
            last = columns;
            columns = Math.addExact(columns, LANES.panelWidth(n - columns));
        }
        int size = Math.multiplyExact(columns, k);
        int room = Math.addExact(size, CacheLineFinder.LINE);
        if (data.length < room) {
            data = new float[room];
            cacheLines.forget();
        }
        start = cacheLines.offset(data);
        if (columns > n) {
            Arrays.fill(data, at(last), start + size, 0f);
        }
    }
}
