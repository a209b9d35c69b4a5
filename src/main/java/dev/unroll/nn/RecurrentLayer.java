package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.math.Gemm;
import dev.unroll.math.Transposition;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.List;

/**
 * One layer in one direction over time: takes the inputs of a packed batch, gives the states of every step; takes
 * dL/dh, gives dL/da, the gradients of its parameters and dL/dx. It owns every matrix product; the {@link Cell}, such as
 * {@link LstmCell}, does the point-wise rest.
 */
final class RecurrentLayer {

    /*
     * Order of additions (docs/bits.md). A pre-activation starts at b_ih + b_hh, and W_s s where there are statics;
     * the input product is added, then the recurrent one, each a chain of fma over ascending inner index. dL/dh starts
     * at its local term, W_qh' dL/do or dL/dx of the layer above; then comes what the cell adds point-wise, then W_hh'
     * da, gate by gate. A parameter's gradient, equation (5), is for each slice a chain over its rows in storage
     * order; it is added row block by row block, and a chain that is stored and continued is the same chain, so
     * ROW_BLOCK and segments change no bit.
     *
     * Why rows are stored from the last step to the first. Backward computes dA in this order, so the rows of a row
     * block lie next to each other, and their sum follows at once, while they are in the cache. And the last segment is
     * the one whose gates are in memory when backward begins. In ascending order a gradient would need the first
     * segment first: either the gates of all steps at a time, or another order of additions for every byte budget, and
     * with it other bits.
     *
     * What is recomputed. Forward stores h of every step and c at the borders of segments; gates are overwritten by
     * those of the next segment. Backward therefore runs forward once more for every segment but the last. Now that all
     * h are known, the recurrent product, too, is over many rows instead of step by step; every element is the same
     * chain as before.
     *
     * In the time loop remain only W_hh h_{t-1} and, in backward, W_hh' da_t. The input product is computed for
     * INPUT_ROWS rows at a time: enough for full tiles, and few enough that its result is in the cache when the steps
     * read it.
     */

    private static final float[] NO_TABLE = {};

    /** Rows whose input product is computed at a time. */
    private static final int INPUT_ROWS = 64;

    private final Cell cell;
    private final int layer;
    private final int direction;
    private final int inputs; // I
    private final WeightColumns columns; // of W_ih
    private final int hidden; // H
    private final int width; // of a state: P with a projection, otherwise H
    private final LayerParameters parameters;
    private final Projection projection; // null without
    private final NetworkSpec spec;

    /**
     * @param layer counted from 0
     * @param direction 0 for forward, 1 for reverse
     */
    RecurrentLayer(NetworkSpec spec, Cell cell, ParameterLayout layout, int layer, int direction) {
        this.spec = spec;
        this.cell = cell;
        this.layer = layer;
        this.direction = direction;
        this.columns = WeightColumns.of(spec, layer);
        this.inputs = columns.inputs();
        this.hidden = spec.hiddenSize();
        this.width = spec.directionSize();
        String suffix = NetworkSpec.suffix(layer, direction);
        this.parameters = new LayerParameters(spec, cell, layer, layout, suffix);
        this.projection = Projection.of(spec, layout, suffix);
    }

    LayerBuffers newBuffers() {
        return new LayerBuffers(spec, cell);
    }

    LayerWeights newWeights() {
        return new LayerWeights(cell, hidden);
    }

    void bind(float[] theta, LayerWeights w) {
        parameters.bind(theta, w);
        Arrays.fill(w.tokenStarts, NO_TABLE); // one of other parameters says nothing any more
        if (projection != null) {
            projection.bind(theta, w);
        }
    }

    /**
     * Tables the pre-activations that each token begins at: the chains of a product over its embedding, or its one-hot column.
     *
     * @param embedding where the embedding (V, I) begins in theta; -1 where tokens are one-hot
     */
    void tableTokens(int vocabulary, int embedding, float[] theta, LayerWeights w) {
        for (int gate = 0; gate < cell.gates(); gate++) {
            float[] table = FloatArrays.grow(w.tokenStarts[gate], vocabulary, hidden);
            if (embedding >= 0) {
                Gemm.multiply(vocabulary, theta, embedding, inputs, w.input[gate], w.bias[gate], table, 0, hidden);
            } else {
                for (int v = 0; v < vocabulary; v++) {
                    System.arraycopy(w.bias[gate], 0, table, v * hidden, hidden);
                    Elementwise.add(w.inputColumns[gate], v * hidden, table, v * hidden, hidden);
                }
            }
            w.tokenStarts[gate] = table;
        }
    }

