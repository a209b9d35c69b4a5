package dev.unroll.example;

import dev.unroll.math.Activations;
import dev.unroll.nn.Cell;
import dev.unroll.nn.CellBuffers;
import dev.unroll.nn.CellParameter;
import java.util.List;
import java.util.stream.Stream;

/**
 * The LSTM with peepholes (Gers, Schraudolph and Schmidhuber 2002): gates see the cell state through a weight of each unit.
 *
 * <pre>
 * i = sigmoid(a_i + w_i c_{t-1})   f = sigmoid(a_f + w_f c_{t-1})   g = tanh(a_g)
 * c_t = f c_{t-1} + i g            o = sigmoid(a_o + w_o c_t)       h_t = o tanh(c_t)
 * </pre>
 */
public final class PeepholeLstmCell implements Cell {

    @Override
    public String name() {
        return "peephole";
    }

    @Override
    public int gates() {
        return 4; // i, f, g, o
    }

    @Override
    public int forgetGate() {
        return 1;
    }

    @Override
    public boolean hasCellState() {
        return true;
    }

    @Override
    public int savedArrays() {
        return 1; // tanh(c)
    }

    @Override
    public List<CellParameter> parameters(int hidden) {
        float bound = (float) (1 / Math.sqrt(hidden));
        return Stream.of("weight_ci", "weight_cf", "weight_co")
                .map(name -> CellParameter.uniform(name, -bound, bound, hidden))
                .toList();
    }

    @Override
    public void forward(CellBuffers b, int row, int rows) {
        int from = row * b.hidden();
        int count = rows * b.hidden();
        for (int j = from; j < from + count; j++) {
            b.a(0)[j] = Math.fma(b.parameter(0)[j % b.hidden()], b.cPrevious()[j], b.a(0)[j]);
            b.a(1)[j] = Math.fma(b.parameter(1)[j % b.hidden()], b.cPrevious()[j], b.a(1)[j]);
        }
        Activations.sigmoid(b.a(0), from, b.a(0), from, count);
        Activations.sigmoid(b.a(1), from, b.a(1), from, count);
        Activations.tanh(b.a(2), from, b.a(2), from, count);
        for (int j = from; j < from + count; j++) {
            b.c()[j] = Math.fma(b.a(1)[j], b.cPrevious()[j], b.a(0)[j] * b.a(2)[j]);
            b.a(3)[j] = Math.fma(b.parameter(2)[j % b.hidden()], b.c()[j], b.a(3)[j]);
        }
        Activations.sigmoid(b.a(3), from, b.a(3), from, count);
        Activations.tanh(b.c(), from, b.saved(0), from, count);
        for (int j = from; j < from + count; j++) {
            b.h()[j] = b.a(3)[j] * b.saved(0)[j];
        }
    }

    @Override
    public void backward(CellBuffers b, int row, int previousRow, int rows) {
        for (int j = row * b.hidden(); j < (row + rows) * b.hidden(); j++) {
            int unit = j % b.hidden();
            float i = b.a(0)[j];
            float f = b.a(1)[j];
            float g = b.a(2)[j];
            float o = b.a(3)[j];
            float before = b.cPrevious()[j];
            float tanh = b.saved(0)[j];
            float dO = b.dH()[j] * tanh * o * (1 - o);
            float dC = b.dC()[j] + b.dH()[j] * o * (1 - tanh * tanh) + dO * b.parameter(2)[unit];
            float dI = dC * g * i * (1 - i);
            float dF = dC * before * f * (1 - f);
            if (previousRow >= 0) {
                b.dC()[j + (previousRow - row) * b.hidden()] +=
                        dC * f + dI * b.parameter(0)[unit] + dF * b.parameter(1)[unit];
            }
            b.a(0)[j] = dI;
            b.a(1)[j] = dF;
            b.a(2)[j] = dC * i * (1 - g * g);
            b.a(3)[j] = dO;
            b.dParameter(0)[j] = dI * before;
            b.dParameter(1)[j] = dF * before;
            b.dParameter(2)[j] = dO * b.c()[j];
        }
    }
}
