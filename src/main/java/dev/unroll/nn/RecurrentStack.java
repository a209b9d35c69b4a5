package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;
import dev.unroll.math.Elementwise;
import dev.unroll.param.ParameterLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Stacked recurrent layers, each in one direction or in two: takes the inputs of a packed batch, gives the states that
 * the head reads; takes their gradients, gives those of all parameters and of the inputs. It knows depth and direction;
 * a {@link RecurrentLayer} knows time.
 *
 * <p>The reverse direction is the same layer over the same batch with every sequence read from its end. Its rows count
 * steps from there, so a row is <em>mirrored</em> to the row of the forward direction at the same step: step t of T to
 * step T - 1 - t. A layer gives the next one the states of both directions, concatenated, in forward order; the last
 * state is each direction's own last.
 */
final class RecurrentStack {

    /*
     * Mirroring copies the rows of inputs and gradients instead of walking time the other way. So there is no second
     * recursion to keep right, and sums over rows run from the last step of the layer's own direction to its first in
     * both.
     *
     * Order of additions (docs/bits.md). Where there are two directions, dL/dx is the chain of the forward direction,
     * to which that of the reverse one is added as a whole; then it is multiplied by the dropout mask.
     *
     * Which arrays are shared. With one direction a layer writes dL/dx directly to dH of the layer below, and without
     * dropout it also reads the states where they are stored. Otherwise it reads a copy: the states of two directions
     * must be joined, and a mask applied in place would change states that backward needs.
     *
     * What is recomputed. The outputs of every layer are stored for all steps, so segments are each layer's own affair:
     * a layer runs backward through all its segments before the layer below begins.
     */

    /** The arrays of all layers for one batch. */
    static final class Buffers {
        final Segments segments = new Segments();
        private boolean bounded; // of the batch for which the arrays have room, as the next four
        private int rows;
        private int rowsAtOnce;
        private int sequences;
        private int borders;
        final LayerBuffers[][] layers; // by layer and direction
        final StaticBuffers statics; // null where there are none
        final StatePooling.Buffers pooling = new StatePooling.Buffers(); // empty where states are read as they are
        float[] embedded = {}; // (N, I) embedded ids, and the numbers beside them, then their gradients
        final float[][] inputs; // by layer (N, I) what it reads, where that is not the states below as they are
        final float[][] mirroredInputs; // by layer (N, I) what the reverse direction reads
        final float[][] dropoutMasks; // by layer (N, I) 0 where dropped, otherwise 1 / (1 - dropout)
        int[] mirrored = {}; // (N) the row of the other direction at the same step
        int[] mirroredTokens = {}; // (N)
        float[] states = {}; // (M, D H) what the head reads, where that is not the states of the last layer as they are
        float[] dStates = {}; // (M or N, D H)
        float[] dMirrored = {}; // (N, I)

        private Buffers(LayerBuffers[][] layers, StaticBuffers statics) {
            this.layers = layers;
            this.statics = statics;
            for (int d = 0; statics != null && d < layers[0].length; d++) {
                layers[0][d].statics = statics.layers[d];
            }
            this.inputs = new float[layers.length][0];
            this.mirroredInputs = new float[layers.length][0];
            this.dropoutMasks = new float[layers.length][0];
        }

        /**
         * Drops all arrays, unless they have room for the batch: arrays that grew for batches of different shapes would
         * together exceed the budget.
         */
        private void keepOnlyWhatFits(SequenceBatch batch) {
            boolean fits = bounded == segments.isBounded()
                    && batch.rows() <= rows
                    && segments.rows() <= rowsAtOnce
                    && batch.size() <= sequences
                    && segments.borderRows() <= borders;
            if (fits) {
                return;
            }
            bounded = segments.isBounded();
            rows = batch.rows();
            rowsAtOnce = segments.rows();
            sequences = batch.size();
            borders = segments.borderRows();
            embedded = states = dStates = dMirrored = new float[0];
            mirrored = mirroredTokens = new int[0];
            if (statics != null) {
                statics.release();
            }
            pooling.release();
            for (int l = 0; l < layers.length; l++) {
                inputs[l] = mirroredInputs[l] = dropoutMasks[l] = new float[0];
                for (LayerBuffers b : layers[l]) {
                    b.release();
                }
            }
        }

