package dev.unroll.math;

/** Transposed copies. Eight rows are read at once, so that what is written is together in its cache line. */
public final class Transposition {

    private static final int ROWS = 8;

    private Transposition() {}

    /** Copies the transpose of A (m, n) to {@code out} (n, m). */
    public static void copy(int m, int n, float[] a, int aOffset, float[] out) {
        copy(m, n, a, aOffset, n, out, 0, m);
    }

    /**
     * Copies the transpose of A.
     *
     * @param a (m, n), its rows {@code aRow} floats apart
     * @param out (n, m), its rows {@code outRow} floats apart
     */
    static void copy(int m, int n, float[] a, int aOffset, int aRow, float[] out, int outOffset, int outRow) {
        int i = 0;
        for (; i + ROWS <= m; i += ROWS) {
            int r = aOffset + i * aRow;
            copyEightRows(
                    n,
                    a,
                    r,
                    r + aRow,
                    r + 2 * aRow,
                    r + 3 * aRow,
                    r + 4 * aRow,
                    r + 5 * aRow,
                    r + 6 * aRow,
                    r + 7 * aRow,
                    out,
                    outOffset + i,
                    outRow);
        }
        for (; i < m; i++) {
            copyRow(n, a, aOffset + i * aRow, out, outOffset + i, outRow);
        }
    }

    /**
     * Copies chosen rows of a matrix to the columns of another: the left-hand side of a sum over places {@code A' B},
     * whose rows a product reads with step 1.
     *
     * @param rows column p of the result is row {@code rows[from + p]}
     * @param n columns of the matrix that are copied
     * @param a the matrix, its rows {@code aRow} floats apart; the columns to copy begin at {@code aOffset} in its
     *     first row
     * @param out (n, count), its rows {@code outRow} floats apart
     */
    public static void copyRows(
            int[] rows, int from, int count, int n, float[] a, int aOffset, int aRow, float[] out, int outRow) {
        int p = 0;
        for (; p + ROWS <= count; p += ROWS) {
            int r = from + p;
            copyEightRows(
                    n,
                    a,
                    aOffset + rows[r] * aRow,
                    aOffset + rows[r + 1] * aRow,
                    aOffset + rows[r + 2] * aRow,
                    aOffset + rows[r + 3] * aRow,
                    aOffset + rows[r + 4] * aRow,
                    aOffset + rows[r + 5] * aRow,
                    aOffset + rows[r + 6] * aRow,
                    aOffset + rows[r + 7] * aRow,
                    out,
                    p,
                    outRow);
        }
        for (; p < count; p++) {
            copyRow(n, a, aOffset + rows[from + p] * aRow, out, p, outRow);
        }
    }

    /** Rows of n floats that begin at r0 to r7 of A become columns, from the one that begins at {@code at} on. */
    private static void copyEightRows(
            int n,
            float[] a,
            int r0,
            int r1,
            int r2,
            int r3,
            int r4,
            int r5,
            int r6,
            int r7,
            float[] out,
            int at,
            int outRow) {
        for (int i = 0; i < n; i++) {
            int target = at + i * outRow;
            out[target] = a[r0 + i];
            out[target + 1] = a[r1 + i];
            out[target + 2] = a[r2 + i];
            out[target + 3] = a[r3 + i];
            out[target + 4] = a[r4 + i];
            out[target + 5] = a[r5 + i];
            out[target + 6] = a[r6 + i];
            out[target + 7] = a[r7 + i];
        }
    }

    private static void copyRow(int n, float[] a, int row, float[] out, int at, int outRow) {
        for (int i = 0; i < n; i++) {
            out[at + i * outRow] = a[row + i];
        }
    }
}
