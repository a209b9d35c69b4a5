package dev.unroll.example;

import dev.unroll.math.Activations;
import dev.unroll.nn.Cell;
import dev.unroll.nn.CellBuffers;

/**
 * minGRU (Feng et al. 2024, "Were RNNs all we needed?"): gates depend on the input alone, so there is no recurrent product.
 *
 * <pre>
 * z = sigmoid(a_z)          h_t = (1 - z) h_{t-1} + z a_n
 * dH_{t-1} += dH_t (1 - z)  da_n = dH_t z                  da_z = dH_t (a_n - h_{t-1}) z (1 - z)
 * </pre>
 */
public final class MinGruCell implements Cell {

    @Override
    public String name() {
        return "mingru";
    }

    @Override
    public int gates() {
        return 2; // z and n
    }

    @Override
    public int recurrentGates() {
        return 0;
    }

    @Override
    public void forward(CellBuffers b, int row, int rows) {
        int from = row * b.hidden();
        int count = rows * b.hidden();
        float[] z = b.a(0);
        float[] n = b.a(1);
        float[] before = b.hPrevious();
        float[] h = b.h();
        Activations.sigmoid(z, from, z, from, count);
        for (int j = from; j < from + count; j++) {
            h[j] = Math.fma(z[j], n[j] - before[j], before[j]);
        }
    }

    @Override
    public void backward(CellBuffers b, int row, int previousRow, int rows) {
        int from = row * b.hidden();
        int count = rows * b.hidden();
        float[] z = b.a(0);
        float[] n = b.a(1);
        float[] before = b.hPrevious();
        float[] dH = b.dH();
        if (previousRow >= 0) {
            int to = previousRow * b.hidden();
            for (int j = 0; j < count; j++) {
                dH[to + j] = Math.fma(dH[from + j], 1f - z[from + j], dH[to + j]);
            }
        }
        for (int j = from; j < from + count; j++) {
            float dZ = dH[j] * (n[j] - before[j]) * (z[j] * (1f - z[j]));
            n[j] = dH[j] * z[j];
            z[j] = dZ;
        }
    }
}
