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
 * its parameters and dL/dx. It owns every matrix product; the {@link Cell}, such as {@link LstmCell}, does the
 * point-wise rest.
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
    private final Slot weightHh; // (G, H); null where nothing is recurrent but what the cell does
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
        this.biasIh = layout.slot("rnn.bias_ih_" + suffix);
        boolean recurrent = cell.recurrentGates() > 0;
        this.weightHh = recurrent ? layout.slot("rnn.weight_hh_" + suffix) : null;
        this.biasHh = recurrent ? layout.slot("rnn.bias_hh_" + suffix) : null;
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
        for (int gate = 0; gate < cell.recurrentGates(); gate++) {
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
     * Equation (1) over time, from the inputs in the buffers.
     *
     * @param initialH the state before the first step, (B, H); null for zero
     * @param initialC the memory before the first step, (B, H), of cells that have one; null for zero
     */
    void forward(
            LayerWeights w, SequenceBatch batch, Chunks chunks, float[] initialH, float[] initialC, LayerBuffers b) {
        b.startMemory(batch, initialC);
        for (int chunk = 0; chunk < chunks.count(); chunk++) {
            forward(w, batch, chunks, chunk, initialH, b, false);
        }
    }

    /**
     * The steps of one chunk. The input product is made for some of them at once, and so is the recurrent one where all states are known
     * already and only the gates are not: their chains are the same.
     */
    private void forward(
            LayerWeights w,
            SequenceBatch batch,
            Chunks chunks,
            int chunk,
            float[] initialH,
            LayerBuffers b,
            boolean known) {
        int from = chunks.from(chunk);
        int to = chunks.to(chunk);
        b.chunk = chunk;
        b.base = batch.offset(to - 1);
        int ready = Chunks.end(batch, from); // rows from here on hold the products made for some steps at once
        for (int t = from; t < to; t++) {
            int rows = batch.active(t);
            int row = batch.offset(t);
            if (row < ready) {
                int last = t;
                while (last + 1 < to && ready - batch.offset(last) < INPUT_ROWS) {
                    last++;
                }
                int first = batch.offset(last);
                input(w, first, ready - first, b);
                if (known) {
                    b.statesBefore(batch, t, last + 1, initialH);
                    int stateless = t == 0 && initialH == null ? rows : 0;
                    recurrent(w, first - b.base, ready - first - stateless, b);
                }
                ready = first;
            }
            if (!known) {
                b.statesBefore(batch, t, t + 1, initialH);
                if (t > 0 || initialH != null) {
                    recurrent(w, row - b.base, rows, b);
                }
            }
            b.memoryBefore(batch, chunks, t);
            cell.forward(b.steps, row - b.base, rows);
            if (!known) {
                b.keepStep(batch, chunks, t);
            }
        }
    }

    /** Starts the pre-activations of some rows of the batch at the bias and adds W_ih x, which is a look-up for one-hot x. */
    private void input(LayerWeights w, int row, int rows, LayerBuffers b) {
        float[] x = b.x;
        int local = row - b.base;
        for (int block = 0; block < cell.blocks(); block++) {
            float[] a = b.steps.a[block];
            boolean hasInput = block < cell.gates();
            if (hasInput && x != null) {
                Gemm.multiply(rows, x, row * inputs, inputs, w.input[block], w.bias[block], a, local * hidden, hidden);
                continue;
            }
            for (int r = 0; r < rows; r++) {
                System.arraycopy(w.bias[block], 0, a, (local + r) * hidden, hidden);
                if (hasInput) {
                    Elementwise.add(w.inputColumns[block], b.tokens[row + r] * hidden, a, (local + r) * hidden, hidden);
                }
            }
        }
    }

    /** Adds W_hh h_{t-1} to some rows of the chunk. */
    private void recurrent(LayerWeights w, int row, int rows, LayerBuffers b) {
        float[] states = b.steps.hPrevious;
        for (int gate = 0; gate < cell.recurrentGates(); gate++) {
            float[] a = b.steps.a[cell.recurrentBlock() + gate];
            Gemm.multiply(rows, states, row * hidden, hidden, w.recurrent[gate], a, row * hidden, hidden);
        }
    }

    /**
     * Equation (4), the recursion back through time, and equation (5), the sums over all places, which follow it block by block while
     * their rows are still in the cache. On entry dH holds the local terms W_qh' dL/do.
     *
     * @param initialH as in {@link #forward}
     * @param sums per part of the batch, what its sums over places are added to; none where these are not wanted
     * @param dX where dL/dx goes, (N, I), which may be where the inputs stand; null where it is not wanted
     * @param probe hears of every dH; null for none
     */
    void backward(
            LayerWeights w,
            SequenceBatch batch,
            Chunks chunks,
            float[] initialH,
            Unrolling unrolling,
            Draws draws,
            LayerBuffers b,
            List<PartialSum> sums,
            float[] dX,
            Probe probe) {
        b.startSums(batch);
        for (int chunk = chunks.count() - 1; chunk >= 0; chunk--) {
            if (b.chunk != chunk) {
                forward(w, batch, chunks, chunk, initialH, b, true);
            }
            int from = chunks.from(chunk);
            b.loadGradients(batch, from, chunks.to(chunk));
            for (int t = chunks.to(chunk) - 1; t >= from; t--) {
                backward(w, batch, t, unrolling, draws, b, probe);
                sumOverPlaces(
                        batch, Chunks.end(batch, t), t == from ? 1 : LayerBuffers.BLOCK, initialH != null, b, sums);
            }
            b.handGradientsOn(batch, from);
            if (dX != null) {
                inputBackward(w, Chunks.end(batch, from) - b.base, b, dX);
            }
            b.chunk = -1;
        }
    }

    /** Equation (4) at one step: from dH to dA, and on to dH of the step before. */
    private void backward(
            LayerWeights w, SequenceBatch batch, int t, Unrolling unrolling, Draws draws, LayerBuffers b, Probe probe) {
        int rows = batch.active(t);
        int row = batch.offset(t) - b.base;
        int before = unrolling.truncation().cuts(t) ? -1 : batch.offset(t - 1) - b.base;
        float[] dH = b.steps.dH;
        if (probe != null) {
            probe.onStateGradients(layer, direction, t, batch, new Probe.Rows(dH, row, rows, hidden));
        }
        boolean scaled = before >= 0 && unrolling.truncation().isRandomized();
        boolean watched = before >= 0 && probe != null && probe.wantsTerms(t - 1);
        if (scaled) {
            b.setLocalTermsAside(before, rows);
        } else if (watched) {
            b.copyLocalTerms(before, rows);
        }
        cell.backward(b.steps, row, before, rows);
        for (int gate = 0; before >= 0 && gate < cell.recurrentGates(); gate++) {
            float[] dA = b.steps.a[cell.recurrentBlock() + gate];
            Gemm.multiply(rows, dA, row * hidden, hidden, w.recurrentBack[gate], dH, before * hidden, hidden);
        }
        for (int s = 0; scaled && s < rows; s++) {
            b.scaleCarried(before, s, unrolling.carry(draws, draws.ordinal(batch, s), layer, direction, t));
        }
        if (watched) {
            probe.onTerms(
                    layer,
                    batch,
                    new Probe.Rows(b.h, b.base + before, rows, hidden),
                    new Probe.Rows(b.local, 0, rows, hidden),
                    new Probe.Rows(dH, before, rows, hidden));
        }
    }

    /** Equation (5), block by block, for rows before row {@code ready} that are not in the sums yet: while {@code least} of a part are there. */
    private void sumOverPlaces(
            SequenceBatch batch, int ready, int least, boolean carried, LayerBuffers b, List<PartialSum> sums) {
        for (int p = 0; p < sums.size(); p++) {
            int count = b.nextBlock(batch, p, ready);
            for (; count >= least; count = b.nextBlock(batch, p, ready)) {
                sumOverPlaces(
                        batch, p, b.summed[p], count, carried, b, sums.get(p).gradient());
                b.summed[p] += count;
            }
        }
    }

    /**
     * Equation (5) for {@code count} rows of one part, from place {@code from} in {@link SequenceBatch#rowsByPart} on. Rows stand from the
     * last step down to the first; those of the first step stand last and have no state before them unless one was carried there, so the
     * sum for W_hh leaves them out.
     */
    private void sumOverPlaces(
            SequenceBatch batch, int part, int from, int count, boolean carried, LayerBuffers b, float[] gradient) {
        float[] x = b.x;
        int[] rows = batch.rowsByPart();
        for (int i = 0; i < count; i++) {
            b.places[i] = rows[from + i] - b.base;
        }
        int sequences = batch.sequenceStart(part + 1) - batch.sequenceStart(part);
        int firstSteps = batch.rowStart(part + 1) - (carried ? 0 : sequences);
        int withState = Math.max(0, Math.min(count, firstSteps - from));
        if (weightHh != null) {
            b.stateRows.packRows(b.places, 0, withState, hidden, b.steps.hPrevious);
        }
        if (x != null) {
            b.inputRows.packRows(rows, from, count, inputs, x);
        }
        for (int block = 0; block < cell.blocks(); block++) {
            float[] dA = b.steps.a[block];
            Gemm.transposeRows(b.places, 0, count, hidden, dA, 0, hidden, b.turned, LayerBuffers.TURNED);
            int gate = block - cell.recurrentBlock();
            if (gate >= 0) {
                multiplyTurned(b, b.stateRows, gradient, recurrentWeight(gate), hidden);
                addRows(dA, b.places, count, gradient, recurrentBias(gate));
            }
            if (block < cell.gates()) {
                if (x != null) {
                    multiplyTurned(b, b.inputRows, gradient, inputWeight(block), inputs);
                } else {
                    oneHotGradient(b, rows, from, count, dA, gradient, inputWeight(block));
                }
                addRows(dA, b.places, count, gradient, inputBias(block));
            }
        }
    }

    /** {@code dW += sum over places of da x'}: dA as it was turned, times the packed rows. */
    private void multiplyTurned(LayerBuffers b, Panels places, float[] gradient, int offset, int columns) {
        Gemm.multiply(hidden, b.turned, 0, LayerBuffers.TURNED, places, gradient, offset, columns);
    }

    /** {@code db += sum over places of da}. */
    private void addRows(float[] dA, int[] places, int count, float[] gradient, int offset) {
        for (int i = 0; i < count; i++) {
            Elementwise.add(dA, places[i] * hidden, gradient, offset, hidden);
        }
    }

    /** For one-hot inputs: each row's da is added to the column of its token. */
    private void oneHotGradient(
            LayerBuffers b, int[] rows, int from, int count, float[] dA, float[] gradient, int offset) {
        for (int i = 0; i < count; i++) {
            int out = offset + b.tokens[rows[from + i]];
            for (int j = 0; j < hidden; j++) {
                gradient[out + j * inputs] += dA[b.places[i] * hidden + j];
            }
        }
    }

    /** dX = dA W_ih, for the rows of the chunk. */
    private void inputBackward(LayerWeights w, int rows, LayerBuffers b, float[] dX) {
        int at = b.base * inputs;
        Arrays.fill(dX, at, at + rows * inputs, 0f);
        for (int block = 0; block < cell.gates(); block++) {
            Gemm.multiply(rows, b.steps.a[block], 0, hidden, w.inputBack[block], dX, at, inputs);
        }
    }
}
