package dev.unroll.math;

/**
 * Matrix products on flat, row-major float arrays.
 *
 * <p>Every element of a product is one chain of {@code fma} over the ascending inner index, from the value where it
 * starts. A chain that is stored and taken up again is the same chain, so tile shape, blocking, vector width and
 * implementation cannot change a bit.
 */
public final class Gemm {

    private static final ProductLanes LANES = Lanes.PRODUCTS;

    /** Rows of a panel that are multiplied at once: all rows of A pass by them while they are in the cache. */
    private static final int DEPTH = 512;

    /** Where chains start that start at 0: as wide as any panel. */
    private static final float[] ZEROS = new float[256];

    private Gemm() {}

    /**
     * {@code C += A B}.
     *
     * @param m rows of A and C
     * @param a (m, k), its rows {@code aRow} floats apart
     * @param b (k, n)
     * @param c (m, n), its rows {@code cRow} floats apart
     */
    public static void multiply(int m, float[] a, int aOffset, int aRow, Panels b, float[] c, int cOffset, int cRow) {
        multiply(m, a, aOffset, aRow, b, c, cOffset, cRow, 1, c, cOffset, cRow);
    }

    /** {@code C = A B}, whatever C holds before. */
    public static void multiplyFromZero(
            int m, float[] a, int aOffset, int aRow, Panels b, float[] c, int cOffset, int cRow) {
        multiply(m, a, aOffset, aRow, b, ZEROS, 0, 0, 0, c, cOffset, cRow);
    }

    /**
     * {@code C = 1 s' + A B}: every row of C starts at the same values, such as a bias.
     *
     * @param start s, (n)
     */
    public static void multiply(
            int m, float[] a, int aOffset, int aRow, Panels b, float[] start, float[] c, int cOffset, int cRow) {
        multiply(m, a, aOffset, aRow, b, start, 0, 0, 1, c, cOffset, cRow);
    }

    private static void multiply(
            int m,
            float[] a,
            int aOffset,
            int aRow,
            Panels b,
            float[] s,
            int sOffset,
            int sRow,
            int sColumn,
            float[] c,
            int cOffset,
            int cRow) {
        int n = b.n();
        int k = b.k();
        for (int j = 0, width; j < n; j += width) {
            width = LANES.panelWidth(n - j);
            for (int p = 0; p < k || p == 0; p += DEPTH) {
                boolean first = p == 0; // later blocks take the chains up where they stand in C
                LANES.multiply(
                        m,
                        Math.min(width, n - j),
                        Math.min(DEPTH, k - p),
                        a,
                        aOffset + p,
                        aRow,
                        b.data(),
                        b.at(j) + p * width,
                        first ? s : c,
                        first ? sOffset + j * sColumn : cOffset + j,
                        first ? sRow : cRow,
                        c,
                        cOffset + j,
                        cRow);
            }
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
    public static void transposeRows(
            int[] rows, int from, int count, int n, float[] a, int aOffset, int aRow, float[] out, int outRow) {
        int p = 0;
        for (; p + 8 <= count; p += 8) { // eight at once, so that what is written is together
            int r0 = aOffset + rows[from + p] * aRow;
            int r1 = aOffset + rows[from + p + 1] * aRow;
            int r2 = aOffset + rows[from + p + 2] * aRow;
            int r3 = aOffset + rows[from + p + 3] * aRow;
            int r4 = aOffset + rows[from + p + 4] * aRow;
            int r5 = aOffset + rows[from + p + 5] * aRow;
            int r6 = aOffset + rows[from + p + 6] * aRow;
            int r7 = aOffset + rows[from + p + 7] * aRow;
            for (int i = 0; i < n; i++) {
                int target = i * outRow + p;
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
        for (; p < count; p++) {
            int source = aOffset + rows[from + p] * aRow;
            for (int i = 0; i < n; i++) {
                out[i * outRow + p] = a[source + i];
            }
        }
    }

    /** Copies the transpose of A (m, n) to {@code out} (n, m). */
    public static void transpose(int m, int n, float[] a, int aOffset, float[] out) {
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                out[j * m + i] = a[aOffset + i * n + j];
            }
        }
    }
}
