package dev.unroll.nn;

import dev.unroll.math.Activations;

/**
 * The LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), gates in PyTorch's order i, f, g, o:
 *
 * <pre>
 * i = sigmoid(a_i)   f = sigmoid(a_f)   g = tanh(a_g)   o = sigmoid(a_o)
 * c_t = f c_{t-1} + i g                 h_t = o tanh(c_t)
 *
 * dC_t += dH_t o (1 - tanh(c_t)^2)      da_o = dH_t tanh(c_t) o (1 - o)
 * da_i = dC_t g i (1 - i)               da_f = dC_t c_{t-1} f (1 - f)        da_g = dC_t i (1 - g^2)
 * dC_{t-1} += dC_t f
 * </pre>
 */
record LstmCell() implements Cell {

    @Override
    public int gates() {
        return 4;
    }

    @Override
    public int columns() {
        return 4;
    }

    @Override
    public boolean hasMemory() {
        return true;
    }

    @Override
    public void forward(LayerBuffers b, int row, int rows) {
        int n = b.hidden;
        float[] a = b.a;
        for (int r = row; r < row + rows; r++) {
            int i = r * 4 * n;
            int f = i + n;
            int g = f + n;
            int o = g + n;
            int s = r * n;
            Activations.sigmoid(a, i, a, i, 2 * n);
            Activations.tanh(a, g, a, g, n);
            Activations.sigmoid(a, o, a, o, n);
            for (int j = 0; j < n; j++) {
                b.c[s + j] = Math.fma(a[f + j], b.cPrevious[s + j], a[i + j] * a[g + j]);
            }
            Activations.tanh(b.c, s, b.tanhC, s, n);
            for (int j = 0; j < n; j++) {
                b.h[s + j] = a[o + j] * b.tanhC[s + j];
            }
        }
    }

    @Override
    public void backward(LayerBuffers b, int row, int previousRow, int rows) {
        int n = b.hidden;
        float[] a = b.a;
        for (int r = 0; r < rows; r++) {
            int at = (row + r) * 4 * n;
            int s = (row + r) * n;
            for (int j = 0; j < n; j++) {
                float i = a[at + j];
                float f = a[at + n + j];
                float g = a[at + 2 * n + j];
                float o = a[at + 3 * n + j];
                float tanhC = b.tanhC[s + j];
                float dH = b.dH[s + j];
                float dC = Math.fma(dH * o, Math.fma(-tanhC, tanhC, 1f), b.dC[s + j]);
                a[at + j] = dC * g * (i * (1f - i));
                a[at + n + j] = dC * b.cPrevious[s + j] * (f * (1f - f));
                a[at + 2 * n + j] = dC * i * Math.fma(-g, g, 1f);
                a[at + 3 * n + j] = dH * tanhC * (o * (1f - o));
                b.dC[s + j] = dC * f;
            }
            if (previousRow >= 0) {
                int previous = (previousRow + r) * n;
                for (int j = 0; j < n; j++) {
                    b.dC[previous + j] += b.dC[s + j];
                }
            }
        }
    }
}
