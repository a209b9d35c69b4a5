package dev.unroll.math;

/** Element-wise sums on stretches of arrays, which may be of one array as long as they do not overlap. */
public final class Elementwise {

    private Elementwise() {}

    /** {@code y += x}, {@code count} elements. */
    public static void add(float[] x, int xOffset, float[] y, int yOffset, int count) {
        Lanes.ELEMENTWISE.add(x, xOffset, y, yOffset, count);
    }

    /** The sum, in double: four chains (elements 0, 4, 8, ... and so on; what is left, to the first), then (0 + 1) + (2 + 3). */
    public static double sum(float[] x, int offset, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int end = offset + count;
        int i = offset;
        for (; i + 4 <= end; i += 4) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        for (; i < end; i++) {
            a += x[i];
        }
        return (a + b) + (c + d);
    }

    /** The sum of squares, in double: four chains (elements 0, 4, 8, ... and so on), then (0 + 1) + (2 + 3). */
    public static double sumOfSquares(float[] x, int offset, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int end = offset + count;
        int i = offset;
        for (; i + 4 <= end; i += 4) {
            a += (double) x[i] * x[i];
            b += (double) x[i + 1] * x[i + 1];
            c += (double) x[i + 2] * x[i + 2];
            d += (double) x[i + 3] * x[i + 3];
        }
        for (; i < end; i++) {
            a += (double) x[i] * x[i];
        }
        return (a + b) + (c + d);
    }

    /** The sum of squares of x - y, in double, in the same order; differences are rounded to float. */
    public static double sumOfSquaredDifferences(float[] x, int xOffset, float[] y, int yOffset, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            a += square(x[xOffset + i] - y[yOffset + i]);
            b += square(x[xOffset + i + 1] - y[yOffset + i + 1]);
            c += square(x[xOffset + i + 2] - y[yOffset + i + 2]);
            d += square(x[xOffset + i + 3] - y[yOffset + i + 3]);
        }
        for (; i < count; i++) {
            a += square(x[xOffset + i] - y[yOffset + i]);
        }
        return (a + b) + (c + d);
    }

    /** The inner product, in float32: four chains of fma (elements 0, 4, 8, ... and so on; what is left, to the first), then (0 + 1) + (2 + 3). */
    public static float dot(float[] x, int xOffset, float[] y, int yOffset, int count) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            a = Math.fma(x[xOffset + i], y[yOffset + i], a);
            b = Math.fma(x[xOffset + i + 1], y[yOffset + i + 1], b);
            c = Math.fma(x[xOffset + i + 2], y[yOffset + i + 2], c);
            d = Math.fma(x[xOffset + i + 3], y[yOffset + i + 3], d);
        }
        for (; i < count; i++) {
            a = Math.fma(x[xOffset + i], y[yOffset + i], a);
        }
        return (a + b) + (c + d);
    }

    /** {@code y = fma(factor, x, y)}, {@code count} elements. */
    public static void addScaled(float factor, float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int i = 0; i < count; i++) {
            y[yOffset + i] = Math.fma(factor, x[xOffset + i], y[yOffset + i]);
        }
    }

    private static double square(float x) {
        return (double) x * x;
    }

    /** {@code z = fma(x, y, z)}, {@code count} elements. */
    public static void multiplyAdd(float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset, int count) {
        Lanes.ELEMENTWISE.multiplyAdd(x, xOffset, y, yOffset, z, zOffset, count);
    }
}
