package dev.unroll.math;

/**
 * The one place where instructions differ. Every implementation computes each element by the same chain of operations, so a choice
 * between them can never change a bit.
 */
interface Lanes {

    /** The implementation of this machine and JVM. */
    Lanes CHOSEN =
            ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() ? new VectorLanes() : new ScalarLanes();

    /** Columns of the next panel of {@link Panels}, where {@code left} columns of the matrix are left; of the last, some may be empty. */
    int panelWidth(int left);

    /** Floats of a cache line. */
    int LINE = 16;

    /**
     * The offset below {@value #LINE} at which vectors of an array stand whole in their cache lines, as far as can be told; it cannot
     * change a bit.
     *
     * @param x an array of at least 2 {@value #LINE} floats
     * @param sink memory for {@value #LINE} floats
     */
    int lineStart(float[] x, float[] sink);

    /**
     * {@code C = S + A B} for one panel of B. Every element of C is one chain {@code c = fma(a_ip, b_pj, c)} over ascending p that starts
     * from its element of S. S and C may be the same place.
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

    /** y = sigmoid(x), as {@link Activations#sigmoid(float)}; x and y may be the same place. */
    void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int count);

    /** y = tanh(x), as {@link Activations#tanh(float)}; x and y may be the same place. */
    void tanh(float[] x, int xOffset, float[] y, int yOffset, int count);

    /** x = e^(x - shift), in place, as {@link Activations#exp(float)}; no x is above the shift. */
    void exp(float[] x, int offset, int count, float shift);

    /** The greatest element; NaN if one of them is NaN. {@code lanes} is memory for {@link Activations#VIRTUAL_LANES} numbers. */
    float max(float[] x, int offset, int count, float[] lanes);

    /** sums[l] = x_l + x_{l+16} + x_{l+32} + ..., from 0 and in that order, for the {@link Activations#VIRTUAL_LANES} lanes l. */
    void laneSums(float[] x, int offset, int count, float[] sums);

    /** y += x. */
    void add(float[] x, int xOffset, float[] y, int yOffset, int count);

    /** {@code z = fma(x, y, z)}. */
    void multiplyAdd(float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset, int count);

    /** Runs {@value #CHAINS} independent chains of {@code rounds} vector fma each on registers alone; returns something of the result. */
    float chains(int rounds);

    /** Chains of {@link #chains}: enough to hide the latency of an fma, few enough for the registers of every machine. */
    int CHAINS = 12;

    /** Floats of one vector. */
    int lanes();

    /** The shape of the tallest tile, rows x floats. */
    String tile();

    /** What runs, for the log: the name and the register width. */
    String description();
}
