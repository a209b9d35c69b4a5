package dev.unroll.math;

/**
 * Matrix products by the instructions of one implementation. Every implementation computes each element by the same
 * chain of operations, so a choice between them can never change a bit.
 */
interface ProductLanes {

    /**
     * Columns of the next panel of {@link Panels}, where {@code left} columns of the matrix are left; of the last
     * panel, some may be empty.
     */
    int panelWidth(int left);

    /**
     * {@code C = S + A B} for one panel of B. Every element of C is one chain {@code c = fma(a_ip, b_pj, c)} over
     * ascending p that starts from its element of S. S and C may be the same place.
     *
     * @param m rows of A, S and C
     * @param n columns of the panel that count, its width or what was left; only those of C are written
     * @param k columns of A, rows of the panel
     * @param a (m, k), its rows {@code aRow} floats apart
     * @param b the panel, (k, width)
     * @param s (m, n), its rows {@code sRow} floats apart; 0 where one row starts all of them
     * @param c (m, n), its rows {@code cRow} floats apart
     */
    void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            float[] b,
            int bOffset,
            float[] s,
            int sOffset,
            int sRow,
            float[] c,
            int cOffset,
            int cRow);

    /**
     * Reads vectors one after the other as fast as they come, for {@link CacheLineFinder} to time.
     *
     * @param vectors a multiple of four
     * @param sink memory for one vector; it is written so that the reads are not optimised away
     */
    void read(float[] x, int offset, int vectors, float[] sink);

    /** Floats of one vector; 1 without vectors. */
    int lanes();

    /** The shape of the tallest tile, rows x floats. */
    String tile();
}
