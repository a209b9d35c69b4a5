package dev.unroll.math;

/**
 * The one place where instructions differ: tiles of a matrix product. Both implementations compute every output element as the
 * same chain of fused multiply-adds, so a choice between them can never change a bit.
 */
interface Lanes {

    /**
     * {@code C += A B} where {@code A} is (m, k), {@code B} is (k, n) and {@code C} is (m, n). Every element of C is one chain
     * {@code c = fma(a_ip, b_pj, c)} over ascending p that starts from the value already there.
     *
     * @param aRow distance between rows of A; {@code aColumn} between its columns, so that a transposed A needs no copy
     */
    void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            int aColumn,
            float[] b,
            int bOffset,
            int bRow,
            float[] c,
            int cOffset,
            int cRow);

    /** What runs, for the log: the name and the register width. */
    String description();
}
