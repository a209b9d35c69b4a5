package dev.unroll.math;

import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Products and activations by the Vector API. */
final class VectorLanes implements ProductLanes, ElementwiseLanes {

    /*
     * Notes for maintainers.
     *
     * A product runs in tiles whose sums stay in registers while the inner index runs: eight rows by three vectors
     * where registers have 512 bits (32 of them), four by two where they are narrower (16 of them). Many rows matter
     * more than many vectors: a panel comes from the second cache once per tile, and cores with two units for 512 bits
     * wait for it (4 x 4 reaches 60 % of their peak, 8 x 3 85 %). The tiles are in VectorTiles, which is generated.
     *
     * 1. A tile's sums must be plain locals of one loop. On JDK 17 a sum that lives across two nested loops is boxed (2
     *    instead of 80 GFLOP/s), and larger tiles spill under some collectors.
     * 2. Indices must be linear in the loop variable with a constant factor, or the bounds checks stay in the loop; so
     *    A is read row by row with step 1, whatever is multiplied.
     * 3. Every operation is a call into shared code of the Vector API, which C2 must inline to its end; where it does
     *    not, each vector is an object on the heap, as long as the JVM lives. C2 puts off what comes after the first
     *    18,000 nodes of a compilation, some 45 operations, and then needs checks of classes that trap. It counts the
     *    traps that shared code has hit once for each place where it is inlined, and above 100 (PerMethodTrapLimit) it
     *    makes no such checks. A copy of the class fares no better, since the counts are in the JDK's methods. So:
     *    a. One activation a compilation, and few operations: constants are vectors in memory, and sigmoid and tanh
     *       have the text of e^x in their loops, which makes them too long (325 bytes) to be inlined.
     *    b. Shared code has seen what it is for before it is compiled. The constructor uses each operator, since
     *       VectorOperators.ImplCache traps at a new one. VectorOperators.opKind traps where all operators so far were
     *       of one kind: no loop that may run before the first activation asks it for one kind alone. (fma does not
     *       ask it, add does.)
     * 4. Masked stores are slow on JDK 17: a column over at the edge is computed with the columns after it, which are
     *    written back as they were.
     */

    private static final VectorSpecies<Float> SPECIES = VectorRegisters.SPECIES;
    private static final int L = SPECIES.length();
    private static final boolean WIDE = L >= 16; // 32 registers
    private static final int ROWS = WIDE ? 8 : 4;
    private static final int VECTORS = WIDE ? 3 : 2;

