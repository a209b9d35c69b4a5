package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Gemm;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;

/**
 * One layer over time: takes the inputs of a packed batch, gives the states of every step; takes dL/dh, gives dL/da, the gradients of
 * its parameters and dL/dx. It owns every matrix product; the {@link Cell} does the point-wise rest.
 *
 * <p>The input product of all steps is one product outside the time loop. In the time loop stands only {@code W_hh h_{t-1}}, and on
 * the way back {@code W_hh' da_t}. Equation (5), the sum over all places where a parameter occurs, is one product over all rows.
 */
final class RecurrentLayer {

    private final Cell cell;
    private final int inputs; // I
    private final int hidden; // H
    private final int g; // gates x H
    private final int aWidth; // columns x H
    private final int recurrentColumn; // first column of a that the recurrent product fills
    private final Slot weightIh; // (G, I)
    private final Slot weightHh; // (G, H)
    private final Slot biasIh; // (G)
    private final Slot biasHh; // (G)

    RecurrentLayer(Cell cell, int inputs, int hidden, ParameterLayout layout, String suffix) {
        this.cell = cell;
        this.inputs = inputs;
        this.hidden = hidden;
        this.g = cell.gates() * hidden;
        this.aWidth = cell.columns() * hidden;
        this.recurrentColumn = cell.recurrentBlock() * hidden;
        this.weightIh = layout.slot("rnn.weight_ih_" + suffix);
        this.weightHh = layout.slot("rnn.weight_hh_" + suffix);
        this.biasIh = layout.slot("rnn.bias_ih_" + suffix);
        this.biasHh = layout.slot("rnn.bias_hh_" + suffix);
    }

    LayerBuffers newBuffers() {
        return new LayerBuffers(cell, hidden);
    }

    /** Transposes the weights, and joins the biases to the value where each pre-activation starts. */
    void bind(Weights w) {
        float[] theta = w.theta;
        w.inputTransposed = new float[inputs * g];
        w.inputByBlock = new float[g * inputs];
        w.recurrentTransposed = new float[hidden * g];
        w.bias = new float[aWidth];
        for (int row = 0; row < g; row++) {
            int gateRow = cell.inputGate(row / hidden) * hidden + row % hidden;
            int source = weightIh.offset() + gateRow * inputs;
            System.arraycopy(theta, source, w.inputByBlock, row * inputs, inputs);
            for (int i = 0; i < inputs; i++) {
                w.inputTransposed[i * g + row] = theta[source + i];
            }
            for (int k = 0; k < hidden; k++) {
                w.recurrentTransposed[k * g + row] = theta[weightHh.offset() + row * hidden + k];
            }
            w.bias[row] += theta[biasIh.offset() + gateRow];
        }
        for (int row = 0; row < g; row++) {
            w.bias[recurrentColumn + row] += theta[biasHh.offset() + row];
        }
    }

    /** Starts every pre-activation at the bias and adds W_ih x for one-hot x: a look-up, not a product. */
    void inputOneHot(Weights w, int[] tokens, int rows, LayerBuffers b) {
        for (int r = 0; r < rows; r++) {
            int at = r * aWidth;
            int column = tokens[r] * g;
            for (int j = 0; j < g; j++) {
                b.a[at + j] = w.bias[j] + w.inputTransposed[column + j];
            }
            System.arraycopy(w.bias, g, b.a, at + g, aWidth - g);
        }
    }

    /** Starts every pre-activation at the bias and adds W_ih x of all steps as one product. */
    void inputDense(Weights w, float[] x, int rows, LayerBuffers b) {
        for (int r = 0; r < rows; r++) {
            System.arraycopy(w.bias, 0, b.a, r * aWidth, aWidth);
        }
        Gemm.multiply(rows, g, inputs, x, 0, inputs, w.inputTransposed, 0, g, b.a, 0, aWidth);
    }

    /** Equation (1) over time, from pre-activations that hold the input's part. The state before the first step is zero. */
    void forward(Weights w, SequenceBatch batch, LayerBuffers b) {
        for (int t = 0; t < batch.steps(); t++) {
            int rows = batch.active(t);
            int row = batch.offset(t);
            if (t == 0) {
                Arrays.fill(b.hPrevious, row * hidden, (row + rows) * hidden, 0f);
                if (cell.hasMemory()) {
                    Arrays.fill(b.cPrevious, row * hidden, (row + rows) * hidden, 0f);
                }
            } else {
                int before = batch.offset(t - 1);
                System.arraycopy(b.h, before * hidden, b.hPrevious, row * hidden, rows * hidden);
                if (cell.hasMemory()) {
                    System.arraycopy(b.c, before * hidden, b.cPrevious, row * hidden, rows * hidden);
                }
                Gemm.multiply(
                        rows,
                        g,
                        hidden,
                        b.hPrevious,
                        row * hidden,
                        hidden,
                        w.recurrentTransposed,
                        0,
                        g,
                        b.a,
                        row * aWidth + recurrentColumn,
                        aWidth);
            }
            cell.forward(b, row, rows);
        }
    }

