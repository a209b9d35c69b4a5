package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.math.Gemm;
import dev.unroll.math.Panels;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.List;

/**
 * One layer in one direction over time: takes the inputs of a packed batch, gives the states of every step; takes dL/dh, gives dL/da, the gradients of
 * its parameters and dL/dx. It owns every matrix product; the {@link Cell} does the point-wise rest.
 *
 * <p>In the time loop stands only {@code W_hh h_{t-1}}, and on the way back {@code W_hh' da_t}; the input product is made for some steps
 * at once, so many that its tiles are full and what it writes is still in the cache when the steps read it. Equation (5), the sum over
 * all places where a parameter occurs, is one product over rows, shard by shard and block of rows by block of rows.
 */
final class RecurrentLayer {

    /** Rows whose input product is made at once. */
    private static final int INPUT_ROWS = 64;

    private final Cell cell;
    private final int layer;
    private final int direction;
    private final boolean oneHot; // whether inputs are tokens without an embedding
    private final int inputs; // I
    private final int hidden; // H
    private final Slot weightIh; // (G, I)
    private final Slot weightHh; // (G, H)
    private final Slot biasIh; // (G)
    private final Slot biasHh; // (G)

    /**
     * @param layer counted from 0
     * @param direction 0 for forward, 1 for reverse
     */
    RecurrentLayer(
            Cell cell, boolean oneHot, int inputs, int hidden, ParameterLayout layout, int layer, int direction) {
        this.cell = cell;
        this.layer = layer;
        this.direction = direction;
        String suffix = NetworkSpec.suffix(layer, direction);
        this.oneHot = oneHot;
        this.inputs = inputs;
        this.hidden = hidden;
        this.weightIh = layout.slot("rnn.weight_ih_" + suffix);
        this.weightHh = layout.slot("rnn.weight_hh_" + suffix);
        this.biasIh = layout.slot("rnn.bias_ih_" + suffix);
        this.biasHh = layout.slot("rnn.bias_hh_" + suffix);
    }

    LayerBuffers newBuffers() {
        return new LayerBuffers(cell, hidden);
    }

    LayerWeights newWeights() {
        return new LayerWeights(cell, hidden);
    }

    /** Packs the weights, and joins the biases to the value where each pre-activation starts. */
    void bind(float[] theta, LayerWeights w) {
        for (float[] bias : w.bias) {
            Arrays.fill(bias, 0f);
        }
        for (int block = 0; block < cell.gates(); block++) {
            if (oneHot) {
                w.inputColumns[block] = LayerBuffers.grow(w.inputColumns[block], inputs, hidden);
                Gemm.transpose(hidden, inputs, theta, inputWeight(block), w.inputColumns[block]);
            } else {
                w.input[block].packTransposed(inputs, hidden, theta, inputWeight(block), inputs);
                w.inputBack[block].pack(hidden, inputs, theta, inputWeight(block), inputs);
            }
            Elementwise.add(theta, inputBias(block), w.bias[block], 0, hidden);
        }
        for (int gate = 0; gate < cell.gates(); gate++) {
            w.recurrent[gate].packTransposed(hidden, hidden, theta, recurrentWeight(gate), hidden);
            w.recurrentBack[gate].pack(hidden, hidden, theta, recurrentWeight(gate), hidden);
            Elementwise.add(theta, recurrentBias(gate), w.bias[cell.recurrentBlock() + gate], 0, hidden);
        }
    }

    /** Where the input weights (H, I) of a block begin in theta. */
    private int inputWeight(int block) {
        return weightIh.offset() + cell.inputGate(block) * hidden * inputs;
    }

    private int inputBias(int block) {
        return biasIh.offset() + cell.inputGate(block) * hidden;
    }

    /** Where the recurrent weights (H, H) of a gate begin in theta. */
    private int recurrentWeight(int gate) {
        return weightHh.offset() + gate * hidden * hidden;
    }

    private int recurrentBias(int gate) {
        return biasHh.offset() + gate * hidden;
    }

