package dev.unroll.example;

import dev.unroll.math.Activations;
import dev.unroll.nn.Cell;
import dev.unroll.nn.CellBuffers;
import dev.unroll.nn.CellParameter;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The LSTM with layer normalisation (Ba, Kiros and Hinton 2016), with N the {@link LayerNorm} of all gates of a row, or of c:
 *
 * <pre>
 * a = N(W_ih x + b_ih) + N(W_hh h_{t-1} + b_hh)   c_t = f c_{t-1} + i g   h_t = o tanh(N(c_t))
 * </pre>
 */
public final class LayerNormLstmCell implements Cell {

    @Override
    public String name() {
        return "layernormlstm";
    }

    @Override
    public int gates() {
        return 4; // i, f, g, o
    }

    @Override
    public int blocks() {
        return 8; // the inputs' part of each gate, then the state's
    }

    @Override
    public int savedArrays() {
        return 9; // i, f, g, o; the norm of c, tanh(N(c)); the scales of the norms
    }

    @Override
    public boolean hasCellState() {
        return true;
    }

    @Override
    public List<CellParameter> parameters(int hidden) {
        return Stream.of("ih", "hh", "c")
                .flatMap(of -> LayerNorm.parameters(of, of.equals("c") ? hidden : 4 * hidden))
                .toList();
    }

    @Override
    public void forward(CellBuffers b, int row, int rows) {
        int from = row * b.hidden();
        int count = rows * b.hidden();
        float[][] gates = group(b::saved, 0, 4);
        float[] norm = b.saved(4);
        float[] tanh = b.saved(5);
        for (int n = 0; n < 6; n++) {
            Arrays.fill(b.saved(n), from, from + count, 0f);
        }
        for (int r = from; r < from + count; r += b.hidden()) {
            LayerNorm.forward(b, 0, r, group(b::a, 0, 4), gates, b.saved(6));
            LayerNorm.forward(b, 2, r, group(b::a, 4, 4), gates, b.saved(7));
        }
        Activations.sigmoid(gates[0], from, gates[0], from, count);
        Activations.sigmoid(gates[1], from, gates[1], from, count);
        Activations.tanh(gates[2], from, gates[2], from, count);
        Activations.sigmoid(gates[3], from, gates[3], from, count);
        for (int j = from; j < from + count; j++) {
            b.c()[j] = Math.fma(gates[1][j], b.cPrevious()[j], gates[0][j] * gates[2][j]);
            norm[j] = b.c()[j];
        }
        for (int r = from; r < from + count; r += b.hidden()) {
            LayerNorm.forward(b, 4, r, group(b::saved, 4, 1), group(b::saved, 5, 1), b.saved(8));
        }
        Activations.tanh(tanh, from, tanh, from, count);
        for (int j = from; j < from + count; j++) {
            b.h()[j] = gates[3][j] * tanh[j];
        }
    }

    @Override
    public void backward(CellBuffers b, int row, int previousRow, int rows) {
        float[][] gates = group(b::saved, 0, 4);
        for (int r = row * b.hidden(); r < (row + rows) * b.hidden(); r += b.hidden()) {
            for (int j = r; j < r + b.hidden(); j++) {
                float o = gates[3][j];
                float tanh = b.saved(5)[j];
                gates[3][j] = b.dH()[j] * tanh * o * (1 - o);
                b.saved(5)[j] = b.dH()[j] * o * (1 - tanh * tanh);
            }
            LayerNorm.backward(b, 4, r, group(b::saved, 4, 1), group(b::saved, 5, 1), b.saved(8));
            for (int j = r; j < r + b.hidden(); j++) {
                float i = gates[0][j];
                float f = gates[1][j];
                float g = gates[2][j];
                float dC = b.dC()[j] + b.saved(4)[j];
                if (previousRow >= 0) {
                    b.dC()[j + (previousRow - row) * b.hidden()] += dC * f;
                }
                gates[0][j] = dC * g * i * (1 - i);
                gates[1][j] = dC * b.cPrevious()[j] * f * (1 - f);
                gates[2][j] = dC * i * (1 - g * g);
            }
            LayerNorm.backward(b, 0, r, group(b::a, 0, 4), gates, b.saved(6));
            LayerNorm.backward(b, 2, r, group(b::a, 4, 4), gates, b.saved(7));
        }
    }

    private static float[][] group(IntFunction<float[]> arrays, int first, int count) {
        return IntStream.range(first, first + count).mapToObj(arrays).toArray(float[][]::new);
    }
}
