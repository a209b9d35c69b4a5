package dev.unroll.math;

import java.util.Arrays;

/** The short, obvious version: the oracle of {@link VectorLanes}, and what runs where the Vector API is not loaded. */
final class ScalarLanes implements ProductLanes, ElementwiseLanes {

    private static final int WIDTH = 16;

    @Override
    public int panelWidth(int left) {
        return WIDTH;
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
        for (int i = 0; i < m; i++) {
            int out = cOffset + i * cRow;
            System.arraycopy(s, sOffset + i * sRow, c, out, n);
            for (int p = 0; p < k; p++) {
                float x = a[aOffset + i * aRow + p];
                int row = bOffset + p * WIDTH;
                for (int j = 0; j < n; j++) {
                    c[out + j] = Math.fma(x, b[row + j], c[out + j]);
                }
            }
        }
    }

    @Override
    public void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int j = 0; j < count; j++) {
            y[yOffset + j] = ScalarFunctions.sigmoid(x[xOffset + j]);
        }
    }

    @Override
    public void tanh(float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int j = 0; j < count; j++) {
            y[yOffset + j] = ScalarFunctions.tanh(x[xOffset + j]);
        }
    }

    @Override
    public void exp(float[] x, int offset, int count, float shift) {
        for (int j = offset; j < offset + count; j++) {
            x[j] = ScalarFunctions.exp(x[j] - shift);
        }
    }

    @Override
    public float max(float[] x, int offset, int count, float[] lanes) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = offset; j < offset + count; j++) {
            max = Math.max(max, x[j]);
        }
        return max;
    }

    @Override
    public void laneSums(float[] x, int offset, int count, float[] sums) {
        Arrays.fill(sums, 0, VIRTUAL_LANES, 0f);
        for (int j = 0; j < count; j++) {
            sums[j % VIRTUAL_LANES] += x[offset + j];
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int j = 0; j < count; j++) {
            y[yOffset + j] += x[xOffset + j];
        }
    }

    @Override
    public void multiplyAdd(float[] x, int xOffset, float[] y, int yOffset, float[] z, int zOffset, int count) {
        for (int j = 0; j < count; j++) {
            z[zOffset + j] = Math.fma(x[xOffset + j], y[yOffset + j], z[zOffset + j]);
        }
    }

    @Override
    public void read(float[] x, int offset, int vectors, float[] sink) {
        for (int i = 0; i < vectors; i++) {
            sink[0] += x[offset + i];
        }
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public String tile() {
        return "1x" + WIDTH;
    }
}
