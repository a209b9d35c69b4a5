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
}
