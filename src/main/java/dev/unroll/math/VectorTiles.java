// Made by VectorTilesTest; not to be edited. mvn test -Dtest=VectorTilesTest -Dtiles.update=true
package dev.unroll.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of products, by rows of A and vectors of a row of the panel: {@code C = S + A B}. Arrays begin
 * at a0, b0, s0 and c0, and rows of A, S and C are aRow, sRow and cRow floats apart. {@link VectorLanes}
 * chooses among the tiles.
 */
final class VectorTiles {

    private static final VectorSpecies<Float> SPECIES = VectorRegisters.SPECIES;
    private static final int L = SPECIES.length();

    private VectorTiles() {}

    static void tile8x3(
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

    static void tile4x3(
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

    static void tile2x3(
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

    static void tile1x3(int k, float[] a, int a0, float[] b, int b0, float[] s, int s0, float[] c, int c0) {
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

    static void tile8x2(
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

    static void tile4x2(
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

    static void tile2x2(
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

    static void tile1x2(int k, float[] a, int a0, float[] b, int b0, float[] s, int s0, float[] c, int c0) {
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
}
