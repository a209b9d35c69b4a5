package dev.unroll.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products by the Vector API: tiles of four rows by two vectors whose sums stay in registers over the whole inner dimension.
 *
 * <p>For maintainers: a tile's accumulators must be plain locals of one loop. On JDK 17 an accumulator that lives across two
 * nested loops is boxed (2 instead of 80 GFLOP/s), and larger tiles spill under some collectors.
 */
final class VectorLanes implements Lanes {

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    @Override
    public void multiply(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aRow,
            int aColumn,
            float[] b,
            int bOffset,
            int bRow,
            float[] c,
            int cOffset,
            int cRow) {
        int j = 0;
        for (; j + 2 * LANES <= n; j += 2 * LANES) {
            int i = 0;
            for (; i + 4 <= m; i += 4) {
                tile4x2(k, a, aOffset + i * aRow, aRow, aColumn, b, bOffset + j, bRow, c, cOffset + i * cRow + j, cRow);
            }
            for (; i < m; i++) {
                tile1x2(k, a, aOffset + i * aRow, aColumn, b, bOffset + j, bRow, c, cOffset + i * cRow + j);
            }
        }
        for (; j + LANES <= n; j += LANES) {
            for (int i = 0; i < m; i++) {
                tile1x1(k, a, aOffset + i * aRow, aColumn, b, bOffset + j, bRow, c, cOffset + i * cRow + j);
            }
        }
        for (; j < n; j++) {
            for (int i = 0; i < m; i++) {
                element(k, a, aOffset + i * aRow, aColumn, b, bOffset + j, bRow, c, cOffset + i * cRow + j);
            }
        }
    }

    private static void tile4x2(
            int k, float[] a, int a0, int aRow, int aColumn, float[] b, int bp, int bRow, float[] c, int c0, int cRow) {
        int a1 = a0 + aRow;
        int a2 = a1 + aRow;
        int a3 = a2 + aRow;
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        FloatVector x0 = FloatVector.fromArray(SPECIES, c, c0);
        FloatVector y0 = FloatVector.fromArray(SPECIES, c, c0 + LANES);
        FloatVector x1 = FloatVector.fromArray(SPECIES, c, c1);
        FloatVector y1 = FloatVector.fromArray(SPECIES, c, c1 + LANES);
        FloatVector x2 = FloatVector.fromArray(SPECIES, c, c2);
        FloatVector y2 = FloatVector.fromArray(SPECIES, c, c2 + LANES);
        FloatVector x3 = FloatVector.fromArray(SPECIES, c, c3);
        FloatVector y3 = FloatVector.fromArray(SPECIES, c, c3 + LANES);
        for (int p = 0; p < k; p++) {
            FloatVector u = FloatVector.fromArray(SPECIES, b, bp);
            FloatVector v = FloatVector.fromArray(SPECIES, b, bp + LANES);
            FloatVector w = FloatVector.broadcast(SPECIES, a[a0]);
            x0 = w.fma(u, x0);
            y0 = w.fma(v, y0);
            w = FloatVector.broadcast(SPECIES, a[a1]);
            x1 = w.fma(u, x1);
            y1 = w.fma(v, y1);
            w = FloatVector.broadcast(SPECIES, a[a2]);
            x2 = w.fma(u, x2);
            y2 = w.fma(v, y2);
            w = FloatVector.broadcast(SPECIES, a[a3]);
            x3 = w.fma(u, x3);
            y3 = w.fma(v, y3);
            a0 += aColumn;
            a1 += aColumn;
            a2 += aColumn;
            a3 += aColumn;
            bp += bRow;
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + LANES);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + LANES);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + LANES);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + LANES);
    }

    private static void tile1x2(int k, float[] a, int ap, int aColumn, float[] b, int bp, int bRow, float[] c, int cp) {
        FloatVector x = FloatVector.fromArray(SPECIES, c, cp);
        FloatVector y = FloatVector.fromArray(SPECIES, c, cp + LANES);
        for (int p = 0; p < k; p++) {
            FloatVector w = FloatVector.broadcast(SPECIES, a[ap]);
            x = w.fma(FloatVector.fromArray(SPECIES, b, bp), x);
            y = w.fma(FloatVector.fromArray(SPECIES, b, bp + LANES), y);
            ap += aColumn;
            bp += bRow;
        }
        x.intoArray(c, cp);
        y.intoArray(c, cp + LANES);
    }

    private static void tile1x1(int k, float[] a, int ap, int aColumn, float[] b, int bp, int bRow, float[] c, int cp) {
        FloatVector x = FloatVector.fromArray(SPECIES, c, cp);
        for (int p = 0; p < k; p++) {
            x = FloatVector.broadcast(SPECIES, a[ap]).fma(FloatVector.fromArray(SPECIES, b, bp), x);
            ap += aColumn;
            bp += bRow;
        }
        x.intoArray(c, cp);
    }

    private static void element(int k, float[] a, int ap, int aColumn, float[] b, int bp, int bRow, float[] c, int cp) {
        float x = c[cp];
        for (int p = 0; p < k; p++) {
            x = Math.fma(a[ap], b[bp], x);
            ap += aColumn;
            bp += bRow;
        }
        c[cp] = x;
    }

    @Override
    public String description() {
        return "Vector API, " + SPECIES.vectorBitSize() + " bits";
    }
}