    /**
     * Equation (1) over time, for the inputs in the buffers.
     *
     * @param initialH the hidden states before the first step, (B, width); null for zero
     * @param initialC the cell states before the first step, (B, H), of cells that have one; null for zero
     */
    void forward(
            LayerWeights w,
            SequenceBatch batch,
            Segments segments,
            float[] initialH,
            float[] initialC,
            LayerBuffers b) {
        b.gates.parameters = w.own;
        b.startCellStates(batch, initialC);
        for (int segment = 0; segment < segments.count(); segment++) {
            forward(w, batch, segments, segment, initialH, b, false);
        }
    }

    /**
     * Forward through one segment.
     *
     * @param recompute whether all states are known and only the gates are missing; then the recurrent product, too, is
     *     computed for many rows at a time
     */
    private void forward(
            LayerWeights w,
            SequenceBatch batch,
            Segments segments,
            int segment,
            float[] initialH,
            LayerBuffers b,
            boolean recompute) {
        int from = segments.from(segment);
        int to = segments.to(segment);
        b.segment = segment;
        b.base = batch.offset(to - 1);
        int ready = Segments.end(batch, from); // rows from here on have the products that are computed ahead
        for (int t = from; t < to; t++) {
            int rows = batch.active(t);
            int row = batch.offset(t);
            if (row < ready) {
                int last = t;
                while (last + 1 < to && ready - batch.offset(last) < INPUT_ROWS) {
                    last++;
                }
                int first = batch.offset(last);
                input(w, batch, first, ready - first, b);
                if (recompute) {
                    b.statesBefore(batch, t, last + 1, initialH);
                    int stateless = t == 0 && initialH == null ? rows : 0;
                    recurrent(w, first - b.base, ready - first - stateless, b);
                }
                ready = first;
            }
            if (!recompute) {
                b.statesBefore(batch, t, t + 1, initialH);
                if (t > 0 || initialH != null) {
                    recurrent(w, row - b.base, rows, b);
                }
            }
            b.cellStatesBefore(batch, segments, t);
            cell.forward(b.gates, row - b.base, rows);
            if (!recompute) {
                if (projection != null) {
                    projection.forward(w, row - b.base, rows, b);
                }
                b.saveStep(batch, segments, t);
            }
        }
    }

    /**
     * Sets pre-activations of some rows to the bias, or to what bias and statics give, and adds W_ih x (one-hot and tabled: look-up).
     */
    private void input(LayerWeights w, SequenceBatch batch, int row, int rows, LayerBuffers b) {
        float[] x = b.x;
        int local = row - b.base;
        for (int block = 0; block < cell.blocks(); block++) {
            float[] a = b.gates.a[block];
            boolean hasInput = block < cell.gates();
            if (hasInput && b.statics != null) {
                b.statics.copyStart(block, batch, row, rows, hidden, a, local * hidden);
                Gemm.multiply(rows, x, row * inputs, inputs, w.input[block], a, local * hidden, hidden);
            } else if (hasInput && x != null) {
                Gemm.multiply(rows, x, row * inputs, inputs, w.input[block], w.bias[block], a, local * hidden, hidden);
            } else if (hasInput && w.tokenStarts[block].length > 0) {
                for (int r = 0; r < rows; r++) {
                    System.arraycopy(w.tokenStarts[block], b.tokens[row + r] * hidden, a, (local + r) * hidden, hidden);
                }
            } else {
                for (int r = 0; r < rows; r++) {
                    int at = (local + r) * hidden;
                    System.arraycopy(w.bias[block], 0, a, at, hidden);
                    if (hasInput) {
                        Elementwise.add(w.inputColumns[block], b.tokens[row + r] * hidden, a, at, hidden);
                    }
                }
            }
        }
    }

    /** Adds W_hh h_{t-1} to some rows of the segment. */
    private void recurrent(LayerWeights w, int row, int rows, LayerBuffers b) {
        float[] states = b.gates.hPrevious;
        for (int gate = 0; gate < cell.recurrentGates(); gate++) {
            float[] a = b.gates.a[cell.recurrentBlock() + gate];
            Gemm.multiply(rows, states, row * width, width, w.recurrent[gate], a, row * hidden, hidden);
        }
    }