    /** Equation (1) for one step of one sequence, from pre-activations that hold the input's part; the state goes on. */
    void step(Weights w, State state, LayerBuffers b) {
        System.arraycopy(state.h(), 0, b.hPrevious, 0, hidden);
        if (cell.hasMemory()) {
            System.arraycopy(state.c(), 0, b.cPrevious, 0, hidden);
        }
        Gemm.multiply(1, g, hidden, b.hPrevious, 0, hidden, w.recurrentTransposed, 0, g, b.a, recurrentColumn, aWidth);
        cell.forward(b, 0, 1);
        System.arraycopy(b.h, 0, state.h(), 0, hidden);
        if (cell.hasMemory()) {
            System.arraycopy(b.c, 0, state.c(), 0, hidden);
        }
    }

    /**
     * Equation (4), the recursion back through time. On entry dH holds the local terms W_qh' dL/do; on exit {@code a} holds da of
     * every row.
     */
    void backward(Weights w, SequenceBatch batch, LayerBuffers b) {
        for (int t = batch.steps() - 1; t >= 0; t--) {
            int rows = batch.active(t);
            int row = batch.offset(t);
            int before = t == 0 ? -1 : batch.offset(t - 1);
            cell.backward(b, row, before, rows);
            if (t > 0) {
                Gemm.multiply(
                        rows,
                        hidden,
                        g,
                        b.a,
                        row * aWidth + recurrentColumn,
                        aWidth,
                        w.theta,
                        weightHh.offset(),
                        hidden,
                        b.dH,
                        before * hidden,
                        hidden);
            }
        }
    }

    /**
     * Equation (5) for W_hh and both biases: the sum over all places as one product over rows, which stand from the last step down to
     * the first. The rows of the first step stand last; they have no state before them, so the product leaves them out.
     */
    void recurrentGradient(SequenceBatch batch, LayerBuffers b, float[] gradient) {
        int rows = batch.rows();
        Gemm.transposeMultiply(
                g,
                hidden,
                rows - batch.active(0),
                b.a,
                recurrentColumn,
                aWidth,
                b.hPrevious,
                0,
                hidden,
                gradient,
                weightHh.offset(),
                hidden);
        for (int r = 0; r < rows; r++) {
            for (int block = 0; block < cell.gates(); block++) {
                add(b.a, r * aWidth + block * hidden, gradient, biasIh.offset() + cell.inputGate(block) * hidden);
            }
            for (int j = 0; j < g; j++) {
                gradient[biasHh.offset() + j] += b.a[r * aWidth + recurrentColumn + j];
            }
        }
    }

    private void add(float[] from, int fromOffset, float[] to, int toOffset) {
        for (int j = 0; j < hidden; j++) {
            to[toOffset + j] += from[fromOffset + j];
        }
    }

    /** Equation (5) for W_ih with one-hot inputs: each row's da is added to the column of its token. */
    void inputGradientOneHot(int[] tokens, int rows, LayerBuffers b, float[] gradient) {
        for (int r = 0; r < rows; r++) {
            for (int block = 0; block < cell.gates(); block++) {
                int a = r * aWidth + block * hidden;
                int out = weightIh.offset() + cell.inputGate(block) * hidden * inputs + tokens[r];
                for (int j = 0; j < hidden; j++) {
                    gradient[out + j * inputs] += b.a[a + j];
                }
            }
        }
    }

    /** Equation (5) for W_ih: the sum over all places as one product per gate. */
    void inputGradientDense(float[] x, int rows, LayerBuffers b, float[] gradient) {
        for (int block = 0; block < cell.gates(); block++) {
            int out = weightIh.offset() + cell.inputGate(block) * hidden * inputs;
            Gemm.transposeMultiply(
                    hidden, inputs, rows, b.a, block * hidden, aWidth, x, 0, inputs, gradient, out, inputs);
        }
    }

    /** dX = dA W_ih, (N, I). */
    void inputBackward(Weights w, int rows, LayerBuffers b, float[] dX) {
        Arrays.fill(dX, 0, rows * inputs, 0f);
        Gemm.multiply(rows, inputs, g, b.a, 0, aWidth, w.inputByBlock, 0, inputs, dX, 0, inputs);
    }
}
