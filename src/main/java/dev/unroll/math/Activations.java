package dev.unroll.math;

/**
 * exp, sigmoid, tanh and softmax by polynomials with fused multiply-adds: the same bits on every machine and JDK, which {@code
 * Math.exp} and {@code Math.tanh} do not promise. Errors are within 1 ulp of the exact value for exp, 1.5 for tanh and 2.5 for sigmoid.
 * NaN gives NaN, infinities give limits.
 */
public final class Activations {

    /** The fixed number of virtual lanes of a sum across an array: lane l adds elements l, l + 16, ... in ascending order. */
    static final int VIRTUAL_LANES = 16;

    private static final float LOG2_E = 0x1.715476p0f;
    private static final float LN2_HIGH = 0x1.62e43p-1f;
    private static final float LN2_LOW = -0x1.05c61p-29f;
    private static final float ROUND = 0x1.8p23f; // adding and subtracting it rounds to an integer

    private Activations() {}

    /** e^x: argument reduction by multiples of ln 2, a polynomial of degree 6, and a scale by powers of two in two steps. */
    static float exp(float x) {
        float clamped = Math.max(-104f, Math.min(89f, x));
        float n = Math.fma(clamped, LOG2_E, ROUND) - ROUND;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
        float p = Math.fma(r, 0x1.a057b4p-13f, 0x1.6d2d92p-10f);
        p = Math.fma(p, r, 0x1.11114cp-7f);
        p = Math.fma(p, r, 0x1.5554f4p-5f);
        p = Math.fma(p, r, 0x1.555556p-3f);
        p = Math.fma(p, r, 0.5f);
        p = 1f + Math.fma(r * r, p, r);
        int k = (int) n;
        int half = k >> 1;
        return p * powerOfTwo(half) * powerOfTwo(k - half);
    }

    /** 2^k for -126 <= k <= 127. */
    private static float powerOfTwo(int k) {
        return Float.intBitsToFloat((k + 127) << 23);
    }

    /** 1 / (1 + e^-x), by e^-|x| so that neither end overflows. */
    static float sigmoid(float x) {
        float e = exp(-Math.abs(x));
        return (x >= 0f ? 1f : e) / (1f + e);
    }

    /** tanh x: an odd polynomial below 0.625, 1 - 2 / (e^2|x| + 1) above. */
    static float tanh(float x) {
        float magnitude = Math.abs(x);
        if (magnitude < 0.625f) {
            float z = x * x;
            float p = Math.fma(z, -0x1.75e1d4p-8f, 0x1.52269cp-6f);
            p = Math.fma(p, z, -0x1.b83c5ap-5f);
            p = Math.fma(p, z, 0x1.110726p-3f);
            p = Math.fma(p, z, -0x1.555532p-2f);
            return Math.fma(p * z, x, x);
        }
        return Math.copySign(1f - 2f / (exp(2f * magnitude) + 1f), x);
    }

    /** y = sigmoid(x) for {@code count} elements; x and y may be the same place. */
    public static void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int j = 0; j < count; j++) {
            y[yOffset + j] = sigmoid(x[xOffset + j]);
        }
    }

    /** y = tanh(x) for {@code count} elements; x and y may be the same place. */
    public static void tanh(float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int j = 0; j < count; j++) {
            y[yOffset + j] = tanh(x[xOffset + j]);
        }
    }

    /**
     * Turns {@code count} logits into probabilities, in place. The maximum is subtracted first, so that no exponential overflows.
     *
     * @return the logarithm of the sum of e^logit, in double, so that the cross-entropy of class y is this minus logit y
     */
    public static double softmax(float[] x, int offset, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < count; j++) {
            max = Math.max(max, x[offset + j]);
        }
        for (int j = 0; j < count; j++) {
            x[offset + j] = exp(x[offset + j] - max);
        }
        float sum = sum(x, offset, count);
        float inverse = 1f / sum;
        for (int j = 0; j < count; j++) {
            x[offset + j] *= inverse;
        }
        return max + StrictMath.log(sum);
    }

    /** The sum of {@code count} elements over the virtual lanes, neighbours of which are then added as a binary tree. */
    static float sum(float[] x, int offset, int count) {
        return sumOfLanes(x, offset, count, 0, VIRTUAL_LANES);
    }

    private static float sumOfLanes(float[] x, int offset, int count, int lane, int lanes) {
        if (lanes > 1) {
            int half = lanes / 2;
            return sumOfLanes(x, offset, count, lane, half) + sumOfLanes(x, offset, count, lane + half, half);
        }
        float sum = 0f;
        for (int j = lane; j < count; j += VIRTUAL_LANES) {
            sum += x[offset + j];
        }
        return sum;
    }
}
