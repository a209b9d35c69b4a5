package dev.unroll.math;

/**
 * exp, sigmoid and tanh of one number by polynomials with fused multiply-adds: the definition that every implementation
 * of {@link ElementwiseLanes} follows operation by operation. The bits are the same on every machine and JDK, which
 * {@code Math.exp} and {@code Math.tanh} do not promise. Errors are within 1 ulp of the exact value for exp, 1.5 for
 * tanh and sigmoid. NaN gives NaN, infinities give limits.
 */
final class ScalarFunctions {

    static final float EXP_LOW = -104f; // e^x is 0 below
    static final float LOG2_E = 0x1.715476p0f;
    static final float LN2_HIGH = 0x1.62e43p-1f;
    static final float LN2_LOW = -0x1.05c61p-29f;

    /** Adding and subtracting it rounds to an integer n; in between, the last 8 bits are the exponent of 2^(n + 64). */
    static final float ROUND = 0x1.8p23f + 64 + 127;

    static final float DOWN_64 = 0x1p-64f;

    // e^r = 1 + r + r^2 (1/2 + E3 r + E4 r^2 + ...) for |r| <= ln 2 / 2
    static final float E3 = 0x1.555556p-3f;
    static final float E4 = 0x1.5554f4p-5f;
    static final float E5 = 0x1.11114cp-7f;
    static final float E6 = 0x1.6d2d92p-10f;
    static final float E7 = 0x1.a057b4p-13f;

    // tanh x = x + x^3 (T3 + T5 x^2 + ...) for |x| < TANH_SMALL
    static final float TANH_SMALL = 0.625f;
    static final float T3 = -0x1.555532p-2f;
    static final float T5 = 0x1.110726p-3f;
    static final float T7 = -0x1.b83c5ap-5f;
    static final float T9 = 0x1.52269cp-6f;
    static final float T11 = -0x1.75e1d4p-8f;

    private ScalarFunctions() {}

    /**
     * e^x for {@code x <= 0}: argument reduction by multiples of ln 2, and a polynomial. What 1 + r loses is added to the small
     * rest of the polynomial, so that only the last addition rounds. The scale is 2^(n + 64), which is always a normal
     * number, and then 2^-64.
     */
    static float exp(float x) {
        float clamped = x < EXP_LOW ? EXP_LOW : x;
        float shifted = Math.fma(clamped, LOG2_E, ROUND);
        float n = shifted - ROUND;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
        float p = Math.fma(r, E7, E6);
        p = Math.fma(p, r, E5);
        p = Math.fma(p, r, E4);
        p = Math.fma(p, r, E3);
        p = Math.fma(p, r, 0.5f);
        float high = 1f + r;
        float low = r - (high - 1f);
        p = high + Math.fma(r * r, p, low);
        return p * Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << 23) * DOWN_64;
    }

    /**
     * 1 / (1 + e^-x), by e = e^-|x| so that neither end overflows: 1 / (1 + e) or e / (1 + e), corrected by what the
     * sum and the quotient have lost.
     */
    static float sigmoid(float x) {
        float e = exp(-Math.abs(x));
        float s = e + 1f;
        float inverse = 1f / s;
        float numerator = x < 0f ? e : 1f;
        float q = numerator * inverse;
        float rest = Math.fma(-q, e - (s - 1f), Math.fma(-q, s, numerator));
        return Math.fma(rest, inverse, q);
    }

    /** tanh x: an odd polynomial below 0.625, 1 - 2 e / (1 + e) with e = e^-2|x| above. */
    static float tanh(float x) {
        float magnitude = Math.abs(x);
        if (magnitude < TANH_SMALL) {
            float z = x * x;
            float p = Math.fma(z, T11, T9);
            p = Math.fma(p, z, T7);
            p = Math.fma(p, z, T5);
            p = Math.fma(p, z, T3);
            return Math.fma(p * z, x, x);
        }
        float e = exp(-(magnitude + magnitude));
        float large = 1f - (e + e) / (e + 1f);
        return x < 0f ? -large : large;
    }
}