        /** Bytes of all arrays that grow with a batch. */
        long bytes() {
            long numbers = (long) embedded.length + states.length + dStates.length + dMirrored.length;
            numbers += mirrored.length + mirroredTokens.length;
            long layerBytes = statics == null ? 0 : statics.bytes();
            for (int l = 0; l < layers.length; l++) {
                numbers += inputs[l].length + mirroredInputs[l].length + dropoutMasks[l].length;
                for (LayerBuffers b : layers[l]) {
                    layerBytes += b.bytes();
                }
            }
            return layerBytes + pooling.bytes() + Float.BYTES * numbers;
        }
    }

    private final RecurrentLayer[][] layers; // by layer and direction
    private final Cell cell;
    private final int width; // of a state in one direction
    private final int directions; // D
    private final WeightColumns[] columns; // of W_ih, by layer
    private final int stateSize; // of both directions
    private final boolean everyState; // whether the head, or what pools states for it, reads all of them
    private final boolean projected;
    private final GraphMemory graphMemory;

    RecurrentStack(NetworkSpec spec, ParameterLayout layout) {
        this.width = spec.directionSize();
        this.projected = spec.projSize() > 0;
        this.directions = spec.directions();
        this.stateSize = spec.stateSize();
        this.everyState = spec.head().readsEveryState();
        this.layers = new RecurrentLayer[spec.numLayers()][directions];
        this.columns = new WeightColumns[layers.length];
        this.cell = Cells.named(spec.cell(), spec.activation());
        this.graphMemory = new GraphMemory(cell, spec);
        for (int l = 0; l < layers.length; l++) {
            columns[l] = WeightColumns.of(spec, l);
            for (int d = 0; d < directions; d++) {
                layers[l][d] = new RecurrentLayer(spec, cell, layout, l, d);
            }
        }
    }

    boolean hasCellState() {
        return cell.hasCellState();
    }

    /** Whether |h| never exceeds 1. */
    boolean hasBoundedStates() {
        return cell.isBounded() && !projected;
    }

    Buffers newBuffers(StaticBuffers statics) {
        LayerBuffers[][] buffers = new LayerBuffers[layers.length][directions];
        for (int l = 0; l < layers.length; l++) {
            for (int d = 0; d < directions; d++) {
                buffers[l][d] = layers[l][d].newBuffers();
            }
        }
        return new Buffers(buffers, statics);
    }

    LayerWeights[][] newWeights() {
        LayerWeights[][] weights = new LayerWeights[layers.length][directions];
        for (int l = 0; l < layers.length; l++) {
            for (int d = 0; d < directions; d++) {
                weights[l][d] = layers[l][d].newWeights();
            }
        }
        return weights;
    }

    void bind(Weights w) {
        for (int l = 0; l < layers.length; l++) {
            for (int d = 0; d < directions; d++) {
                layers[l][d].bind(w.theta, w.layers[l][d]);
            }
        }
    }

    /** Tables what each token gives the first layer, as {@link RecurrentLayer#tableTokens}. */
    void tableTokens(int vocabulary, int embedding, Weights w) {
        for (int d = 0; d < directions; d++) {
            layers[0][d].tableTokens(vocabulary, embedding, w.theta, w.layers[0][d]);
        }
    }

    /**
     * Cuts the batch into segments.
     *
     * @param rowsAtOnce how many rows may have their gates in memory at a time
     * @param strict whether arrays that the batch cannot use are dropped
     */
    void plan(SequenceBatch batch, int rowsAtOnce, boolean strict, Buffers s) {
        s.segments.plan(batch, rowsAtOnce);
        if (strict) {
            s.keepOnlyWhatFits(batch);
        }
    }

    /**
     * Equation (1) over time, layer by layer, after {@link #plan}.
     *
     * @param tokens (N), where inputs are one-hot; otherwise null
     * @param x (N, I), where inputs are numbers; otherwise null
     * @param before the initial states, for one direction only; null for zero
     */
    void forward(
            Weights w,
            SequenceBatch batch,
            int[] tokens,
            float[] x,
            State before,
            Unrolling unrolling,
            Draws draws,
            Buffers s) {
        if (directions == 2) {
            mirror(batch, s);
        }
        for (int l = 0; l < layers.length; l++) {
            float[] input = l == 0 ? x : input(l, batch, unrolling, draws, s);
            for (int d = 0; d < directions; d++) {
                LayerBuffers b = s.layers[l][d];
                b.reserve(batch, s.segments);
                b.x = d == 0 || input == null ? input : mirroredInput(l, batch, input, s);
                b.tokens = l > 0 ? null : d == 0 || tokens == null ? tokens : mirroredTokens(batch, tokens, s);
                layers[l][d].forward(w.layers[l][d], batch, s.segments, initialH(before, l), initialC(before, l), b);
            }
        }
    }

