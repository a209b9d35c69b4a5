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

/**
 * Guards promise P2 where instructions differ: every implementation gives the bits of three nested loops with fma,
 * always.
 */
class GemmTest {

    private static final List<ProductLanes> IMPLEMENTATIONS = List.of(new ScalarLanes(), new VectorLanes());
    private static final int[] COLUMNS = {
        1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 81, 127, 128, 130
    };
    private static final int[] INNER = {0, 1, 2, 7, 64};

    /**
     * Tiles have left-over rows, columns and single elements: each size around a tile and a register takes another
     * path.
     */
    @ParameterizedTest
    @CsvSource({
        "1, false", "2, false", "3, false", "4, false", "5, false", "6, false", "7, false", "8, false", "9, false",
        "1, true", "2, true", "3, true", "4, true", "5, true", "6, true", "7, true", "8, true", "9, true"
    })
    void everyImplementation_sizesAroundTilesAndLanes_givesTheBitsOfTheNaiveLoop(int m, boolean fromOneRow) {
        long seed = 100L + m;
        Random random = new Random(seed);
        for (int n : COLUMNS) {
            for (int k : INNER) {
                Case product = new Case(m, n, k, fromOneRow, random);
                product.fill(random, GemmTest::ordinary);
                product.check(seed);
            }
        }
    }

