package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The oracle is StrictMath in double: its own error is a billionth of a float's. */
class ActivationsTest {

    /** Samples per exponent and sign: the ends, and a pseudo-random sweep; more where the functions bend. */
    private static final int SAMPLES = 1 << 10;

    private static final int SAMPLES_WHERE_IT_MATTERS = 1 << 15;

    private interface FloatFunction {
        float of(float x);
    }

    private interface Exact {
        double of(double x);
    }

    private static double exactSigmoid(double x) {
        double e = StrictMath.exp(-StrictMath.abs(x));
        return (x >= 0 ? 1 : e) / (1 + e);
    }

    /**
     * A polynomial that is off in one interval, or an argument reduction that fails at its ends, costs accuracy unseen.
     */
    @Test
    void exp_everyExponentBelowZero_isWithinOneUlp() {
        assertAccurate("exp", 1, x -> ScalarFunctions.exp(-Math.abs(x)), x -> StrictMath.exp(-StrictMath.abs(x)));
    }

    @Test
    void sigmoid_everyExponent_isWithinTwoUlp() {
        assertAccurate("sigmoid", 2, ScalarFunctions::sigmoid, ActivationsTest::exactSigmoid);
    }

    @Test
    void tanh_everyExponent_isWithinOneAndAHalfUlp() {
        assertAccurate("tanh", 1.5, ScalarFunctions::tanh, StrictMath::tanh);
    }

    private static void assertAccurate(String name, double allowed, FloatFunction function, Exact exact) {
        double worst = 0;
        float where = 0;
        for (int exponent = 0; exponent < 255; exponent++) {
            int samples = exponent >= 127 - 14 && exponent <= 127 + 7 ? SAMPLES_WHERE_IT_MATTERS : SAMPLES;
            for (int i = 0; i < samples; i++) {
                int mantissa = i < 4 ? i : i < 8 ? 0x7fffff - (i - 4) : (int) ((i * 0x9E3779B97F4A7C15L) >>> 41);
                for (int sign = 0; sign < 2; sign++) {
                    float x = Float.intBitsToFloat(sign << 31 | exponent << 23 | mantissa);
                    double error = ulps(function.of(x), exact.of(x));
                    if (!(error <= worst)) {
                        worst = error;
                        where = x;
                    }
                }
            }
        }
        System.out.printf("%s: worst error %.3f ulp at %s (%a)%n", name, worst, where, where);
        assertTrue(worst <= allowed, name + " is " + worst + " ulp off at " + where);
    }

    /** Distance in units of the float's last place; infinite where one of the two is infinite and the other is not. */
    private static double ulps(float actual, double exact) {
        float rounded = (float) exact;
        if (Float.isInfinite(rounded) || Float.isInfinite(actual)) {
            return rounded == actual ? 0 : Double.POSITIVE_INFINITY;
        }
        return StrictMath.abs(actual - exact) / Math.ulp(rounded);
    }

    /** Saturated gates and diverged states must come out as limits and NaN, never as an arbitrary finite number. */
    @Test
    void specialValues_giveLimitsAndNaN() {
        float infinity = Float.POSITIVE_INFINITY;
        assertEquals(0f, ScalarFunctions.exp(-infinity));
        assertEquals(0f, ScalarFunctions.exp(-Float.MAX_VALUE));
        assertEquals(1f, ScalarFunctions.exp(0f));
        assertEquals(1f, ScalarFunctions.exp(-0f));
        assertEquals(1f, ScalarFunctions.sigmoid(infinity));
        assertEquals(0f, ScalarFunctions.sigmoid(-infinity));
        assertEquals(0.5f, ScalarFunctions.sigmoid(0f));
        assertEquals(1f, ScalarFunctions.tanh(infinity));
        assertEquals(-1f, ScalarFunctions.tanh(-infinity));
        assertEquals(0f, Math.abs(ScalarFunctions.tanh(-0f)));
        for (FloatFunction function :
                new FloatFunction[] {ScalarFunctions::exp, ScalarFunctions::sigmoid, ScalarFunctions::tanh}) {
            for (int bits : new int[] {0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff}) {
                assertTrue(Float.isNaN(function.of(Float.intBitsToFloat(bits))));
            }
        }
    }

