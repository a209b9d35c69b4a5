package dev.unroll.nn;

import dev.unroll.math.Activations;

/**
 * The GRU (Cho et al. 2014) as in PyTorch: gates r, z, n, and r multiplies the recurrent part of n <em>after</em> the product, so
 * that part is kept apart. The buffer {@code a} has four blocks: n's input part, r, z, n's recurrent part.
 *
 * <pre>
 * r = sigmoid(a_r)   z = sigmoid(a_z)   n = tanh(a_nx + r a_nh)      h_t = n + z (h_{t-1} - n)
 *
 * dz = dH_t (h_{t-1} - n) z (1 - z)     da_nx = dH_t (1 - z) (1 - n^2)
 * da_r = da_nx a_nh r (1 - r)           da_nh = da_nx r              dH_{t-1} += dH_t z
 * </pre>
 */
record GruCell() implements Cell {

    @Override
    public int gates() {
        return 3;
    }

    @Override
    public int columns() {
        return 4;
    }

    /** Blocks n, r, z of the input product are gates 2, 0, 1 of {@code weight_ih}. */
    @Override
    public int inputGate(int block) {
        return (block + 2) % 3;
    }

    @Override
    public boolean hasMemory() {
        return false;
    }

    @Override
    public void forward(LayerBuffers b, int row, int rows) {
        int n = b.hidden;
        float[] a = b.a;
        for (int k = row; k < row + rows; k++) {
            int nx = k * 4 * n;
            int r = nx + n;
            int z = r + n;
            int nh = z + n;
            int s = k * n;
            Activations.sigmoid(a, r, a, r, 2 * n);
            for (int j = 0; j < n; j++) {
                a[nx + j] = Math.fma(a[r + j], a[nh + j], a[nx + j]);
            }
            Activations.tanh(a, nx, a, nx, n);
            for (int j = 0; j < n; j++) {
                b.h[s + j] = Math.fma(a[z + j], b.hPrevious[s + j] - a[nx + j], a[nx + j]);
            }
        }
    }

    @Override
    public void backward(LayerBuffers b, int row, int previousRow, int rows) {
        int n = b.hidden;
        float[] a = b.a;
        for (int k = 0; k < rows; k++) {
            int at = (row + k) * 4 * n;
            int s = (row + k) * n;
            if (previousRow >= 0) {
                int previous = (previousRow + k) * n;
                for (int j = 0; j < n; j++) {
                    b.dH[previous + j] = Math.fma(b.dH[s + j], a[at + 2 * n + j], b.dH[previous + j]);
                }
            }
            for (int j = 0; j < n; j++) {
                float dH = b.dH[s + j];
                float candidate = a[at + j];
                float r = a[at + n + j];
                float z = a[at + 2 * n + j];
                float recurrent = a[at + 3 * n + j];
                float dN = dH * (1f - z) * Math.fma(-candidate, candidate, 1f);
                a[at + j] = dN;
                a[at + n + j] = dN * recurrent * (r * (1f - r));
                a[at + 2 * n + j] = dH * (b.hPrevious[s + j] - candidate) * (z * (1f - z));
                a[at + 3 * n + j] = dN * r;
            }
        }
    }
}
