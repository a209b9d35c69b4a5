package dev.unroll.nn;

import dev.unroll.math.Activations;
import dev.unroll.math.Elementwise;

/**
 * The LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), gates in PyTorch's order i, f,
 * g, o:
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

    static final String NAME = "lstm";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int gates() {
        return 4;
    }

    @Override
    public boolean hasCellState() {
        return true;
    }

    @Override
    public int forgetGate() {
        return 1;
    }

    @Override
    public boolean isBounded() {
        return true;
    }

    /** tanh(c). */
    @Override
    public int savedArrays() {
        return 1;
    }

    @Override
    public void forward(CellBuffers b, int row, int rows) {
        int from = row * b.hidden;
        int count = rows * b.hidden;
        int to = from + count;
        float[] i = b.a[0];
        float[] f = b.a[1];
        float[] g = b.a[2];
        float[] o = b.a[3];
        Activations.sigmoid(i, from, i, from, count);
        Activations.sigmoid(f, from, f, from, count);
        Activations.tanh(g, from, g, from, count);
        Activations.sigmoid(o, from, o, from, count);
        float[] c = b.c;
        float[] cPrevious = b.cPrevious;
        for (int j = from; j < to; j++) {
            c[j] = Math.fma(f[j], cPrevious[j], i[j] * g[j]);
        }
        float[] tanhC = b.saved[0];
        Activations.tanh(c, from, tanhC, from, count);
        float[] h = b.h;
        for (int j = from; j < to; j++) {
            h[j] = o[j] * tanhC[j];
        }
    }

    @Override
    public void backward(CellBuffers b, int row, int previousRow, int rows) {
        int from = row * b.hidden;
        int count = rows * b.hidden;
        int to = from + count;
        float[] i = b.a[0];
        float[] f = b.a[1];
        float[] g = b.a[2];
        float[] o = b.a[3];
        float[] tanhC = b.saved[0];
        float[] cPrevious = b.cPrevious;
        float[] dH = b.dH;
        float[] dC = b.dC;
        for (int j = from; j < to; j++) {
            dC[j] = Math.fma(dH[j] * o[j], Math.fma(-tanhC[j], tanhC[j], 1f), dC[j]);
        }
        if (previousRow >= 0) {
            Elementwise.multiplyAdd(dC, from, f, from, dC, previousRow * b.hidden, count);
        }
        for (int j = from; j < to; j++) {
            float dI = dC[j] * g[j] * (i[j] * (1f - i[j]));
            g[j] = dC[j] * i[j] * Math.fma(-g[j], g[j], 1f);
            i[j] = dI;
        }
        for (int j = from; j < to; j++) {
            f[j] = dC[j] * cPrevious[j] * (f[j] * (1f - f[j]));
            o[j] = dH[j] * tanhC[j] * (o[j] * (1f - o[j]));
        }
    }
}