    /**
     * Equation (4), the recursion back through time, and equation (5), the sums over rows, row block by row block. On
     * entry dH holds the local terms W_qh' dL/do.
     *
     * @param initialH as in {@link #forward}
     * @param sums per slice of the batch, to which its gradients are added; empty where none are wanted
     * @param dX receives dL/dx, (N, I), of the columns that are wanted; may be the array of the inputs; null where it is not wanted
     * @param probe is called with every dH; null for none
     */
    void backward(
            LayerWeights w,
            SequenceBatch batch,
            Segments segments,
            float[] initialH,
            Unrolling unrolling,
            Draws draws,
            LayerBuffers b,
            List<PartialSum> sums,
            float[] dX,
            Probe probe) {
        b.gates.parameters = w.own;
        b.startSums(batch);
        for (int segment = segments.count() - 1; segment >= 0; segment--) {
            if (b.segment != segment) {
                forward(w, batch, segments, segment, initialH, b, true);
            }
            int from = segments.from(segment);
            b.loadGradients(batch, from, segments.to(segment));
            for (int t = segments.to(segment) - 1; t >= from; t--) {
                backward(w, batch, t, unrolling, draws, b, probe);
                sumOverRows(
                        batch,
                        Segments.end(batch, t),
                        t == from ? 1 : LayerBuffers.ROW_BLOCK,
                        initialH != null,
                        b,
                        sums);
            }
            b.handGradientsOn(batch, from);
            if (dX != null) {
                inputBackward(w, Segments.end(batch, from) - b.base, b, dX);
            }
            b.segment = -1;
        }
    }

    /** Equation (4) at one step: from dH to dA, and to dH of the previous step. */
    private void backward(
            LayerWeights w, SequenceBatch batch, int t, Unrolling unrolling, Draws draws, LayerBuffers b, Probe probe) {
        int rows = batch.active(t);
        int row = batch.offset(t) - b.base;
        int before = unrolling.truncation().cuts(t) ? -1 : batch.offset(t - 1) - b.base;
        float[] dH = b.segmentDH;
        if (probe != null) {
            probe.onStateGradients(layer, direction, t, batch, new Probe.Rows(dH, row, rows, width));
        }
        boolean scaled = before >= 0 && unrolling.truncation().isRandomized();
        boolean watched = before >= 0 && probe != null && probe.wantsTerms(t - 1);
        if (scaled) {
            b.setLocalTermsAside(before, rows);
        } else if (watched) {
            b.copyLocalTerms(before, rows);
        }
        if (projection != null) {
            projection.backward(w, row, rows, b);
        }
        cell.backward(b.gates, row, before, rows);
        for (int block = 0; b.statics != null && block < cell.gates(); block++) {
            Elementwise.add(b.gates.a[block], row * hidden, b.statics.sums[block], 0, rows * hidden);
        }
        for (int gate = 0; before >= 0 && gate < cell.recurrentGates(); gate++) {
            float[] dA = b.gates.a[cell.recurrentBlock() + gate];
            Gemm.multiply(rows, dA, row * hidden, hidden, w.recurrentBack[gate], dH, before * width, width);
        }
        for (int s = 0; scaled && s < rows; s++) {
            b.scaleRecurrentTerm(
                    before, s, unrolling.gradientScale(draws, draws.ordinal(batch, s), layer, direction, t));
        }
        if (watched) {
            probe.onTerms(
                    layer,
                    batch,
                    new Probe.Rows(b.h, b.base + before, rows, width),
                    new Probe.Rows(b.localTerms, 0, rows, width),
                    new Probe.Rows(dH, before, rows, width));
        }
    }

    /**
     * Equation (5) for rows before row {@code ready} that are not in the gradients yet, row block by row block, while a
     * slice has {@code least} of them.
     */
    private void sumOverRows(
            SequenceBatch batch, int ready, int least, boolean hasInitialState, LayerBuffers b, List<PartialSum> sums) {
        for (int p = 0; p < sums.size(); p++) {
            int count = b.nextBlock(batch, p, ready);
            for (; count >= least; count = b.nextBlock(batch, p, ready)) {
                sumOverRows(batch, p, b.summed[p], count, hasInitialState, b, sums.get(p));
                b.summed[p] += count;
            }
        }
    }

