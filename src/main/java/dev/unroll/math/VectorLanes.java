package dev.unroll.math;

import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products and activations by the Vector API.
 *
 * <p>For maintainers. A product runs in tiles whose sums stay in registers while the inner index runs: eight rows by three vectors where
 * registers have 512 bits (32 of them), four by two where they are narrower (16 of them). Many rows matter more than many vectors: a panel
 * comes from the second cache once per tile, and cores with two units for 512 bits wait for it (4 x 4 reaches 60 % of their peak, 8 x 3
 * 85 %).
 *
 * <ol>
 *   <li>A tile's sums must be plain locals of one loop. On JDK 17 a sum that lives across two nested loops is boxed (2 instead of 80
 *       GFLOP/s), and larger tiles spill under some collectors.
 *   <li>Indices must be linear in the loop variable with a constant factor, or the bounds checks stay in the loop; so A is read row by row
 *       with step 1, whatever is multiplied.
 *   <li>One activation a loop: several inlined into one body are no longer kept in registers. Its text stands in the loop: a method of its
 *       own is compiled before the loop is, and then is too large to be inlined; what it returns would be boxed.
 *   <li>Masked stores are slow on JDK 17: a column over at the edge is computed with the columns behind it, which are written back as they
 *       were.
 * </ol>
 */
final class VectorLanes implements Lanes {

    /** The preferred registers of the machine, but no wider than the virtual lanes of a sum. */
    private static final VectorSpecies<Float> SPECIES =
            FloatVector.SPECIES_PREFERRED.length() <= Activations.VIRTUAL_LANES
                    ? FloatVector.SPECIES_PREFERRED
                    : FloatVector.SPECIES_512;

    private static final int L = SPECIES.length();
    private static final boolean WIDE = L >= 16; // 32 registers
    private static final int ROWS = WIDE ? 8 : 4;
    private static final int VECTORS = WIDE ? 3 : 2;

