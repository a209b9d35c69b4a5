package dev.unroll.optim;

/**
 * Norms of a long vector with the same bits everywhere: in double, in 16 virtual lanes (lane l adds elements l, l + 16, ... in
 * ascending order), neighbours of which are then added as a binary tree.
 */
public final class Norms {

    private static final int LANES = 16;

    private Norms() {}

    /** The Euclidean norm; NaN or infinity where the vector holds one. The square of a float is exact in double and cannot overflow. */
    public static double l2(float[] x) {
        double[] lanes = new double[LANES];
        int whole = x.length - x.length % LANES;
        for (int i = 0; i < whole; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                double value = x[i + l];
                lanes[l] += value * value;
            }
        }
        for (int i = whole; i < x.length; i++) {
            double value = x[i];
            lanes[i - whole] += value * value;
        }
        for (int distance = 1; distance < LANES; distance *= 2) {
            for (int l = 0; l < LANES; l += 2 * distance) {
                lanes[l] += lanes[l + distance];
            }
        }
        return Math.sqrt(lanes[0]);
    }
}
