package dev.unroll.testkit;

import dev.unroll.math.Activations;
import dev.unroll.nn.Cell;
import dev.unroll.nn.CellBuffers;

/**
 * A UGRNN (Collins et al. 2017) whose two products are normalised over the units of a row each (Ba et al. 2016), without gain and bias:
 *
 * <pre>
 * c = tanh(norm(a_c) + norm(u_c))   g = sigmoid(norm(a_g) + norm(u_g))   h_t = c + g (h_{t-1} - c)
 * </pre>
 *
 * with a from the inputs and u from the state. It is right, and far more curved than the other cells: what a row's numbers have in
 * common is small at first, and is divided by itself. The blocks are a_c, a_g, u_c, u_g.
 */
public final class LayerNormCell implements Cell {

    private static final int BLOCKS = 4;
    private static final int C = 4; // kept after a scale for each block
    private static final int G = 5;

    @Override
    public String name() {
        return "layernorm";
    }

    @Override
    public int gates() {
        return 2;
    }

    @Override
    public int blocks() {
        return BLOCKS;
    }

    @Override
    public int savedArrays() {
        return BLOCKS + 2;
    }

    @Override
    public boolean isBounded() {
        return true;
    }

    @Override
    public void forward(CellBuffers b, int row, int rows) {
        int hidden = b.hidden();
        for (int from = row * hidden; from < (row + rows) * hidden; from += hidden) {
            for (int block = 0; block < BLOCKS; block++) {
                b.saved(block)[from] = normalize(b.a(block), from, hidden);
            }
            for (int j = from; j < from + hidden; j++) {
                b.saved(C)[j] = b.a(0)[j] + b.a(2)[j];
                b.saved(G)[j] = b.a(1)[j] + b.a(3)[j];
            }
            Activations.tanh(b.saved(C), from, b.saved(C), from, hidden);
            Activations.sigmoid(b.saved(G), from, b.saved(G), from, hidden);
            for (int j = from; j < from + hidden; j++) {
                b.h()[j] = Math.fma(b.saved(G)[j], b.hPrevious()[j] - b.saved(C)[j], b.saved(C)[j]);
            }
        }
    }

    /** To mean 0 and variance 1; returns 1 / sigma. */
    private static float normalize(float[] a, int from, int hidden) {
        double mean = 0;
        for (int j = from; j < from + hidden; j++) {
            mean += a[j] / hidden;
        }
        double variance = 0;
        for (int j = from; j < from + hidden; j++) {
            variance += (a[j] - mean) * (a[j] - mean) / hidden;
        }
        double scale = 1 / Math.sqrt(variance + 1e-5);
        for (int j = from; j < from + hidden; j++) {
            a[j] = (float) ((a[j] - mean) * scale);
        }
        return (float) scale;
    }

    @Override
    public void backward(CellBuffers b, int row, int previousRow, int rows) {
        int hidden = b.hidden();
        float[] dC = new float[hidden];
        float[] dG = new float[hidden];
        for (int r = 0; r < rows; r++) {
            int from = (row + r) * hidden;
            for (int j = 0; j < hidden; j++) {
                float c = b.saved(C)[from + j];
                float g = b.saved(G)[from + j];
                float dH = b.dH()[from + j];
                dC[j] = dH * (1 - g) * (1 - c * c);
                dG[j] = dH * (b.hPrevious()[from + j] - c) * g * (1 - g);
                if (previousRow >= 0) {
                    b.dH()[(previousRow + r) * hidden + j] += dH * g;
                }
            }
            for (int block = 0; block < BLOCKS; block++) {
                denormalize(block % 2 == 0 ? dC : dG, b.a(block), from, b.saved(block)[from]);
            }
        }
    }

    /** From the gradient of the normalised numbers, which stand in {@code a}, to that of what was normalised. */
    private static void denormalize(float[] d, float[] a, int from, float scale) {
        double mean = 0;
        double along = 0;
        for (int j = 0; j < d.length; j++) {
            mean += d[j] / d.length;
            along += d[j] * a[from + j] / d.length;
        }
        for (int j = 0; j < d.length; j++) {
            a[from + j] = (float) (scale * (d[j] - mean - a[from + j] * along));
        }
    }
}