    private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);

    /** The first n lanes: made here, since a mask made in the time loop may be an object there. */
    private static final List<VectorMask<Float>> FIRST = IntStream.rangeClosed(0, L)
            .mapToObj(n -> SPECIES.indexInRange(0, n))
            .toList();

    private static final FloatVector EXP_LOW = FloatVector.broadcast(SPECIES, ScalarFunctions.EXP_LOW);
    private static final FloatVector LOG2_E = FloatVector.broadcast(SPECIES, ScalarFunctions.LOG2_E);
    private static final FloatVector ROUND = FloatVector.broadcast(SPECIES, ScalarFunctions.ROUND);
    private static final FloatVector MINUS_LN2_LOW = FloatVector.broadcast(SPECIES, -ScalarFunctions.LN2_LOW);
    private static final FloatVector MINUS_LN2_HIGH = FloatVector.broadcast(SPECIES, -ScalarFunctions.LN2_HIGH);
    private static final FloatVector E7 = FloatVector.broadcast(SPECIES, ScalarFunctions.E7);
    private static final FloatVector E6 = FloatVector.broadcast(SPECIES, ScalarFunctions.E6);
    private static final FloatVector E5 = FloatVector.broadcast(SPECIES, ScalarFunctions.E5);
    private static final FloatVector E4 = FloatVector.broadcast(SPECIES, ScalarFunctions.E4);
    private static final FloatVector E3 = FloatVector.broadcast(SPECIES, ScalarFunctions.E3);
    private static final FloatVector HALF = FloatVector.broadcast(SPECIES, 0.5f);
    private static final FloatVector ONE = FloatVector.broadcast(SPECIES, 1f);
    private static final FloatVector MINUS_TWO = FloatVector.broadcast(SPECIES, -2f);
    private static final FloatVector ZERO = FloatVector.zero(SPECIES);
    private static final FloatVector DOWN_64 = FloatVector.broadcast(SPECIES, ScalarFunctions.DOWN_64);
    private static final FloatVector TANH_SMALL = FloatVector.broadcast(SPECIES, ScalarFunctions.TANH_SMALL);
    private static final FloatVector T11 = FloatVector.broadcast(SPECIES, ScalarFunctions.T11);
    private static final FloatVector T9 = FloatVector.broadcast(SPECIES, ScalarFunctions.T9);
    private static final FloatVector T7 = FloatVector.broadcast(SPECIES, ScalarFunctions.T7);
    private static final FloatVector T5 = FloatVector.broadcast(SPECIES, ScalarFunctions.T5);
    private static final FloatVector T3 = FloatVector.broadcast(SPECIES, ScalarFunctions.T3);

    /** Uses each operator once, for note 3. */
    VectorLanes() {
        float[] x = new float[4 * L];
        read(x, 0, 4, x);
        sigmoid(x, 0, x, 0, L);
        tanh(x, 0, x, 0, L);
        exp(x, 0, L, 1f);
        max(x, 0, L, x);
        laneSums(x, 0, L, new float[VIRTUAL_LANES]);
        add(x, 0, x, L, L);
        multiplyAdd(x, 0, x, 0, x, L, L);
    }

    @Override
    public int panelWidth(int left) {
        int vectors = left / L;
        if (VECTORS == 3 && vectors == 4) {
            return 2 * L; // 2 + 2 rather than 3 + 1
        }
        return Math.max(1, Math.min(VECTORS, vectors)) * L;
    }

    @Override
    public void read(float[] x, int offset, int vectors, float[] sink) {
        IntVector a = IntVector.zero(INTS);
        IntVector b = a;
        IntVector c = a;
        IntVector d = a;
        for (int i = 0; i < vectors; i += 4) {
            a = a.or(FloatVector.fromArray(SPECIES, x, offset + i * L).reinterpretAsInts());
            b = b.sub(FloatVector.fromArray(SPECIES, x, offset + i * L + L).reinterpretAsInts());
            c = c.or(FloatVector.fromArray(SPECIES, x, offset + i * L + 2 * L).reinterpretAsInts());
            d = d.sub(FloatVector.fromArray(SPECIES, x, offset + i * L + 3 * L).reinterpretAsInts());
        }
        a.or(b).or(c.or(d)).reinterpretAsFloats().intoArray(sink, 0);
    }

    @Override
    public void multiply(
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
            int cRow) {
        if (n <= L) {
            edge(m, n, k, a, aOffset, aRow, b, bOffset, s, sOffset, sRow, c, cOffset, cRow);
            return;
        }
        boolean three = n == 3 * L;
        int i = 0;
        while (i < m) {
            int a0 = aOffset + i * aRow;
            int s0 = sOffset + i * sRow;
            int c0 = cOffset + i * cRow;
            if (WIDE && i + 8 <= m) {
                if (three) {
                    VectorTiles.tile8x3(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                } else {
                    VectorTiles.tile8x2(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                }
                i += 8;
            } else if (i + 4 <= m) {
                if (three) {
                    VectorTiles.tile4x3(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                } else {
                    VectorTiles.tile4x2(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                }
                i += 4;
            } else if (i + 2 <= m) {
                if (three) {
                    VectorTiles.tile2x3(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                } else {
                    VectorTiles.tile2x2(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                }
                i += 2;
            } else {
                if (three) {
                    VectorTiles.tile1x3(k, a, a0, b, bOffset, s, s0, c, c0);
                } else {
                    VectorTiles.tile1x2(k, a, a0, b, bOffset, s, s0, c, c0);
                }
                i += 1;
            }
        }
    }

    /** A panel of one vector, of which n lanes count. */
    private static void edge(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            float[] b,
            int b0,
            float[] s,
            int sOffset,
            int sRow,
            float[] c,
            int cOffset,
            int cRow) {
        VectorMask<Float> lanes = FIRST.get(n);
        // Rows whose vector would reach beyond the end of an array are computed one element at a time.
        int inside = Math.min(rowsInside(s, sOffset, sRow, m), rowsInside(c, cOffset, cRow, m));
        int i = 0;
        for (; i + 4 <= inside; i += 4) {
            edge4(
                    k,
                    a,
                    aOffset + i * aRow,
                    aRow,
                    b,
                    b0,
                    s,
                    sOffset + i * sRow,
                    sRow,
                    c,
                    cOffset + i * cRow,
                    cRow,
                    lanes);
        }
        for (; i < inside; i++) {
            edge1(k, a, aOffset + i * aRow, b, b0, s, sOffset + i * sRow, c, cOffset + i * cRow, lanes);
        }
        for (; i < m; i++) {
            for (int j = 0; j < n; j++) {
                float x = s[sOffset + i * sRow + j];
                for (int p = 0; p < k; p++) {
                    x = Math.fma(a[aOffset + i * aRow + p], b[b0 + p * L + j], x);
                }
                c[cOffset + i * cRow + j] = x;
            }
        }
    }

    /** How many of m rows have a whole vector before the end of the array. */
    private static int rowsInside(float[] x, int offset, int row, int m) {
        int last = x.length - L - offset;
        return last < 0 ? 0 : row == 0 ? m : Math.min(m, last / row + 1);
    }

    private static void edge4(
            int k,
            float[] a,
            int a0,
            int aRow,
            float[] b,
            int b0,
            float[] s,
            int s0,
            int sRow,
            float[] c,
            int c0,
            int cRow,
            VectorMask<Float> lanes) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector x1 = FloatVector.fromArray(SPECIES, s, s0 + sRow);
        FloatVector x2 = FloatVector.fromArray(SPECIES, s, s0 + 2 * sRow);
        FloatVector x3 = FloatVector.fromArray(SPECIES, s, s0 + 3 * sRow);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * L);
            x0 = FloatVector.broadcast(SPECIES, a[a0 + p]).fma(x, x0);
            x1 = FloatVector.broadcast(SPECIES, a[a1 + p]).fma(x, x1);
            x2 = FloatVector.broadcast(SPECIES, a[a2 + p]).fma(x, x2);
            x3 = FloatVector.broadcast(SPECIES, a[a3 + p]).fma(x, x3);
        }
        store(x0, c, c0, lanes);
        store(x1, c, c0 + cRow, lanes);
        store(x2, c, c0 + 2 * cRow, lanes);
        store(x3, c, c0 + 3 * cRow, lanes);
    }

    private static void edge1(
            int k,
            float[] a,
            int a0,
            float[] b,
            int b0,
            float[] s,
            int s0,
            float[] c,
            int c0,
            VectorMask<Float> lanes) {
        FloatVector x = FloatVector.fromArray(SPECIES, s, s0);
        for (int p = 0; p < k; p++) {
            x = FloatVector.broadcast(SPECIES, a[a0 + p]).fma(FloatVector.fromArray(SPECIES, b, b0 + p * L), x);
        }
        store(x, c, c0, lanes);
    }

    private static void store(FloatVector x, float[] c, int at, VectorMask<Float> lanes) {
        FloatVector.fromArray(SPECIES, c, at).blend(x, lanes).intoArray(c, at);
    }

    @Override
    public void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int count) {
        int j = 0;
        for (; j + L <= count; j += L) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, xOffset + j);
            FloatVector exponent = u.abs().neg();
            FloatVector clamped = exponent.blend(EXP_LOW, exponent.compare(VectorOperators.LT, EXP_LOW));
            FloatVector shifted = clamped.fma(LOG2_E, ROUND);
            FloatVector n = shifted.sub(ROUND);
            FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, clamped));
            FloatVector tail = r.fma(E7, E6).fma(r, E5).fma(r, E4).fma(r, E3).fma(r, HALF);
            FloatVector high = r.add(ONE);
            FloatVector low = r.sub(high.sub(ONE));
            IntVector scale = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector e = high.add(r.mul(r).fma(tail, low))
                    .mul(scale.reinterpretAsFloats())
                    .mul(DOWN_64);
            FloatVector s = e.add(ONE);
            FloatVector inverse = ONE.div(s);
            FloatVector numerator = ONE.blend(e, u.compare(VectorOperators.LT, ZERO));
            FloatVector q = numerator.mul(inverse);
            FloatVector minus = q.neg();
            FloatVector rest = minus.fma(e.sub(s.sub(ONE)), minus.fma(s, numerator));
            rest.fma(inverse, q).intoArray(y, yOffset + j);
        }
        for (; j < count; j++) {
            y[yOffset + j] = ScalarFunctions.sigmoid(x[xOffset + j]);
        }
    }

    /** Both branches of {@link ScalarFunctions#tanh(float)}, then a choice. */
    @Override
    public void tanh(float[] x, int xOffset, float[] y, int yOffset, int count) {
        int j = 0;
        for (; j + L <= count; j += L) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, xOffset + j);
            FloatVector magnitude = u.abs();
            FloatVector exponent = magnitude.mul(MINUS_TWO);
            FloatVector clamped = exponent.blend(EXP_LOW, exponent.compare(VectorOperators.LT, EXP_LOW));
            FloatVector shifted = clamped.fma(LOG2_E, ROUND);
            FloatVector n = shifted.sub(ROUND);
            FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, clamped));
            FloatVector tail = r.fma(E7, E6).fma(r, E5).fma(r, E4).fma(r, E3).fma(r, HALF);
            FloatVector high = r.add(ONE);
            FloatVector low = r.sub(high.sub(ONE));
            IntVector scale = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector e = high.add(r.mul(r).fma(tail, low))
                    .mul(scale.reinterpretAsFloats())
                    .mul(DOWN_64);
            FloatVector large = ONE.sub(e.add(e).div(e.add(ONE)));
            large = large.blend(large.neg(), u.compare(VectorOperators.LT, ZERO));
            FloatVector z = u.mul(u);
            FloatVector p = z.fma(T11, T9).fma(z, T7).fma(z, T5).fma(z, T3);
            FloatVector small = p.mul(z).fma(u, u);
            large.blend(small, magnitude.compare(VectorOperators.LT, TANH_SMALL))
                    .intoArray(y, yOffset + j);
        }
        for (; j < count; j++) {
            y[yOffset + j] = ScalarFunctions.tanh(x[xOffset + j]);
        }
    }

    @Override
    public void exp(float[] x, int offset, int count, float shift) {
        FloatVector down = FloatVector.broadcast(SPECIES, shift);
        int j = offset;
        for (; j + L <= offset + count; j += L) {
            FloatVector exponent = FloatVector.fromArray(SPECIES, x, j).sub(down);
            FloatVector clamped = exponent.blend(EXP_LOW, exponent.compare(VectorOperators.LT, EXP_LOW));
            FloatVector shifted = clamped.fma(LOG2_E, ROUND);
            FloatVector n = shifted.sub(ROUND);
            FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, clamped));
            FloatVector tail = r.fma(E7, E6).fma(r, E5).fma(r, E4).fma(r, E3).fma(r, HALF);
            FloatVector high = r.add(ONE);
            FloatVector low = r.sub(high.sub(ONE));
            IntVector scale = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
            FloatVector e = high.add(r.mul(r).fma(tail, low))
                    .mul(scale.reinterpretAsFloats())
                    .mul(DOWN_64);
            e.intoArray(x, j);
        }
        for (; j < offset + count; j++) {
            x[j] = ScalarFunctions.exp(x[j] - shift);
        }
    }

    @Override
    public float max(float[] x, int offset, int count, float[] lanes) {
        FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        int j = offset;
        for (; j + L <= offset + count; j += L) {
            max = max.max(FloatVector.fromArray(SPECIES, x, j));
        }
        max.intoArray(lanes, 0);
        float result = Float.NEGATIVE_INFINITY;
        for (int lane = 0; lane < L; lane++) {
            result = Math.max(result, lanes[lane]);
        }
        for (; j < offset + count; j++) {
            result = Math.max(result, x[j]);
        }
        return result;
    }

    @Override
    public void laneSums(float[] x, int offset, int count, float[] sums) {
        int whole = count - count % VIRTUAL_LANES;
        for (int lane = 0; lane < VIRTUAL_LANES; lane += L) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int j = lane; j < whole; j += VIRTUAL_LANES) {
                sum = sum.add(FloatVector.fromArray(SPECIES, x, offset + j));
            }
            sum.intoArray(sums, lane);
        }
        for (int j = whole; j < count; j++) {
            sums[j - whole] += x[offset + j];
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int count) {
        int j = 0;
        for (; j + L <= count; j += L) {
            FloatVector sum = FloatVector.fromArray(SPECIES, y, yOffset + j);
            FloatVector.fromArray(SPECIES, x, xOffset + j).fma(ONE, sum).intoArray(y, yOffset + j);
        }
        for (; j < count; j++) {
            y[yOffset + j] += x[xOffset + j];
        }
    }

    @Override
    public void multiplyAdd(float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset, int count) {
        int j = 0;
        for (; j + L <= count; j += L) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, xOffset + j);
            FloatVector v = FloatVector.fromArray(SPECIES, y, yOffset + j);
            u.fma(v, FloatVector.fromArray(SPECIES, z, zOffset + j)).intoArray(z, zOffset + j);
        }
        for (; j < count; j++) {
            z[zOffset + j] = Math.fma(x[xOffset + j], y[yOffset + j], z[zOffset + j]);
        }
    }

    @Override
    public int lanes() {
        return L;
    }

    @Override
    public String tile() {
        return ROWS + "x" + VECTORS * L;
    }
}