    /**
     * Equation (5) for {@code count} rows of one slice, from element {@code from} of {@link SequenceBatch#rowsBySlice}
     * on. The rows of the first step are the last ones of a slice. They have no previous state, unless there is an
     * initial one, so the sum for W_hh leaves them out.
     */
    private void sumOverRows(
            SequenceBatch batch,
            int slice,
            int from,
            int count,
            boolean hasInitialState,
            LayerBuffers b,
            PartialSum sum) {
        float[] gradient = sum.gradient();
        boolean first = sum.empty() && from == batch.rowStart(slice);
        if (first) {
            parameters.clearWhatNoProductBegins(gradient, b.x != null);
        }
        float[] x = b.x;
        int[] rows = batch.rowsBySlice();
        for (int i = 0; i < count; i++) {
            b.blockRows[i] = rows[from + i] - b.base;
        }
        int sequences = batch.sequenceStart(slice + 1) - batch.sequenceStart(slice);
        int firstSteps = batch.rowStart(slice + 1) - (hasInitialState ? 0 : sequences);
        int withState = Math.max(0, Math.min(count, firstSteps - from));
        if (cell.recurrentGates() > 0) {
            b.stateRows.packRows(b.blockRows, 0, withState, width, b.gates.hPrevious);
        }
        if (x != null) {
            b.inputRows.packRows(rows, from, count, inputs, x);
        }
        for (int block = 0; block < cell.blocks(); block++) {
            float[] dA = b.gates.a[block];
            Transposition.copyRows(
                    b.blockRows, 0, count, hidden, dA, 0, hidden, b.transposed, LayerBuffers.TRANSPOSED_STRIDE);
            int gate = block - cell.recurrentBlock();
            if (gate >= 0) {
                WeightGradient.add(
                        hidden, b.transposed, b.stateRows, first, gradient, parameters.recurrentWeight(gate), width);
                addRows(dA, b.blockRows, count, gradient, parameters.recurrentBias(gate), hidden);
            }
            if (block < cell.gates()) {
                if (x != null) {
                    WeightGradient.add(
                            hidden,
                            b.transposed,
                            b.inputRows,
                            first,
                            gradient,
                            parameters.inputWeight(block),
                            columns.row());
                } else {
                    oneHotGradient(b, rows, from, count, dA, gradient, parameters.inputWeight(block));
                }
                addRows(dA, b.blockRows, count, gradient, parameters.inputBias(block), hidden);
            }
        }
        for (int n = 0; n < b.gates.dParameters.length; n++) {
            Slot own = parameters.own(n);
            addRows(b.gates.dParameters[n], b.blockRows, count, gradient, own.offset(), own.size());
        }
        if (projection != null) {
            projection.addGradient(count, first, b, gradient);
        }
    }

    /** {@code db += sum over rows of da}, for rows of that size. */
    private static void addRows(float[] dA, int[] rows, int count, float[] gradient, int offset, int size) {
        for (int i = 0; i < count; i++) {
            Elementwise.add(dA, rows[i] * size, gradient, offset, size);
        }
    }

    /** For one-hot inputs: adds da of each row to the column of its token. */
    private void oneHotGradient(
            LayerBuffers b, int[] rows, int from, int count, float[] dA, float[] gradient, int offset) {
        for (int i = 0; i < count; i++) {
            int out = offset + b.tokens[rows[from + i]];
            for (int j = 0; j < hidden; j++) {
                gradient[out + j * inputs] += dA[b.blockRows[i] * hidden + j];
            }
        }
    }

    /** dX = dA W_ih, for the rows of the segment and the columns that are wanted. */
    private void inputBackward(LayerWeights w, int rows, LayerBuffers b, float[] dX) {
        int at = b.base * inputs;
        int wanted = columns.gradients();
        if (wanted == inputs) {
            Arrays.fill(dX, at, at + rows * inputs, 0f);
        }
        for (int r = 0; r < rows && wanted < inputs; r++) {
            Arrays.fill(dX, at + r * inputs, at + r * inputs + wanted, 0f);
        }
        for (int block = 0; block < cell.gates(); block++) {
            Gemm.multiply(rows, b.gates.a[block], 0, hidden, w.inputBack[block], dX, at, inputs);
        }
    }
}