    private static float[] initialH(State before, int layer) {
        return before == null ? null : before.h()[layer];
    }

    private static float[] initialC(State before, int layer) {
        return before == null ? null : before.c()[layer];
    }

    /** After {@link #forward}: the states after the last step of each sequence, for one direction. */
    void lastState(SequenceBatch batch, Buffers s, State last) {
        for (int l = 0; l < layers.length; l++) {
            s.layers[l][0].lastState(batch, last.h()[l], last.c()[l]);
        }
    }

    /** How many bytes a batch takes. */
    GraphMemory graphMemory() {
        return graphMemory;
    }

    /** What the head reads: (N, D H) where it reads every state, otherwise the last states (B, D H). */
    float[] states(SequenceBatch batch, Buffers s) {
        LayerBuffers[] last = s.layers[layers.length - 1];
        if (everyState) {
            if (directions == 1) {
                return last[0].h;
            }
            s.states = FloatArrays.grow(s.states, batch.rows(), stateSize);
            join(batch, last, s.mirrored, s.states);
            return s.states;
        }
        s.states = FloatArrays.grow(s.states, batch.size(), stateSize);
        for (int b = 0; b < batch.size(); b++) {
            for (int d = 0; d < directions; d++) {
                System.arraycopy(last[d].h, batch.lastRow(b) * width, s.states, b * stateSize + d * width, width);
            }
        }
        return s.states;
    }

    /** Where the head puts the gradients of what it read; zero. */
    float[] stateGradients(SequenceBatch batch, Buffers s) {
        for (LayerBuffers[] directions : s.layers) {
            for (LayerBuffers b : directions) {
                b.reserveGradients(batch, s.segments);
            }
        }
        float[] gradients;
        if (everyState && directions == 1) {
            gradients = s.layers[layers.length - 1][0].dH;
        } else {
            s.dStates = FloatArrays.grow(s.dStates, everyState ? batch.rows() : batch.size(), stateSize);
            gradients = s.dStates;
        }
        Arrays.fill(gradients, 0, (everyState ? batch.rows() : batch.size()) * stateSize, 0f);
        return gradients;
    }

    /**
     * Equations (4) and (5), layer by layer from the last down to the first.
     *
     * @param before as in {@link #forward}
     * @param sums per slice of the batch, to which its gradients are added; empty where none are wanted
     * @param dX receives dL/dx of the first layer, (N, I), of the columns that are wanted; may be the array of its
     *     inputs; null where it is not wanted
     * @param probe is called with dL/dh of every layer; null for none
     */
    void backward(
            Weights w,
            SequenceBatch batch,
            State before,
            Unrolling unrolling,
            Draws draws,
            Buffers s,
            List<PartialSum> sums,
            float[] dX,
            Probe probe) {
        spread(batch, s);
        for (int l = layers.length - 1; l >= 0; l--) {
            float[] below = l == 0 ? dX : below(l, batch, s);
            int inputs = columns[l].inputs();
            for (int d = 0; d < directions; d++) {
                float[] target = d == 0 || below == null ? below : mirroredGradients(batch, inputs, s);
                layers[l][d].backward(
                        w.layers[l][d],
                        batch,
                        s.segments,
                        initialH(before, l),
                        unrolling,
                        draws,
                        s.layers[l][d],
                        sums,
                        target,
                        probe);
            }
            for (int r = 0; directions == 2 && below != null && r < batch.rows(); r++) {
                Elementwise.add(s.dMirrored, s.mirrored[r] * inputs, below, r * inputs, columns[l].gradients());
            }
            if (l > 0) {
                for (int j = 0; unrolling.dropout() > 0 && j < batch.rows() * stateSize; j++) {
                    below[j] *= s.dropoutMasks[l][j];
                }
                if (directions == 2) {
                    split(batch, s.dStates, s.mirrored, s.layers[l - 1]);
                }
            }
        }
    }

    /** The array for dL/dx of layer l > 0, (N, D H). */
    private float[] below(int l, SequenceBatch batch, Buffers s) {
        if (directions == 1) {
            return s.layers[l - 1][0].dH;
        }
        s.dStates = FloatArrays.grow(s.dStates, batch.rows(), stateSize);
        return s.dStates;
    }

