package dev.unroll.nn;

import dev.unroll.math.Activations;
import dev.unroll.math.Elementwise;

/**
 * The GRU (Cho et al. 2014) as in PyTorch: gates r, z, n, and r multiplies the recurrent part of n <em>after</em> the
 * product, so that part has a block of its own. There are four blocks: n's input part, r, z, n's recurrent part.
 *
 * <pre>
 * r = sigmoid(a_r)   z = sigmoid(a_z)   n = tanh(a_nx + r a_nh)      h_t = n + z (h_{t-1} - n)
 *
 * dz = dH_t (h_{t-1} - n) z (1 - z)     da_nx = dH_t (1 - z) (1 - n^2)
 * da_r = da_nx a_nh r (1 - r)           da_nh = da_nx r              dH_{t-1} += dH_t z
 * </pre>
 */
record GruCell() implements Cell {

    static final String NAME = "gru";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int gates() {
        return 3;
    }

    @Override
    public int blocks() {
        return 4;
    }

    /** Blocks n, r, z of the input product are gates 2, 0, 1 of {@code weight_ih}. */
    @Override
    public int inputGate(int block) {
        return (block + 2) % 3;
    }

    @Override
    public boolean isBounded() {
        return true;
    }

    @Override
    public void forward(CellBuffers b, int row, int rows) {
        int from = row * b.hidden;
        int count = rows * b.hidden;
        int to = from + count;
        float[] n = b.a[0];
        float[] r = b.a[1];
        float[] z = b.a[2];
        float[] recurrent = b.a[3];
        Activations.sigmoid(r, from, r, from, count);
        Activations.sigmoid(z, from, z, from, count);
        for (int j = from; j < to; j++) {
            n[j] = Math.fma(r[j], recurrent[j], n[j]);
        }
        Activations.tanh(n, from, n, from, count);
        float[] h = b.h;
        float[] hPrevious = b.hPrevious;
        for (int j = from; j < to; j++) {
            h[j] = Math.fma(z[j], hPrevious[j] - n[j], n[j]);
        }
    }

    @Override
    public void backward(CellBuffers b, int row, int previousRow, int rows) {
        int from = row * b.hidden;
        int count = rows * b.hidden;
        int to = from + count;
        float[] n = b.a[0];
        float[] r = b.a[1];
        float[] z = b.a[2];
        float[] recurrent = b.a[3];
        float[] hPrevious = b.hPrevious;
        float[] dH = b.dH;
        if (previousRow >= 0) {
            Elementwise.multiplyAdd(dH, from, z, from, dH, previousRow * b.hidden, count);
        }
        for (int j = from; j < to; j++) {
            float dN = dH[j] * (1f - z[j]) * Math.fma(-n[j], n[j], 1f);
            z[j] = dH[j] * (hPrevious[j] - n[j]) * (z[j] * (1f - z[j]));
            n[j] = dN;
        }
        for (int j = from; j < to; j++) {
            float dR = n[j] * recurrent[j] * (r[j] * (1f - r[j]));
            recurrent[j] = n[j] * r[j];
            r[j] = dR;
        }
    }
}