    private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);

    /** Vectors that are read to find where cache lines begin: they fit in the first cache. */
    private static final int SCANNED = 128;

    /** The first n lanes: made here, since a mask made in the time loop may be an object there. */
    private static final List<VectorMask<Float>> FIRST = IntStream.rangeClosed(0, L)
            .mapToObj(n -> SPECIES.indexInRange(0, n))
            .toList();

    // Constants in memory: broadcasts in the text would make it too long to be inlined.
    private static final FloatVector EXP_LOW = FloatVector.broadcast(SPECIES, Activations.EXP_LOW);
    private static final FloatVector LOG2_E = FloatVector.broadcast(SPECIES, Activations.LOG2_E);
    private static final FloatVector ROUND = FloatVector.broadcast(SPECIES, Activations.ROUND);
    private static final FloatVector MINUS_LN2_LOW = FloatVector.broadcast(SPECIES, -Activations.LN2_LOW);
    private static final FloatVector MINUS_LN2_HIGH = FloatVector.broadcast(SPECIES, -Activations.LN2_HIGH);
    private static final FloatVector E7 = FloatVector.broadcast(SPECIES, Activations.E7);
    private static final FloatVector E6 = FloatVector.broadcast(SPECIES, Activations.E6);
    private static final FloatVector E5 = FloatVector.broadcast(SPECIES, Activations.E5);
    private static final FloatVector E4 = FloatVector.broadcast(SPECIES, Activations.E4);
    private static final FloatVector E3 = FloatVector.broadcast(SPECIES, Activations.E3);
    private static final FloatVector HALF = FloatVector.broadcast(SPECIES, 0.5f);
    private static final FloatVector ONE = FloatVector.broadcast(SPECIES, 1f);
    private static final FloatVector DOWN_64 = FloatVector.broadcast(SPECIES, Activations.DOWN_64);
    private static final FloatVector T11 = FloatVector.broadcast(SPECIES, Activations.T11);
    private static final FloatVector T9 = FloatVector.broadcast(SPECIES, Activations.T9);
    private static final FloatVector T7 = FloatVector.broadcast(SPECIES, Activations.T7);
    private static final FloatVector T5 = FloatVector.broadcast(SPECIES, Activations.T5);
    private static final FloatVector T3 = FloatVector.broadcast(SPECIES, Activations.T3);

    @Override
    public int panelWidth(int left) {
        int vectors = left / L;
        if (VECTORS == 3 && vectors == 4) {
            return 2 * L; // 2 + 2 rather than 3 + 1
        }
        return Math.max(1, Math.min(VECTORS, vectors)) * L;
    }

    /**
     * Java does not tell where an array stands, but time does: a vector that straddles two cache lines takes two accesses, which costs a
     * product of few rows up to a third. Objects begin at multiples of 8 bytes.
     */
    @Override
    public int lineStart(float[] x, float[] sink) {
        int vectors = Math.min(SCANNED, (x.length - LINE) / L) / 4 * 4;
        int best = 0;
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            for (int offset = 0; offset < LINE; offset += 2) {
                long start = System.nanoTime();
                for (int pass = 0; pass < 4; pass++) {
                    scan(x, offset, vectors, sink);
                }
                long time = System.nanoTime() - start;
                if (time < least) {
                    least = time;
                    best = offset;
                }
            }
        }
        return best;
    }

    /** Reads a multiple of four vectors, as fast as they come. */
    private static void scan(float[] x, int offset, int vectors, float[] sink) {
        IntVector a = IntVector.zero(INTS);
        IntVector b = a;
        IntVector c = a;
        IntVector d = a;
        for (int i = 0; i < vectors; i += 4) {
            a = a.or(FloatVector.fromArray(SPECIES, x, offset + i * L).reinterpretAsInts());
            b = b.or(FloatVector.fromArray(SPECIES, x, offset + i * L + L).reinterpretAsInts());
            c = c.or(FloatVector.fromArray(SPECIES, x, offset + i * L + 2 * L).reinterpretAsInts());
            d = d.or(FloatVector.fromArray(SPECIES, x, offset + i * L + 3 * L).reinterpretAsInts());
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
                    tile8x3(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                } else {
                    tile8x2(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                }
                i += 8;
            } else if (i + 4 <= m) {
                if (three) {
                    tile4x3(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                } else {
                    tile4x2(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                }
                i += 4;
            } else if (i + 2 <= m) {
                if (three) {
                    tile2x3(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                } else {
                    tile2x2(k, a, a0, aRow, b, bOffset, s, s0, sRow, c, c0, cRow);
                }
                i += 2;
            } else {
                if (three) {
                    tile1x3(k, a, a0, b, bOffset, s, s0, c, c0);
                } else {
                    tile1x2(k, a, a0, b, bOffset, s, s0, c, c0);
                }
                i += 1;
            }
        }
    }

    private static void tile8x3(
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
            int cRow) {
        int a1 = a0 + aRow;
        int s1 = s0 + sRow;
        int c1 = c0 + cRow;
        int a2 = a1 + aRow;
        int s2 = s1 + sRow;
        int c2 = c1 + cRow;
        int a3 = a2 + aRow;
        int s3 = s2 + sRow;
        int c3 = c2 + cRow;
        int a4 = a3 + aRow;
        int s4 = s3 + sRow;
        int c4 = c3 + cRow;
        int a5 = a4 + aRow;
        int s5 = s4 + sRow;
        int c5 = c4 + cRow;
        int a6 = a5 + aRow;
        int s6 = s5 + sRow;
        int c6 = c5 + cRow;
        int a7 = a6 + aRow;
        int s7 = s6 + sRow;
        int c7 = c6 + cRow;
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, s, s0 + L);
        FloatVector z0 = FloatVector.fromArray(SPECIES, s, s0 + 2 * L);
        FloatVector x1 = FloatVector.fromArray(SPECIES, s, s1);
        FloatVector y1 = FloatVector.fromArray(SPECIES, s, s1 + L);
        FloatVector z1 = FloatVector.fromArray(SPECIES, s, s1 + 2 * L);
        FloatVector x2 = FloatVector.fromArray(SPECIES, s, s2);
        FloatVector y2 = FloatVector.fromArray(SPECIES, s, s2 + L);
        FloatVector z2 = FloatVector.fromArray(SPECIES, s, s2 + 2 * L);
        FloatVector x3 = FloatVector.fromArray(SPECIES, s, s3);
        FloatVector y3 = FloatVector.fromArray(SPECIES, s, s3 + L);
        FloatVector z3 = FloatVector.fromArray(SPECIES, s, s3 + 2 * L);
        FloatVector x4 = FloatVector.fromArray(SPECIES, s, s4);
        FloatVector y4 = FloatVector.fromArray(SPECIES, s, s4 + L);
        FloatVector z4 = FloatVector.fromArray(SPECIES, s, s4 + 2 * L);
        FloatVector x5 = FloatVector.fromArray(SPECIES, s, s5);
        FloatVector y5 = FloatVector.fromArray(SPECIES, s, s5 + L);
        FloatVector z5 = FloatVector.fromArray(SPECIES, s, s5 + 2 * L);
        FloatVector x6 = FloatVector.fromArray(SPECIES, s, s6);
        FloatVector y6 = FloatVector.fromArray(SPECIES, s, s6 + L);
        FloatVector z6 = FloatVector.fromArray(SPECIES, s, s6 + 2 * L);
        FloatVector x7 = FloatVector.fromArray(SPECIES, s, s7);
        FloatVector y7 = FloatVector.fromArray(SPECIES, s, s7 + L);
        FloatVector z7 = FloatVector.fromArray(SPECIES, s, s7 + 2 * L);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L);
            FloatVector y = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L + L);
            FloatVector z = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L + 2 * L);
            FloatVector u = FloatVector.broadcast(SPECIES, a[a0 + p]);
            x0 = u.fma(x, x0);
            y0 = u.fma(y, y0);
            z0 = u.fma(z, z0);
            u = FloatVector.broadcast(SPECIES, a[a1 + p]);
            x1 = u.fma(x, x1);
            y1 = u.fma(y, y1);
            z1 = u.fma(z, z1);
            u = FloatVector.broadcast(SPECIES, a[a2 + p]);
            x2 = u.fma(x, x2);
            y2 = u.fma(y, y2);
            z2 = u.fma(z, z2);
            u = FloatVector.broadcast(SPECIES, a[a3 + p]);
            x3 = u.fma(x, x3);
            y3 = u.fma(y, y3);
            z3 = u.fma(z, z3);
            u = FloatVector.broadcast(SPECIES, a[a4 + p]);
            x4 = u.fma(x, x4);
            y4 = u.fma(y, y4);
            z4 = u.fma(z, z4);
            u = FloatVector.broadcast(SPECIES, a[a5 + p]);
            x5 = u.fma(x, x5);
            y5 = u.fma(y, y5);
            z5 = u.fma(z, z5);
            u = FloatVector.broadcast(SPECIES, a[a6 + p]);
            x6 = u.fma(x, x6);
            y6 = u.fma(y, y6);
            z6 = u.fma(z, z6);
            u = FloatVector.broadcast(SPECIES, a[a7 + p]);
            x7 = u.fma(x, x7);
            y7 = u.fma(y, y7);
            z7 = u.fma(z, z7);
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + L);
        z0.intoArray(c, c0 + 2 * L);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + L);
        z1.intoArray(c, c1 + 2 * L);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + L);
        z2.intoArray(c, c2 + 2 * L);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + L);
        z3.intoArray(c, c3 + 2 * L);
        x4.intoArray(c, c4);
        y4.intoArray(c, c4 + L);
        z4.intoArray(c, c4 + 2 * L);
        x5.intoArray(c, c5);
        y5.intoArray(c, c5 + L);
        z5.intoArray(c, c5 + 2 * L);
        x6.intoArray(c, c6);
        y6.intoArray(c, c6 + L);
        z6.intoArray(c, c6 + 2 * L);
        x7.intoArray(c, c7);
        y7.intoArray(c, c7 + L);
        z7.intoArray(c, c7 + 2 * L);
    }

    private static void tile4x3(
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
            int cRow) {
        int a1 = a0 + aRow;
        int s1 = s0 + sRow;
        int c1 = c0 + cRow;
        int a2 = a1 + aRow;
        int s2 = s1 + sRow;
        int c2 = c1 + cRow;
        int a3 = a2 + aRow;
        int s3 = s2 + sRow;
        int c3 = c2 + cRow;
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, s, s0 + L);
        FloatVector z0 = FloatVector.fromArray(SPECIES, s, s0 + 2 * L);
        FloatVector x1 = FloatVector.fromArray(SPECIES, s, s1);
        FloatVector y1 = FloatVector.fromArray(SPECIES, s, s1 + L);
        FloatVector z1 = FloatVector.fromArray(SPECIES, s, s1 + 2 * L);
        FloatVector x2 = FloatVector.fromArray(SPECIES, s, s2);
        FloatVector y2 = FloatVector.fromArray(SPECIES, s, s2 + L);
        FloatVector z2 = FloatVector.fromArray(SPECIES, s, s2 + 2 * L);
        FloatVector x3 = FloatVector.fromArray(SPECIES, s, s3);
        FloatVector y3 = FloatVector.fromArray(SPECIES, s, s3 + L);
        FloatVector z3 = FloatVector.fromArray(SPECIES, s, s3 + 2 * L);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L);
            FloatVector y = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L + L);
            FloatVector z = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L + 2 * L);
            FloatVector u = FloatVector.broadcast(SPECIES, a[a0 + p]);
            x0 = u.fma(x, x0);
            y0 = u.fma(y, y0);
            z0 = u.fma(z, z0);
            u = FloatVector.broadcast(SPECIES, a[a1 + p]);
            x1 = u.fma(x, x1);
            y1 = u.fma(y, y1);
            z1 = u.fma(z, z1);
            u = FloatVector.broadcast(SPECIES, a[a2 + p]);
            x2 = u.fma(x, x2);
            y2 = u.fma(y, y2);
            z2 = u.fma(z, z2);
            u = FloatVector.broadcast(SPECIES, a[a3 + p]);
            x3 = u.fma(x, x3);
            y3 = u.fma(y, y3);
            z3 = u.fma(z, z3);
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + L);
        z0.intoArray(c, c0 + 2 * L);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + L);
        z1.intoArray(c, c1 + 2 * L);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + L);
        z2.intoArray(c, c2 + 2 * L);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + L);
        z3.intoArray(c, c3 + 2 * L);
    }

    private static void tile2x3(
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
            int cRow) {
        int a1 = a0 + aRow;
        int s1 = s0 + sRow;
        int c1 = c0 + cRow;
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, s, s0 + L);
        FloatVector z0 = FloatVector.fromArray(SPECIES, s, s0 + 2 * L);
        FloatVector x1 = FloatVector.fromArray(SPECIES, s, s1);
        FloatVector y1 = FloatVector.fromArray(SPECIES, s, s1 + L);
        FloatVector z1 = FloatVector.fromArray(SPECIES, s, s1 + 2 * L);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L);
            FloatVector y = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L + L);
            FloatVector z = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L + 2 * L);
            FloatVector u = FloatVector.broadcast(SPECIES, a[a0 + p]);
            x0 = u.fma(x, x0);
            y0 = u.fma(y, y0);
            z0 = u.fma(z, z0);
            u = FloatVector.broadcast(SPECIES, a[a1 + p]);
            x1 = u.fma(x, x1);
            y1 = u.fma(y, y1);
            z1 = u.fma(z, z1);
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + L);
        z0.intoArray(c, c0 + 2 * L);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + L);
        z1.intoArray(c, c1 + 2 * L);
    }

    private static void tile1x3(int k, float[] a, int a0, float[] b, int b0, float[] s, int s0, float[] c, int c0) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, s, s0 + L);
        FloatVector z0 = FloatVector.fromArray(SPECIES, s, s0 + 2 * L);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L);
            FloatVector y = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L + L);
            FloatVector z = FloatVector.fromArray(SPECIES, b, b0 + p * 3 * L + 2 * L);
            FloatVector u = FloatVector.broadcast(SPECIES, a[a0 + p]);
            x0 = u.fma(x, x0);
            y0 = u.fma(y, y0);
            z0 = u.fma(z, z0);
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + L);
        z0.intoArray(c, c0 + 2 * L);
    }

    private static void tile8x2(
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
            int cRow) {
        int a1 = a0 + aRow;
        int s1 = s0 + sRow;
        int c1 = c0 + cRow;
        int a2 = a1 + aRow;
        int s2 = s1 + sRow;
        int c2 = c1 + cRow;
        int a3 = a2 + aRow;
        int s3 = s2 + sRow;
        int c3 = c2 + cRow;
        int a4 = a3 + aRow;
        int s4 = s3 + sRow;
        int c4 = c3 + cRow;
        int a5 = a4 + aRow;
        int s5 = s4 + sRow;
        int c5 = c4 + cRow;
        int a6 = a5 + aRow;
        int s6 = s5 + sRow;
        int c6 = c5 + cRow;
        int a7 = a6 + aRow;
        int s7 = s6 + sRow;
        int c7 = c6 + cRow;
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, s, s0 + L);
        FloatVector x1 = FloatVector.fromArray(SPECIES, s, s1);
        FloatVector y1 = FloatVector.fromArray(SPECIES, s, s1 + L);
        FloatVector x2 = FloatVector.fromArray(SPECIES, s, s2);
        FloatVector y2 = FloatVector.fromArray(SPECIES, s, s2 + L);
        FloatVector x3 = FloatVector.fromArray(SPECIES, s, s3);
        FloatVector y3 = FloatVector.fromArray(SPECIES, s, s3 + L);
        FloatVector x4 = FloatVector.fromArray(SPECIES, s, s4);
        FloatVector y4 = FloatVector.fromArray(SPECIES, s, s4 + L);
        FloatVector x5 = FloatVector.fromArray(SPECIES, s, s5);
        FloatVector y5 = FloatVector.fromArray(SPECIES, s, s5 + L);
        FloatVector x6 = FloatVector.fromArray(SPECIES, s, s6);
        FloatVector y6 = FloatVector.fromArray(SPECIES, s, s6 + L);
        FloatVector x7 = FloatVector.fromArray(SPECIES, s, s7);
        FloatVector y7 = FloatVector.fromArray(SPECIES, s, s7 + L);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * 2 * L);
            FloatVector y = FloatVector.fromArray(SPECIES, b, b0 + p * 2 * L + L);
            FloatVector u = FloatVector.broadcast(SPECIES, a[a0 + p]);
            x0 = u.fma(x, x0);
            y0 = u.fma(y, y0);
            u = FloatVector.broadcast(SPECIES, a[a1 + p]);
            x1 = u.fma(x, x1);
            y1 = u.fma(y, y1);
            u = FloatVector.broadcast(SPECIES, a[a2 + p]);
            x2 = u.fma(x, x2);
            y2 = u.fma(y, y2);
            u = FloatVector.broadcast(SPECIES, a[a3 + p]);
            x3 = u.fma(x, x3);
            y3 = u.fma(y, y3);
            u = FloatVector.broadcast(SPECIES, a[a4 + p]);
            x4 = u.fma(x, x4);
            y4 = u.fma(y, y4);
            u = FloatVector.broadcast(SPECIES, a[a5 + p]);
            x5 = u.fma(x, x5);
            y5 = u.fma(y, y5);
            u = FloatVector.broadcast(SPECIES, a[a6 + p]);
            x6 = u.fma(x, x6);
            y6 = u.fma(y, y6);
            u = FloatVector.broadcast(SPECIES, a[a7 + p]);
            x7 = u.fma(x, x7);
            y7 = u.fma(y, y7);
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + L);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + L);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + L);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + L);
        x4.intoArray(c, c4);
        y4.intoArray(c, c4 + L);
        x5.intoArray(c, c5);
        y5.intoArray(c, c5 + L);
        x6.intoArray(c, c6);
        y6.intoArray(c, c6 + L);
        x7.intoArray(c, c7);
        y7.intoArray(c, c7 + L);
    }

    private static void tile4x2(
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
            int cRow) {
        int a1 = a0 + aRow;
        int s1 = s0 + sRow;
        int c1 = c0 + cRow;
        int a2 = a1 + aRow;
        int s2 = s1 + sRow;
        int c2 = c1 + cRow;
        int a3 = a2 + aRow;
        int s3 = s2 + sRow;
        int c3 = c2 + cRow;
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, s, s0 + L);
        FloatVector x1 = FloatVector.fromArray(SPECIES, s, s1);
        FloatVector y1 = FloatVector.fromArray(SPECIES, s, s1 + L);
        FloatVector x2 = FloatVector.fromArray(SPECIES, s, s2);
        FloatVector y2 = FloatVector.fromArray(SPECIES, s, s2 + L);
        FloatVector x3 = FloatVector.fromArray(SPECIES, s, s3);
        FloatVector y3 = FloatVector.fromArray(SPECIES, s, s3 + L);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * 2 * L);
            FloatVector y = FloatVector.fromArray(SPECIES, b, b0 + p * 2 * L + L);
            FloatVector u = FloatVector.broadcast(SPECIES, a[a0 + p]);
            x0 = u.fma(x, x0);
            y0 = u.fma(y, y0);
            u = FloatVector.broadcast(SPECIES, a[a1 + p]);
            x1 = u.fma(x, x1);
            y1 = u.fma(y, y1);
            u = FloatVector.broadcast(SPECIES, a[a2 + p]);
            x2 = u.fma(x, x2);
            y2 = u.fma(y, y2);
            u = FloatVector.broadcast(SPECIES, a[a3 + p]);
            x3 = u.fma(x, x3);
            y3 = u.fma(y, y3);
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + L);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + L);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + L);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + L);
    }

    private static void tile2x2(
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
            int cRow) {
        int a1 = a0 + aRow;
        int s1 = s0 + sRow;
        int c1 = c0 + cRow;
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, s, s0 + L);
        FloatVector x1 = FloatVector.fromArray(SPECIES, s, s1);
        FloatVector y1 = FloatVector.fromArray(SPECIES, s, s1 + L);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * 2 * L);
            FloatVector y = FloatVector.fromArray(SPECIES, b, b0 + p * 2 * L + L);
            FloatVector u = FloatVector.broadcast(SPECIES, a[a0 + p]);
            x0 = u.fma(x, x0);
            y0 = u.fma(y, y0);
            u = FloatVector.broadcast(SPECIES, a[a1 + p]);
            x1 = u.fma(x, x1);
            y1 = u.fma(y, y1);
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + L);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + L);
    }

    private static void tile1x2(int k, float[] a, int a0, float[] b, int b0, float[] s, int s0, float[] c, int c0) {
        FloatVector x0 = FloatVector.fromArray(SPECIES, s, s0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, s, s0 + L);
        for (int p = 0; p < k; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, b, b0 + p * 2 * L);
            FloatVector y = FloatVector.fromArray(SPECIES, b, b0 + p * 2 * L + L);
            FloatVector u = FloatVector.broadcast(SPECIES, a[a0 + p]);
            x0 = u.fma(x, x0);
            y0 = u.fma(y, y0);
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + L);
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
            FloatVector e = exp(u.abs().neg());
            FloatVector s = e.add(ONE);
            FloatVector inverse = ONE.div(s);
            FloatVector numerator = ONE.blend(e, u.compare(VectorOperators.LT, 0f));
            FloatVector q = numerator.mul(inverse);
            FloatVector minus = q.neg();
            FloatVector rest = minus.fma(e.sub(s.sub(ONE)), minus.fma(s, numerator));
            rest.fma(inverse, q).intoArray(y, yOffset + j);
        }
        for (; j < count; j++) {
            y[yOffset + j] = Activations.sigmoid(x[xOffset + j]);
        }
    }

    /** Both branches of {@link Activations#tanh(float)}, then a choice. */
    @Override
    public void tanh(float[] x, int xOffset, float[] y, int yOffset, int count) {
        int j = 0;
        for (; j + L <= count; j += L) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, xOffset + j);
            FloatVector magnitude = u.abs();
            FloatVector e = exp(magnitude.add(magnitude).neg());
            FloatVector large = ONE.sub(e.add(e).div(e.add(ONE)));
            large = large.blend(large.neg(), u.compare(VectorOperators.LT, 0f));
            FloatVector z = u.mul(u);
            FloatVector p = z.fma(T11, T9).fma(z, T7).fma(z, T5).fma(z, T3);
            FloatVector small = p.mul(z).fma(u, u);
            large.blend(small, magnitude.compare(VectorOperators.LT, Activations.TANH_SMALL))
                    .intoArray(y, yOffset + j);
        }
        for (; j < count; j++) {
            y[yOffset + j] = Activations.tanh(x[xOffset + j]);
        }
    }

    @Override
    public void exp(float[] x, int offset, int count, float shift) {
        FloatVector down = FloatVector.broadcast(SPECIES, shift);
        int j = offset;
        for (; j + L <= offset + count; j += L) {
            exp(FloatVector.fromArray(SPECIES, x, j).sub(down)).intoArray(x, j);
        }
        for (; j < offset + count; j++) {
            x[j] = Activations.exp(x[j] - shift);
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
        int whole = count - count % Activations.VIRTUAL_LANES;
        for (int lane = 0; lane < Activations.VIRTUAL_LANES; lane += L) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int j = lane; j < whole; j += Activations.VIRTUAL_LANES) {
                sum = sum.add(FloatVector.fromArray(SPECIES, x, offset + j));
            }
            sum.intoArray(sums, lane);
        }
        for (int j = whole; j < count; j++) {
            sums[j - whole] += x[offset + j];
        }
    }

    /** {@link Activations#exp(float)}, lane by lane. */
    private static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.blend(EXP_LOW, x.compare(VectorOperators.LT, Activations.EXP_LOW));
        FloatVector shifted = clamped.fma(LOG2_E, ROUND);
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, clamped));
        FloatVector p = r.fma(E7, E6).fma(r, E5).fma(r, E4).fma(r, E3).fma(r, HALF);
        FloatVector high = r.add(ONE);
        FloatVector low = r.sub(high.sub(ONE));
        p = high.add(r.mul(r).fma(p, low));
        IntVector scale = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.mul(scale.reinterpretAsFloats()).mul(DOWN_64);
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int count) {
        int j = 0;
        for (; j + L <= count; j += L) {
            FloatVector sum = FloatVector.fromArray(SPECIES, y, yOffset + j);
            sum.add(FloatVector.fromArray(SPECIES, x, xOffset + j)).intoArray(y, yOffset + j);
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
    public float chains(int rounds) {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.5f);
        FloatVector y = FloatVector.broadcast(SPECIES, 1f);
        FloatVector a = FloatVector.broadcast(SPECIES, 1f);
        FloatVector b = FloatVector.broadcast(SPECIES, 2f);
        FloatVector c = FloatVector.broadcast(SPECIES, 3f);
        FloatVector d = FloatVector.broadcast(SPECIES, 4f);
        FloatVector e = FloatVector.broadcast(SPECIES, 5f);
        FloatVector f = FloatVector.broadcast(SPECIES, 6f);
        FloatVector g = FloatVector.broadcast(SPECIES, 7f);
        FloatVector h = FloatVector.broadcast(SPECIES, 8f);
        FloatVector i = FloatVector.broadcast(SPECIES, 9f);
        FloatVector j = FloatVector.broadcast(SPECIES, 10f);
        FloatVector k = FloatVector.broadcast(SPECIES, 11f);
        FloatVector l = FloatVector.broadcast(SPECIES, 12f);
        for (int n = 0; n < rounds; n++) {
            a = a.fma(x, y);
            b = b.fma(x, y);
            c = c.fma(x, y);
            d = d.fma(x, y);
            e = e.fma(x, y);
            f = f.fma(x, y);
            g = g.fma(x, y);
            h = h.fma(x, y);
            i = i.fma(x, y);
            j = j.fma(x, y);
            k = k.fma(x, y);
            l = l.fma(x, y);
        }
        FloatVector sum = a.add(b)
                .add(c)
                .add(d)
                .add(e)
                .add(f)
                .add(g)
                .add(h)
                .add(i)
                .add(j)
                .add(k)
                .add(l);
        return sum.lane(0);
    }

    @Override
    public int lanes() {
        return L;
    }

    @Override
    public String tile() {
        return ROWS + "x" + VECTORS * L;
    }

    @Override
    public String description() {
        return "Vector API, " + SPECIES.vectorBitSize() + " bits";
    }
}