    private static float[] mirroredGradients(SequenceBatch batch, int inputs, Buffers s) {
        s.dMirrored = FloatArrays.grow(s.dMirrored, batch.rows(), inputs);
        return s.dMirrored;
    }

    /** Distributes the gradients of what the head read to dH of the last layer. */
    private void spread(SequenceBatch batch, Buffers s) {
        LayerBuffers[] last = s.layers[layers.length - 1];
        if (everyState) {
            if (directions == 2) {
                split(batch, s.dStates, s.mirrored, last);
            }
            return;
        }
        for (int d = 0; d < directions; d++) {
            Arrays.fill(last[d].dH, 0, batch.rows() * width, 0f);
            for (int b = 0; b < batch.size(); b++) {
                System.arraycopy(s.dStates, b * stateSize + d * width, last[d].dH, batch.lastRow(b) * width, width);
            }
        }
    }

    /** What layer l > 0 reads: the states below, after dropout. */
    private float[] input(int l, SequenceBatch batch, Unrolling unrolling, Draws draws, Buffers s) {
        LayerBuffers[] below = s.layers[l - 1];
        if (directions == 1 && unrolling.dropout() == 0) {
            return below[0].h;
        }
        s.inputs[l] = FloatArrays.grow(s.inputs[l], batch.rows(), stateSize);
        join(batch, below, s.mirrored, s.inputs[l]);
        if (unrolling.dropout() > 0) {
            s.dropoutMasks[l] = FloatArrays.grow(s.dropoutMasks[l], batch.rows(), stateSize);
            drop(l, batch, unrolling, draws, s.inputs[l], s.dropoutMasks[l]);
        }
        return s.inputs[l];
    }

    private void drop(int l, SequenceBatch batch, Unrolling unrolling, Draws draws, float[] x, float[] mask) {
        for (int t = 0; t < batch.steps(); t++) {
            for (int b = 0; b < batch.active(t); b++) {
                CounterRandom random = draws.dropout(draws.ordinal(batch, b), l, t);
                int row = (batch.offset(t) + b) * stateSize;
                for (int j = 0; j < stateSize; j++) {
                    mask[row + j] = unrolling.dropoutFactor(random.uniform(j));
                    x[row + j] *= mask[row + j];
                }
            }
        }
    }

    private static void mirror(SequenceBatch batch, Buffers s) {
        if (s.mirrored.length < batch.rows()) {
            s.mirrored = new int[batch.rows()];
        }
        for (int t = 0; t < batch.steps(); t++) {
            for (int b = 0; b < batch.active(t); b++) {
                s.mirrored[batch.offset(t) + b] = batch.offset(batch.length(b) - 1 - t) + b;
            }
        }
    }

    private static int[] mirroredTokens(SequenceBatch batch, int[] tokens, Buffers s) {
        if (s.mirroredTokens.length < batch.rows()) {
            s.mirroredTokens = new int[batch.rows()];
        }
        for (int r = 0; r < batch.rows(); r++) {
            s.mirroredTokens[r] = tokens[s.mirrored[r]];
        }
        return s.mirroredTokens;
    }

    private float[] mirroredInput(int l, SequenceBatch batch, float[] x, Buffers s) {
        int inputs = columns[l].inputs();
        s.mirroredInputs[l] = FloatArrays.grow(s.mirroredInputs[l], batch.rows(), inputs);
        for (int r = 0; r < batch.rows(); r++) {
            System.arraycopy(x, s.mirrored[r] * inputs, s.mirroredInputs[l], r * inputs, inputs);
        }
        return s.mirroredInputs[l];
    }

    /** Concatenates the states of both directions of a layer, (N, D H), in forward order. */
    private void join(SequenceBatch batch, LayerBuffers[] layer, int[] mirrored, float[] joined) {
        for (int r = 0; r < batch.rows(); r++) {
            System.arraycopy(layer[0].h, r * width, joined, r * stateSize, width);
            if (directions == 2) {
                System.arraycopy(layer[1].h, mirrored[r] * width, joined, r * stateSize + width, width);
            }
        }
    }

    /** The reverse of {@link #join}, for gradients and two directions. */
    private void split(SequenceBatch batch, float[] joined, int[] mirrored, LayerBuffers[] layer) {
        for (int r = 0; r < batch.rows(); r++) {
            System.arraycopy(joined, r * stateSize, layer[0].dH, r * width, width);
            System.arraycopy(joined, r * stateSize + width, layer[1].dH, mirrored[r] * width, width);
        }
    }
}
