package dev.unroll.nn;

import dev.unroll.math.Activations;

/**
 * The minGRU (Feng et al. 2024, "Were RNNs all we needed?"), gates z and n. Both depend on the input alone: there is no
 * recurrent product, so that all products of a layer are over many steps.
 *
 * <pre>
 * z = sigmoid(a_z)              n = a_n                  h_t = h_{t-1} + z (n - h_{t-1})
 *
 * da_z = dH_t (n - h_{t-1}) z (1 - z)      da_n = dH_t z      dH_{t-1} += dH_t (1 - z)
 * </pre>
 */
record MinGruCell() implements Cell {

    static final String NAME = "mingru";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int gates() {
        return 2;
    }

    @Override
    public int recurrentGates() {
        return 0;
    }

    @Override
    public void forward(CellBuffers b, int row, int rows) {
        int from = row * b.hidden;
        int count = rows * b.hidden;
        float[] z = b.a[0];
        float[] n = b.a[1];
        float[] h = b.h;
        float[] hPrevious = b.hPrevious;
        Activations.sigmoid(z, from, z, from, count);
        for (int j = from; j < from + count; j++) {
            h[j] = Math.fma(z[j], n[j] - hPrevious[j], hPrevious[j]);
        }
    }

    @Override
    public void backward(CellBuffers b, int row, int previousRow, int rows) {
        int from = row * b.hidden;
        int count = rows * b.hidden;
        float[] z = b.a[0];
        float[] n = b.a[1];
        float[] hPrevious = b.hPrevious;
        float[] dH = b.dH;
        if (previousRow >= 0) {
            int before = previousRow * b.hidden;
            for (int j = 0; j < count; j++) {
                dH[before + j] = Math.fma(dH[from + j], 1f - z[from + j], dH[before + j]);
            }
        }
        for (int j = from; j < from + count; j++) {
            float dZ = dH[j] * (n[j] - hPrevious[j]) * (z[j] * (1f - z[j]));
            n[j] = dH[j] * z[j];
            z[j] = dZ;
        }
    }
}
