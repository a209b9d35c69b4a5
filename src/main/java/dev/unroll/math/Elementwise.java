package dev.unroll.math;

/** Element-wise sums on stretches of arrays, which may be of one array as long as they do not overlap. */
public final class Elementwise {

    private Elementwise() {}

    /** {@code y += x}, {@code count} elements. */
    public static void add(float[] x, int xOffset, float[] y, int yOffset, int count) {
        Lanes.CHOSEN.add(x, xOffset, y, yOffset, count);
    }

    /** {@code z = fma(x, y, z)}, {@code count} elements. */
    public static void multiplyAdd(float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset, int count) {
        Lanes.CHOSEN.multiplyAdd(x, xOffset, y, yOffset, z, zOffset, count);
    }
}