    /**
     * An infinity, a NaN, a zero's sign or a subnormal must not be lost, flushed or invented by one of the
     * implementations.
     */
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
            Case whole = new Case(1 + random.nextInt(9), 1 + random.nextInt(70), k, false, random);
            whole.fill(random, GemmTest::ordinary);
            float[] expected = whole.naive();
            for (ProductLanes first : IMPLEMENTATIONS) {
                for (ProductLanes second : IMPLEMENTATIONS) {
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

    /** The facade must go through the panels, pass the right strides on, and start where it is told to. */
    @Test
    void facade_addedAndFromOneRow_givesTheBitsOfTheNaiveLoop() {
        Random random = new Random(4);
        for (int k : new int[] {0, 11, 512, 1100}) { // deep products are made block by block
            facade_givesTheBitsOfTheNaiveLoop(k, random);
        }
    }

    private static void facade_givesTheBitsOfTheNaiveLoop(int k, Random random) {
        for (boolean fromOneRow : new boolean[] {false, true}) {
            Case p = new Case(7, 150, k, fromOneRow, random);
            p.fill(random, GemmTest::ordinary);
            Panels b = new Panels().pack(p.k, p.n, p.b, p.bOffset, p.bRow);
            float[] c = p.c.clone();
            if (fromOneRow) {
                float[] start = Arrays.copyOfRange(p.s, p.sOffset, p.sOffset + p.n);
                Gemm.multiply(p.m, p.a, p.aOffset, p.aRow, b, start, c, p.cOffset, p.cRow);
            } else {
                Gemm.multiply(p.m, p.a, p.aOffset, p.aRow, b, c, p.cOffset, p.cRow);
            }
            assertBits(p.naive(), c, p.toString());
        }
    }

    /** Three ways to the same panels; memory of a larger matrix that was packed before must not shine through. */
    @Test
    void panels_packedInAnyWay_areTheSame() {
        Random random = new Random(5);
        Panels used = new Panels().pack(40, 200, random(40 * 200, random), 0, 200);
        for (int n : COLUMNS) {
            int k = 1 + random.nextInt(9);
            float[] b = random(3 + k * n, random); // rows 3 floats behind the beginning
            float[] transposed = new float[k * n];
            float[] shuffled = new float[k * n];
            int[] rows = new int[k + 1];
            for (int p = 0; p < k; p++) {
                rows[p + 1] = k - 1 - p;
                System.arraycopy(b, 3 + p * n, shuffled, rows[p + 1] * n, n);
                for (int j = 0; j < n; j++) {
                    transposed[j * k + p] = b[3 + p * n + j];
                }
            }
            Panels expected = new Panels().pack(k, n, b, 3, n);
            assertEquals(k, used.pack(k, n, b, 3, n).k());
            assertEquals(n, used.n());
            assertArrayEquals(contents(expected), contents(used));
            assertArrayEquals(contents(expected), contents(new Panels().packTransposed(k, n, transposed, 0, k)));
            assertArrayEquals(contents(expected), contents(new Panels().packRows(rows, 1, k, n, shuffled)));
        }
    }

    /** The panels wherever they stand in their array, with the empty columns of the last. */
    private static float[] contents(Panels panels) {
        int columns = 0;
        while (columns < panels.n()) {
            columns += Lanes.PRODUCTS.panelWidth(panels.n() - columns);
        }
        return Arrays.copyOfRange(panels.data(), panels.at(0), panels.at(columns));
    }

    @Test
    void vectorsOfPanels_beginInside_anyArray() {
        float[] sink = new float[CacheLineFinder.LINE];
        for (ProductLanes lanes : IMPLEMENTATIONS) {
            for (int length : new int[] {2 * CacheLineFinder.LINE, 100, 1 << 12, 100_000}) {
                int start = CacheLineFinder.find(lanes, new float[length], sink);
                assertTrue(start >= 0 && start < CacheLineFinder.LINE, start + " of " + length + ", " + name(lanes));
            }
        }
    }

    /** The left-hand side of a sum over places: chosen rows, as columns. */
    @Test
    void transposes_anySize_areByDefinition() {
        Random random = new Random(6);
        for (int n : COLUMNS) {
            int[] rows = random.ints(21, 0, 10).toArray();
            int aRow = n + 2;
            float[] wide = random(3 + 10 * aRow, random);
            float[] out = new float[n * 20];
            Transposition.copyRows(rows, 2, 19, n, wide, 3, aRow, out, 20);
            float[] a = random(10 * n, random);
            float[] whole = new float[10 * n];
            Transposition.copy(10, n, a, 0, whole);
            for (int j = 0; j < n; j++) {
                for (int p = 0; p < 20; p++) {
                    assertEquals(p < 19 ? wide[3 + rows[2 + p] * aRow + j] : 0f, out[j * 20 + p]);
                }
                for (int i = 0; i < 10; i++) {
                    assertEquals(a[i * n + j], whole[j * 10 + i]);
                }
            }
        }
    }

    private static String name(ProductLanes lanes) {
        return lanes.getClass().getSimpleName();
    }

    private static float[] random(int size, Random random) {
        float[] x = new float[size];
        for (int i = 0; i < size; i++) {
            x[i] = ordinary(random);
        }
        return x;
    }

    /** Without the module the scalar twin would run, and nothing else would say so. */
    @Test
    void facade_vectorModuleLoaded_runsTheVectorApi() {
        assertTrue(Lanes.description().startsWith("Vector API"), Lanes.description());
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

    /**
     * One product {@code C = S + A B} somewhere inside larger arrays: offsets, and rows further apart than they are
     * long.
     */
    private static final class Case {
        final int m;
        final int n;
        final int k;
        final int aOffset;
        final int aRow;
        final int bOffset;
        final int bRow;
        final int sOffset;
        final int sRow;
        final int cOffset;
        final int cRow;
        final float[] a;
        final float[] b;
        final float[] s; // the same array as c, or another with one row for all
        final float[] c;

        Case(int m, int n, int k, boolean fromOneRow, Random random) {
            this.m = m;
            this.n = n;
            this.k = k;
            aRow = k + random.nextInt(4);
            bRow = n + random.nextInt(4);
            cRow = n + random.nextInt(4);
            aOffset = random.nextInt(5);
            bOffset = random.nextInt(5);
            cOffset = random.nextInt(5);
            sOffset = fromOneRow ? random.nextInt(5) : cOffset;
            sRow = fromOneRow ? 0 : cRow;
            // Not an element longer than needed at the end of A and B: a read beyond the last row would throw.
            a = new float[k == 0 ? 0 : aOffset + (m - 1) * aRow + k];
            b = new float[k == 0 ? 0 : bOffset + (k - 1) * bRow + n];
            c = new float[cOffset + (m - 1) * cRow + n + random.nextInt(3)];
            s = fromOneRow ? new float[sOffset + n + random.nextInt(3)] : c;
        }

        void fill(Random random, Draw draw) {
            for (float[] array : List.of(a, b, s, c)) {
                for (int i = 0; i < array.length; i++) {
                    array[i] = draw.from(random);
                }
            }
        }

        float a(int i, int p) {
            return a[aOffset + i * aRow + p];
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
                    float sum = s[sOffset + i * sRow + j];
                    for (int p = 0; p < k; p++) {
                        sum = Math.fma(a(i, p), b(p, j), sum);
                    }
                    result[cAt(i, j)] = sum;
                }
            }
            return result;
        }

        /** The terms from..to-1 of the inner dimension, panel by panel. */
        void multiply(ProductLanes lanes, int from, int to, float[] out) {
            float[] start = s == c ? out : s;
            for (int j = 0, width; j < n; j += width) {
                width = lanes.panelWidth(n - j);
                int columns = Math.min(width, n - j);
                float[] panel = new float[(to - from) * width];
                for (int p = from; p < to; p++) {
                    System.arraycopy(b, bOffset + p * bRow + j, panel, (p - from) * width, columns);
                }
                int aFrom = aOffset + from;
                lanes.multiply(
                        m,
                        columns,
                        to - from,
                        a,
                        aFrom,
                        aRow,
                        panel,
                        0,
                        start,
                        sOffset + j,
                        sRow,
                        out,
                        cOffset + j,
                        cRow);
            }
        }

        void check(long seed) {
            float[] expected = naive();
            float[] aBefore = a.clone();
            for (ProductLanes lanes : IMPLEMENTATIONS) {
                float[] out = c.clone();
                multiply(lanes, 0, k, out);
                assertBits(expected, out, name(lanes) + ", seed " + seed + ", " + this);
            }
            assertArrayEquals(aBefore, a, "A was written to");
        }

        @Override
        public String toString() {
            return m + " x " + n + " x " + k + ", A at " + aOffset + " by " + aRow + ", B at " + bOffset + " by " + bRow
                    + ", S at " + sOffset + " by " + sRow + ", C at " + cOffset + " by " + cRow;
        }
    }
}