    /**
     * Equation (1) over time, from the inputs in the buffers. The state before the first step is zero.
     */
    void forward(LayerWeights w, SequenceBatch batch, LayerBuffers b) {
        int ready = batch.rows(); // rows from here on hold the input's part
        for (int t = 0; t < batch.steps(); t++) {
            int rows = batch.active(t);
            int row = batch.offset(t);
            if (row < ready) {
                int last = t;
                while (last + 1 < batch.steps() && ready - batch.offset(last) < INPUT_ROWS) {
                    last++;
                }
                input(w, batch.offset(last), ready - batch.offset(last), b);
                ready = batch.offset(last);
            }
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
                recurrent(w, row, rows, b);
            }
            cell.forward(b, row, rows);
        }
    }

    /** Equation (1) for the one step of a batch of one sequence; the state goes on. */
    void step(LayerWeights w, float[] stateH, float[] stateC, LayerBuffers b) {
        input(w, 0, 1, b);
        System.arraycopy(stateH, 0, b.hPrevious, 0, hidden);
        if (cell.hasMemory()) {
            System.arraycopy(stateC, 0, b.cPrevious, 0, hidden);
        }
        recurrent(w, 0, 1, b);
        cell.forward(b, 0, 1);
        System.arraycopy(b.h, 0, stateH, 0, hidden);
        if (cell.hasMemory()) {
            System.arraycopy(b.c, 0, stateC, 0, hidden);
        }
    }

    /** Starts the pre-activations of some rows at the bias and adds W_ih x, which is a look-up for one-hot x. */
    private void input(LayerWeights w, int row, int rows, LayerBuffers b) {
        float[] x = b.x;
        for (int block = 0; block < cell.blocks(); block++) {
            float[] a = b.a[block];
            boolean hasInput = block < cell.gates();
            if (hasInput && x != null) {
                Gemm.multiply(rows, x, row * inputs, inputs, w.input[block], w.bias[block], a, row * hidden, hidden);
                continue;
            }
            for (int r = row; r < row + rows; r++) {
                System.arraycopy(w.bias[block], 0, a, r * hidden, hidden);
                if (hasInput) {
                    Elementwise.add(w.inputColumns[block], b.tokens[r] * hidden, a, r * hidden, hidden);
                }
            }
        }
    }

    /** Adds W_hh h_{t-1}. */
    private void recurrent(LayerWeights w, int row, int rows, LayerBuffers b) {
        for (int gate = 0; gate < cell.gates(); gate++) {
            float[] a = b.a[cell.recurrentBlock() + gate];
            Gemm.multiply(rows, b.hPrevious, row * hidden, hidden, w.recurrent[gate], a, row * hidden, hidden);
        }
    }

    /**
     * Equation (4), the recursion back through time, and equation (5), the sums over all places, which follow it block by block while
     * their rows are still in the cache. On entry dH holds the local terms W_qh' dL/do; on exit {@code a} holds da of every row.
     *
     * @param sums per part of the batch, what its sums over places are added to; none where these are not wanted
     * @param probe hears of every dH; null for none
     */
    void backward(
            LayerWeights w,
            SequenceBatch batch,
            Unrolling unrolling,
            Draws draws,
            LayerBuffers b,
            List<PartialSum> sums,
            Probe probe) {
        b.startSums(batch);
        for (int t = batch.steps() - 1; t >= 0; t--) {
            int rows = batch.active(t);
            int row = batch.offset(t);
            int before = unrolling.truncation().cuts(t) ? -1 : batch.offset(t - 1);
            if (probe != null) {
                probe.onStateGradients(layer, direction, t, batch, b.dH, row, rows, hidden);
            }
            boolean scaled = before >= 0 && unrolling.truncation().isRandomized();
            if (scaled) {
                b.setLocalTermsAside(before, rows);
            }
            cell.backward(b, row, before, rows);
            for (int gate = 0; before >= 0 && gate < cell.gates(); gate++) {
                float[] dA = b.a[cell.recurrentBlock() + gate];
                Gemm.multiply(rows, dA, row * hidden, hidden, w.recurrentBack[gate], b.dH, before * hidden, hidden);
            }
            for (int s = 0; scaled && s < rows; s++) {
                b.scaleCarried(before, s, unrolling.carry(draws, draws.ordinal(batch, s), layer, direction, t));
            }
            int least = t == 0 ? 1 : LayerBuffers.BLOCK;
            for (int p = 0; p < sums.size(); p++) {
                int count = b.nextBlock(batch, p, row + rows);
                for (; count >= least; count = b.nextBlock(batch, p, row + rows)) {
                    sumOverPlaces(batch, p, b.summed[p], count, b, sums.get(p).gradient());
                    b.summed[p] += count;
                }
            }
        }
    }

    /**
     * Equation (5) for {@code count} rows of one part, from place {@code from} in {@link SequenceBatch#rowsByPart} on. Rows stand from the
     * last step down to the first; those of the first step stand last and have no state before them, so the sum for W_hh leaves them out.
     */
    private void sumOverPlaces(SequenceBatch batch, int part, int from, int count, LayerBuffers b, float[] gradient) {
        float[] x = b.x;
        int[] rows = batch.rowsByPart();
        int sequences = batch.sequenceStart(part + 1) - batch.sequenceStart(part);
        int firstSteps = batch.rowStart(part + 1) - sequences;
        int withState = Math.max(0, Math.min(count, firstSteps - from));
        b.stateRows.packRows(rows, from, withState, hidden, b.hPrevious);
        if (x != null) {
            b.inputRows.packRows(rows, from, count, inputs, x);
        }
        for (int block = 0; block < cell.blocks(); block++) {
            float[] dA = b.a[block];
            Gemm.transposeRows(rows, from, count, hidden, dA, 0, hidden, b.turned, LayerBuffers.TURNED);
            int gate = block - cell.recurrentBlock();
            if (gate >= 0) {
                multiplyTurned(b, b.stateRows, gradient, recurrentWeight(gate), hidden);
                addRows(dA, rows, from, count, gradient, recurrentBias(gate));
            }
            if (block < cell.gates()) {
                if (x != null) {
                    multiplyTurned(b, b.inputRows, gradient, inputWeight(block), inputs);
                } else {
                    oneHotGradient(b.tokens, rows, from, count, dA, gradient, inputWeight(block));
                }
                addRows(dA, rows, from, count, gradient, inputBias(block));
            }
        }
    }

    /** {@code dW += sum over places of da x'}: dA as it was turned, times the packed rows. */
    private void multiplyTurned(LayerBuffers b, Panels places, float[] gradient, int offset, int columns) {
        Gemm.multiply(hidden, b.turned, 0, LayerBuffers.TURNED, places, gradient, offset, columns);
    }

    /** {@code db += sum over places of da}. */
    private void addRows(float[] dA, int[] rows, int from, int count, float[] gradient, int offset) {
        for (int at = from; at < from + count; at++) {
            Elementwise.add(dA, rows[at] * hidden, gradient, offset, hidden);
        }
    }

    /** For one-hot inputs: each row's da is added to the column of its token. */
    private void oneHotGradient(
            int[] tokens, int[] rows, int from, int count, float[] dA, float[] gradient, int offset) {
        for (int at = from; at < from + count; at++) {
            int out = offset + tokens[rows[at]];
            for (int j = 0; j < hidden; j++) {
                gradient[out + j * inputs] += dA[rows[at] * hidden + j];
            }
        }
    }

    /** dX = dA W_ih, (N, I). */
    void inputBackward(LayerWeights w, int rows, LayerBuffers b, float[] dX) {
        Arrays.fill(dX, 0, rows * inputs, 0f);
        for (int block = 0; block < cell.gates(); block++) {
            Gemm.multiply(rows, b.a[block], 0, hidden, w.inputBack[block], dX, 0, inputs);
        }
    }
}