    /** The gradient of tanh is taken from its value: a value beyond 1 would turn a slope negative. */
    @Test
    void tanhAndSigmoid_neverLeaveTheirRange() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            float x = Float.intBitsToFloat(random.nextInt());
            if (!Float.isNaN(x)) {
                float s = ScalarFunctions.sigmoid(x);
                assertTrue(s >= 0 && s <= 1, () -> "sigmoid of " + x);
                assertTrue(Math.abs(ScalarFunctions.tanh(x)) <= 1, () -> "tanh of " + x);
                assertEquals(-ScalarFunctions.tanh(x), ScalarFunctions.tanh(-x), 0f);
            }
        }
    }

    /**
     * Every implementation must have the bits of the scalar functions, at any place and length, in place too, and
     * nowhere else.
     */
    @Test
    void arrays_anyOffsetAndLength_areTheScalarFunctions() {
        Random random = new Random(2);
        for (ElementwiseLanes lanes : List.of(new ScalarLanes(), new VectorLanes())) {
            for (int count = 0; count < 300; count++) {
                float[] x = new float[count + 7];
                for (int i = 0; i < x.length; i++) {
                    x[i] = (float) (4 * random.nextGaussian());
                }
                float[] sigmoid = new float[count + 7];
                float[] tanh = x.clone();
                float[] exp = x.clone();
                lanes.sigmoid(x, 3, sigmoid, 5, count);
                lanes.tanh(tanh, 4, tanh, 4, count);
                lanes.exp(exp, 4, count, 20f);
                for (int i = 0; i < x.length; i++) {
                    boolean inside = i >= 4 && i < 4 + count;
                    assertEquals(i >= 5 && i < 5 + count ? ScalarFunctions.sigmoid(x[i - 2]) : 0f, sigmoid[i]);
                    assertEquals(inside ? ScalarFunctions.tanh(x[i]) : x[i], tanh[i]);
                    assertEquals(inside ? ScalarFunctions.exp(x[i] - 20f) : x[i], exp[i]);
                }
            }
        }
    }

    /** Where vectors take both branches and scalars one, every exponent, sign, limit and NaN must come out alike. */
    @Test
    void vectors_everyExponent_haveTheBitsOfTheScalarFunctions() {
        long seed = 5;
        Random random = new Random(seed);
        float[] x = new float[1 << 16];
        for (int i = 0; i < x.length; i++) {
            x[i] = Float.intBitsToFloat(i << 16 | random.nextInt(1 << 16));
        }
        ElementwiseLanes lanes = new VectorLanes();
        float[] sigmoid = new float[x.length];
        float[] tanh = new float[x.length];
        float[] exp = x.clone();
        lanes.sigmoid(x, 0, sigmoid, 0, x.length);
        lanes.tanh(x, 0, tanh, 0, x.length);
        lanes.exp(exp, 0, x.length, 0f);
        for (int i = 0; i < x.length; i++) {
            String message = x[i] + ", seed " + seed;
            assertEquals(
                    Float.floatToIntBits(ScalarFunctions.sigmoid(x[i])), Float.floatToIntBits(sigmoid[i]), message);
            assertEquals(Float.floatToIntBits(ScalarFunctions.tanh(x[i])), Float.floatToIntBits(tanh[i]), message);
            assertEquals(Float.floatToIntBits(ScalarFunctions.exp(x[i])), Float.floatToIntBits(exp[i]), message);
        }
    }

    @Test
    void max_anyLength_isTheGreatestOrNaN() {
        Random random = new Random(6);
        for (ElementwiseLanes lanes : List.of(new ScalarLanes(), new VectorLanes())) {
            for (int count = 1; count < 100; count++) {
                float[] x = new float[count + 2];
                float expected = Float.NEGATIVE_INFINITY;
                for (int i = 0; i < x.length; i++) {
                    x[i] = (float) random.nextGaussian();
                    expected = i >= 1 && i <= count ? Math.max(expected, x[i]) : expected;
                }
                assertEquals(expected, lanes.max(x, 1, count, new float[16]));
                x[1 + random.nextInt(count)] = Float.NaN;
                assertTrue(Float.isNaN(lanes.max(x, 1, count, new float[16])));
            }
        }
    }

    @Test
    void elementwise_anyOffsetAndLength_isByDefinition() {
        Random random = new Random(7);
        for (ElementwiseLanes lanes : List.of(new ScalarLanes(), new VectorLanes())) {
            for (int count = 0; count < 70; count++) {
                float[] x = new float[2 * count + 9];
                for (int i = 0; i < x.length; i++) {
                    x[i] = (float) random.nextGaussian();
                }
                float[] y = x.clone();
                float[] z = x.clone();
                lanes.add(y, 2, y, count + 5, count);
                lanes.multiplyAdd(z, 1, x, 3, z, count + 5, count);
                for (int i = 0; i < x.length; i++) {
                    int j = i - (count + 5);
                    boolean inside = j >= 0 && j < count;
                    assertEquals(inside ? x[i] + x[2 + j] : x[i], y[i]);
                    assertEquals(inside ? Math.fma(x[1 + j], x[3 + j], x[i]) : x[i], z[i]);
                }
            }
        }
    }

    @Test
    void softmax_randomLogits_sumsToOneAndGivesTheLogarithmOfTheSum() {
        long seed = 3;
        Random random = new Random(seed);
        for (int count = 1; count < 200; count++) {
            float[] x = new float[count + 4];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) (5 * random.nextGaussian());
            }
            float[] logits = x.clone();
            double logSum = softmax(x, 2, count);
            double exactSum = IntStream.range(2, 2 + count)
                    .mapToDouble(i -> StrictMath.exp(logits[i]))
                    .sum();
            String message = count + " logits, seed " + seed;
            assertEquals(StrictMath.log(exactSum), logSum, 1e-6 * (1 + Math.abs(logSum)), message);
            double sum = 0;
            for (int i = 2; i < 2 + count; i++) {
                sum += x[i];
                assertEquals(StrictMath.exp(logits[i]) / exactSum, x[i], 1e-6, message);
            }
            assertEquals(1, sum, 1e-6, message);
            for (int i : new int[] {0, 1, count + 2, count + 3}) {
                assertEquals(logits[i], x[i], message);
            }
        }
    }

    /** Without subtracting the maximum these overflow to NaN. */
    @Test
    void softmax_hugeLogits_doesNotOverflow() {
        float[] far = {3e38f, -3e38f, 0f};
        assertEquals(3e38f, (float) softmax(far, 0, 3));
        assertArrayEquals(new float[] {1f, 0f, 0f}, far);
        float[] equal = {1e4f, 1e4f};
        assertEquals(1e4 + StrictMath.log(2), softmax(equal, 0, 2), 1e-9);
        assertArrayEquals(new float[] {0.5f, 0.5f}, equal);
        float[] low = {-1e30f, -1e30f, -1e30f, -1e30f};
        softmax(low, 0, 4);
        assertArrayEquals(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, low);
        float[] impossible = {0f, Float.NEGATIVE_INFINITY};
        assertEquals(0, softmax(impossible, 0, 2));
        assertArrayEquals(new float[] {1f, 0f}, impossible);
    }

    /** A diverged network must reach the loop's check as NaN: a finite loss of NaN logits would be believed. */
    @Test
    void softmax_NaNOrInfiniteLogit_isCarriedIntoTheLoss() {
        for (int at = 0; at < 20; at++) {
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                float[] x = new float[20];
                x[at] = bad;
                assertTrue(Double.isNaN(softmax(x, 0, 20)), bad + " at " + at);
                for (float probability : Float.isNaN(bad) ? x : new float[] {x[at]}) {
                    assertTrue(Float.isNaN(probability), bad + " at " + at);
                }
            }
        }
    }

    /**
     * The sum across an array is the one place where vector width could change an order; its definition is 16 virtual
     * lanes.
     */
    @Test
    void sum_anyLength_runsOverSixteenLanesAndABinaryTree() {
        long seed = 4;
        Random random = new Random(seed);
        for (int count = 0; count < 100; count++) {
            float[] x = new float[count + 3];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextFloat() * (1 << random.nextInt(10));
            }
            float[] lanes = new float[16];
            for (int i = 0; i < count; i++) {
                lanes[i % 16] += x[3 + i];
            }
            for (int distance = 1; distance < 16; distance *= 2) {
                for (int lane = 0; lane < 16; lane += 2 * distance) {
                    lanes[lane] += lanes[lane + distance];
                }
            }
            for (ElementwiseLanes implementation : List.of(new ScalarLanes(), new VectorLanes())) {
                float[] sums = new float[16];
                implementation.laneSums(x, 3, count, sums);
                assertEquals(lanes[0], Activations.fold(sums, 0, 16), count + " elements, seed " + seed);
            }
        }
    }

    private static double softmax(float[] x, int offset, int count) {
        float[] lanes = new float[Activations.VIRTUAL_LANES];
        return Activations.softmax(x, offset, count, Activations.max(x, offset, count, lanes), lanes);
    }
}
