package dev.unroll.math;

import java.util.Arrays;

/** The short, obvious version: the oracle of {@link VectorLanes}, and what runs where the Vector API is not loaded. */
final class ScalarLanes implements Lanes {

    private static final int WIDTH = 16;

    @Override
    public int panelWidth(int left) {
        return WIDTH;
    }

    @Override
    public int lineStart(float[] x, float[] sink) {
        return 0; // a float stands in one line wherever it is
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
            y[yOffset + j] = Activations.sigmoid(x[xOffset + j]);
        }
    }

    @Override
    public void tanh(float[] x, int xOffset, float[] y, int yOffset, int count) {
        for (int j = 0; j < count; j++) {
            y[yOffset + j] = Activations.tanh(x[xOffset + j]);
        }
    }

    @Override
    public void exp(float[] x, int offset, int count, float shift) {
        for (int j = offset; j < offset + count; j++) {
            x[j] = Activations.exp(x[j] - shift);
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
        Arrays.fill(sums, 0, Activations.VIRTUAL_LANES, 0f);
        for (int j = 0; j < count; j++) {
            sums[j % Activations.VIRTUAL_LANES] += x[offset + j];
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
    public float chains(int rounds) {
        float a = 0f, b = 0f, c = 0f, d = 0f, e = 0f, f = 0f, g = 0f, h = 0f, i = 0f, j = 0f, k = 0f, l = 0f;
        for (int n = 0; n < rounds; n++) {
            a = Math.fma(a, 0.5f, 1f);
            b = Math.fma(b, 0.5f, 2f);
            c = Math.fma(c, 0.5f, 3f);
            d = Math.fma(d, 0.5f, 4f);
            e = Math.fma(e, 0.5f, 5f);
            f = Math.fma(f, 0.5f, 6f);
            g = Math.fma(g, 0.5f, 7f);
            h = Math.fma(h, 0.5f, 8f);
            i = Math.fma(i, 0.5f, 9f);
            j = Math.fma(j, 0.5f, 10f);
            k = Math.fma(k, 0.5f, 11f);
            l = Math.fma(l, 0.5f, 12f);
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public String tile() {
        return "1x" + WIDTH;
    }

    @Override
    public String description() {
        return "scalar";
    }
}
