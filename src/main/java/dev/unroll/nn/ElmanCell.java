package dev.unroll.nn;

import dev.unroll.math.Activations;

/**
 * Elman's cell, equation (1): {@code h_t = f(a_t)} with f = tanh or relu, and equation (4): {@code da_t = f'(a_t) * dL/dh_t}.
 *
 * @param relu whether f is max(0, a); its derivative at 0 is 0
 */
record ElmanCell(boolean relu) implements Cell {

    @Override
    public int gates() {
        return 1;
    }

    @Override
    public int columns() {
        return 1;
    }

    @Override
    public boolean hasMemory() {
        return false;
    }

    @Override
    public void forward(LayerBuffers b, int row, int rows) {
        int from = row * b.hidden;
        int count = rows * b.hidden;
        if (relu) {
            for (int j = from; j < from + count; j++) {
                b.h[j] = b.a[j] <= 0f ? 0f : b.a[j]; // NaN stays NaN
            }
        } else {
            Activations.tanh(b.a, from, b.h, from, count);
        }
    }

    @Override
    public void backward(LayerBuffers b, int row, int previousRow, int rows) {
        int from = row * b.hidden;
        int to = from + rows * b.hidden;
        for (int j = from; j < to; j++) {
            float h = b.h[j];
            float slope = relu ? (h > 0f ? 1f : 0f) : Math.fma(-h, h, 1f);
            b.a[j] = slope * b.dH[j];
        }
    }
}
