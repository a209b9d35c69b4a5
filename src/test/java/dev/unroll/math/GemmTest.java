package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guards promise P2 where instructions differ: every implementation gives the bits of three nested loops with fma, always. */
class GemmTest {

    private static final List<Lanes> IMPLEMENTATIONS = List.of(new ScalarLanes(), new VectorLanes());
    private static final int[] COLUMNS = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65};
    private static final int[] INNER = {0, 1, 2, 7, 64};

    /** Tiles have left-over rows, columns and single elements: each size around a tile and a register takes another path. */
    @ParameterizedTest
    @CsvSource({
        "1, false", "2, false", "3, false", "4, false", "5, false", "6, false", "7, false", "8, false", "9, false",
        "1, true", "2, true", "3, true", "4, true", "5, true", "6, true", "7, true", "8, true", "9, true"
    })
    void everyImplementation_sizesAroundTilesAndLanes_givesTheBitsOfTheNaiveLoop(int m, boolean transposed) {
        long seed = 100 + m;
        Random random = new Random(seed);
        for (int n : COLUMNS) {
            for (int k : INNER) {
                Case product = new Case(m, n, k, transposed, random);
                product.fill(random, GemmTest::ordinary);
                product.check(seed);
            }
        }
    }

    /** An infinity, a NaN, a zero's sign or a subnormal must not be lost, flushed or invented by one of the implementations. */
    @Test
    void everyImplementation_specialValues_agreesWithTheNaiveLoop() {
        float[] specials = {
            0f,
            -0f,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MIN_VALUE,
            -Float.MIN_NORMAL,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            1f
        };
        long seed = 1;
        Random random = new Random(seed);
        for (int repetition = 0; repetition < 200; repetition++) {
            Case product = new Case(
                    1 + random.nextInt(9), 1 + random.nextInt(70), random.nextInt(4), random.nextBoolean(), random);
            product.fill(random, r -> r.nextInt(4) == 0 ? specials[r.nextInt(specials.length)] : ordinary(r));
            product.check(seed);
        }
    }

    /** Cache blocking cuts the inner dimension: a chain that is stored and taken up again must be the same chain. */
    @Test
    void everyImplementation_chainStoredAndResumed_isOneChain() {
        long seed = 2;
        Random random = new Random(seed);
        for (int repetition = 0; repetition < 100; repetition++) {
            int k = 2 + random.nextInt(60);
            Case whole = new Case(1 + random.nextInt(9), 1 + random.nextInt(70), k, random.nextBoolean(), random);
            whole.fill(random, GemmTest::ordinary);
            float[] expected = whole.naive();
            for (Lanes first : IMPLEMENTATIONS) {
                for (Lanes second : IMPLEMENTATIONS) {
                    float[] c = whole.c.clone();
                    int cut = 1 + random.nextInt(k - 1);
                    whole.multiply(first, 0, cut, c);
                    whole.multiply(second, cut, k, c);
                    assertBits(expected, c, "cut at " + cut + ", seed " + seed + ", " + whole);
                }
            }
        }
    }

    /** If the test's numbers were tame, a wrong order or a separate rounding of the product would pass unseen. */
    @Test
    void ordinaryValues_otherOrderOrSeparateRounding_haveOtherBits() {
        Random random = new Random(3);
        Case product = new Case(4, 16, 64, false, random);
        product.fill(random, GemmTest::ordinary);
        float[] backwards = product.c.clone();
        float[] rounded = product.c.clone();
        float[] fromZero = product.c.clone();
        for (int i = 0; i < product.m; i++) {
            for (int j = 0; j < product.n; j++) {
                int at = product.cAt(i, j);
                fromZero[at] = 0f;
                for (int p = 0; p < product.k; p++) {
                    int q = product.k - 1 - p;
                    backwards[at] = Math.fma(product.a(i, q), product.b(q, j), backwards[at]);
                    rounded[at] += product.a(i, p) * product.b(p, j);
                    fromZero[at] = Math.fma(product.a(i, p), product.b(p, j), fromZero[at]);
                }
                fromZero[at] += product.c[at];
            }
        }
        for (float[] other : List.of(backwards, rounded, fromZero)) {
            assertFalse(Arrays.equals(product.naive(), other));
        }
    }

    /** The facade's two forms must pass the right strides on. */
    @Test
    void facade_plainAndTransposed_giveTheBitsOfTheNaiveLoop() {
        Random random = new Random(4);
        for (boolean transposed : new boolean[] {false, true}) {
            Case p = new Case(7, 19, 11, transposed, random);
            p.fill(random, GemmTest::ordinary);
            float[] c = p.c.clone();
            if (transposed) {
                Gemm.transposeMultiply(
                        p.m, p.n, p.k, p.a, p.aOffset, p.aColumn, p.b, p.bOffset, p.bRow, c, p.cOffset, p.cRow);
            } else {
                Gemm.multiply(p.m, p.n, p.k, p.a, p.aOffset, p.aRow, p.b, p.bOffset, p.bRow, c, p.cOffset, p.cRow);
            }
            assertBits(p.naive(), c, p.toString());
        }
    }

    /** Without the module the scalar twin would run, and nothing else would say so. */
    @Test
    void facade_vectorModuleLoaded_runsTheVectorApi() {
        assertTrue(Gemm.implementation().startsWith("Vector API"), Gemm.implementation());
    }

    /** Magnitudes over six decimal orders, so that nearly every addition rounds. */
    private static float ordinary(Random random) {
        return (random.nextFloat() - 0.5f) * (1 << random.nextInt(20)) * 0x1p-10f;
    }

    private static void assertBits(float[] expected, float[] actual, String message) {
        assertEquals(expected.length, actual.length, message);
        for (int i = 0; i < expected.length; i++) {
            // Which NaN it is may differ: no branch and no result depends on that.
            if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
                assertEquals(
                        Float.toHexString(expected[i]),
                        Float.toHexString(actual[i]),
                        "element " + i + " of C's array, " + message);
            }
        }
    }

    private interface Draw {
        float from(Random random);
    }

    /** One product somewhere inside larger arrays: offsets, and rows further apart than they are long. */
    private static final class Case {
        final int m;
        final int n;
        final int k;
        final int aOffset;
        final int aRow;
        final int aColumn;
        final int bOffset;
        final int bRow;
        final int cOffset;
        final int cRow;
        final float[] a;
        final float[] b;
        final float[] c;

        Case(int m, int n, int k, boolean transposed, Random random) {
            this.m = m;
            this.n = n;
            this.k = k;
            aRow = transposed ? 1 : k + random.nextInt(4);
            aColumn = transposed ? m + random.nextInt(4) : 1;
            bRow = n + random.nextInt(4);
            cRow = n + random.nextInt(4);
            aOffset = random.nextInt(5);
            bOffset = random.nextInt(5);
            cOffset = random.nextInt(5);
            // Not an element longer than needed at the end of B and A: a read beyond the last row would throw.
            a = new float[k == 0 ? 0 : aOffset + (m - 1) * aRow + (k - 1) * aColumn + 1];
            b = new float[k == 0 ? 0 : bOffset + (k - 1) * bRow + n];
            c = new float[cOffset + (m - 1) * cRow + n + random.nextInt(3)];
        }

        void fill(Random random, Draw draw) {
            for (float[] array : List.of(a, b, c)) {
                for (int i = 0; i < array.length; i++) {
                    array[i] = draw.from(random);
                }
            }
        }

        float a(int i, int p) {
            return a[aOffset + i * aRow + p * aColumn];
        }

        float b(int p, int j) {
            return b[bOffset + p * bRow + j];
        }

        int cAt(int i, int j) {
            return cOffset + i * cRow + j;
        }

        /** C's whole array after the product by definition; what is not part of C keeps its value. */
        float[] naive() {
            float[] result = c.clone();
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    float sum = c[cAt(i, j)];
                    for (int p = 0; p < k; p++) {
                        sum = Math.fma(a(i, p), b(p, j), sum);
                    }
                    result[cAt(i, j)] = sum;
                }
            }
            return result;
        }

        /** Adds the terms from..to-1 of the inner dimension. */
        void multiply(Lanes lanes, int from, int to, float[] out) {
            lanes.multiply(
                    m,
                    n,
                    to - from,
                    a,
                    aOffset + from * aColumn,
                    aRow,
                    aColumn,
                    b,
                    bOffset + from * bRow,
                    bRow,
                    out,
                    cOffset,
                    cRow);
        }

        void check(long seed) {
            float[] expected = naive();
            float[] aBefore = a.clone();
            float[] bBefore = b.clone();
            for (Lanes lanes : IMPLEMENTATIONS) {
                float[] out = c.clone();
                multiply(lanes, 0, k, out);
                assertBits(expected, out, lanes.description() + ", seed " + seed + ", " + this);
            }
            assertArrayEquals(aBefore, a, "A was written to");
            assertArrayEquals(bBefore, b, "B was written to");
        }

        @Override
        public String toString() {
            return m + " x " + n + " x " + k + ", A at " + aOffset + " by (" + aRow + ", " + aColumn + "), B at "
                    + bOffset + " by " + bRow + ", C at " + cOffset + " by " + cRow;
        }
    }
}
