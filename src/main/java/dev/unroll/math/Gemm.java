package dev.unroll.math;

/**
 * Matrix products on flat, row-major float arrays.
 *
 * <p>Every product accumulates ({@code C += A B}; callers write the starting value, such as the bias, or zero) and every element
 * of C is one chain of {@code fma} over the ascending inner index that starts from the value already in C. A chain that is stored
 * and taken up again is the same chain, so tile shape, blocking, vector width and implementation cannot change a bit.
 */
public final class Gemm {

    private static final Lanes LANES = choose();

    private Gemm() {}

    /**
     * {@code C += A B}.
     *
     * @param m rows of A and C
     * @param n columns of B and C
     * @param k columns of A, rows of B
     * @param a (m, k), its rows {@code aRow} floats apart
     * @param b (k, n), its rows {@code bRow} floats apart
     * @param c (m, n), its rows {@code cRow} floats apart
     */
    public static void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            float[] b,
            int bOffset,
            int bRow,
            float[] c,
            int cOffset,
            int cRow) {
        LANES.multiply(m, n, k, a, aOffset, aRow, 1, b, bOffset, bRow, c, cOffset, cRow);
    }

    /**
     * {@code C += A' B}: the sum over all places of a weight gradient, with {@code A} (k, m) and {@code B} (k, n), k rows each.
     *
     * @param m columns of A, rows of C
     * @param n columns of B and C
     * @param k rows of A and of B
     */
    public static void transposeMultiply(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            float[] b,
            int bOffset,
            int bRow,
            float[] c,
            int cOffset,
            int cRow) {
        LANES.multiply(m, n, k, a, aOffset, 1, aRow, b, bOffset, bRow, c, cOffset, cRow);
    }

    /** The flag that would give a faster implementation, and what it is worth; empty where the fastest runs. */
    public static String advice() {
        return LANES instanceof ScalarLanes
                ? "the Vector API is some 8 times faster: add --add-modules=jdk.incubator.vector to the JVM's options"
                : "";
    }

    /** Which implementation runs. */
    public static String implementation() {
        return LANES.description();
    }

    private static Lanes choose() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? new VectorLanes()
                : new ScalarLanes();
    }
}
