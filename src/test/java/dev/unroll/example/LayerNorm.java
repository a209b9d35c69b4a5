package dev.unroll.example;

import dev.unroll.nn.CellBuffers;
import dev.unroll.nn.CellParameter;
import java.util.stream.Stream;

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016), {@code y = gain norm(x) + shift}: norm gives the numbers of a row, which stand in
 * one array or in several, the mean 0 and the variance 1. Gain and shift are two parameters of a cell, one after the other.
 */
final class LayerNorm {

    private LayerNorm() {}

    static Stream<CellParameter> parameters(String name, int size) {
        return Stream.of(
                CellParameter.constant("gain_" + name, 1, size), CellParameter.constant("shift_" + name, 0, size));
    }

    /** Overwrites x by norm(x), adds to y, and puts the scale 1 / sigma at {@code scale[from]}. */
    static void forward(CellBuffers b, int gain, int from, float[][] x, float[][] y, float[] scale) {
        int hidden = b.hidden();
        int n = x.length * hidden;
        double mean = 0;
        double variance = 0;
        for (int k = 0; k < n; k++) {
            mean += x[k / hidden][from + k % hidden] / (double) n;
        }
        for (int k = 0; k < n; k++) {
            double d = x[k / hidden][from + k % hidden] - mean;
            variance += d * d / n;
        }
        scale[from] = (float) (1 / Math.sqrt(variance + 1e-5));
        for (int k = 0; k < n; k++) {
            int j = from + k % hidden;
            x[k / hidden][j] = (float) ((x[k / hidden][j] - mean) * scale[from]);
            y[k / hidden][j] += b.parameter(gain)[k] * x[k / hidden][j] + b.parameter(gain + 1)[k];
        }
    }

    /** Overwrites norm(x) by the gradient of x, and writes those of gain and shift. */
    static void backward(CellBuffers b, int gain, int from, float[][] x, float[][] dY, float[] scale) {
        int hidden = b.hidden();
        int n = x.length * hidden;
        double mean = 0;
        double along = 0;
        for (int k = 0; k < n; k++) {
            float d = dY[k / hidden][from + k % hidden];
            float norm = x[k / hidden][from + k % hidden];
            b.dParameter(gain)[x.length * from + k] = d * norm;
            b.dParameter(gain + 1)[x.length * from + k] = d;
            mean += d * b.parameter(gain)[k] / (double) n;
            along += d * b.parameter(gain)[k] * norm / (double) n;
        }
        for (int k = 0; k < n; k++) {
            int j = from + k % hidden;
            double d = dY[k / hidden][j] * b.parameter(gain)[k];
            x[k / hidden][j] = (float) (scale[from] * (d - mean - x[k / hidden][j] * along));
        }
    }
}
