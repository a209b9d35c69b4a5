package dev.unroll.nn;

import dev.unroll.math.Activations;

/**
 * Elman's cell, equation (1): {@code h_t = f(a_t)} with f = tanh or relu, and equation (4):
 * {@code da_t = f'(a_t) * dL/dh_t}.
 *
 * @param relu whether f is max(0, a); its derivative at 0 is 0
 */
record ElmanCell(boolean relu) implements Cell {

    static final String NAME = "elman";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int gates() {
        return 1;
    }

    @Override
    public boolean isBounded() {
        return !relu;
    }

    @Override
    public void forward(CellBuffers b, int row, int rows) {
        int from = row * b.hidden;
        int count = rows * b.hidden;
        float[] a = b.a[0];
        float[] h = b.h;
        if (relu) {
            for (int j = from; j < from + count; j++) {
                h[j] = a[j] <= 0f ? 0f : a[j]; // NaN stays NaN
            }
        } else {
            Activations.tanh(a, from, h, from, count);
        }
    }

    @Override
    public void backward(CellBuffers b, int row, int previousRow, int rows) {
        int from = row * b.hidden;
        int to = from + rows * b.hidden;
        float[] a = b.a[0];
        float[] h = b.h;
        float[] dH = b.dH;
        if (relu) {
            for (int j = from; j < to; j++) {
                a[j] = (h[j] > 0f ? 1f : 0f) * dH[j];
            }
        } else {
            for (int j = from; j < to; j++) {
                a[j] = Math.fma(-h[j], h[j], 1f) * dH[j];
            }
        }
    }
}
