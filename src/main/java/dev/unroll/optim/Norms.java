package dev.unroll.optim;

/**
 * Norms and inner products of long vectors with the same bits everywhere: in double, in 16 virtual lanes (lane l adds the products of
 * elements l, l + 16, ... in ascending order), neighbours of which are then added as a binary tree.
 */
public final class Norms {

    private static final int LANES = 16;

    private Norms() {}

    /** The Euclidean norm; NaN or infinity where the vector holds one. The square of a float is exact in double and cannot overflow. */
    public static double l2(float[] x) {
        return Math.sqrt(dot(x, x));
    }

    /** The inner product of two vectors of one length. */
    public static double dot(float[] x, float[] y) {
        double[] lanes = new double[LANES];
        int whole = x.length - x.length % LANES;
        for (int i = 0; i < whole; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                lanes[l] += (double) x[i + l] * y[i + l];
            }
        }
        for (int i = whole; i < x.length; i++) {
            lanes[i - whole] += (double) x[i] * y[i];
        }
        return sum(lanes);
    }

    /** The inner product of two vectors of one length. */
    static double dot(float[] x, double[] y) {
        double[] lanes = new double[LANES];
        int whole = x.length - x.length % LANES;
        for (int i = 0; i < whole; i += LANES) {
            for (int l = 0; l < LANES; l++) {
                lanes[l] += x[i + l] * y[i + l];
            }
        }
        for (int i = whole; i < x.length; i++) {
            lanes[i - whole] += x[i] * y[i];
        }
        return sum(lanes);
    }

    private static double sum(double[] lanes) {
        for (int distance = 1; distance < LANES; distance *= 2) {
            for (int l = 0; l < LANES; l += 2 * distance) {
                lanes[l] += lanes[l + distance];
            }
        }
        return lanes[0];
    }
}
