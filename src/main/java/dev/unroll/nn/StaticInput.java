package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Gemm;
import dev.unroll.math.Transposition;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.List;

/**
 * What holds for the whole of a sequence, its statics s: the first layer reads them at every step, and the head with every
 * state. The product {@code W_s s} is computed once a sequence; pre-activations and outputs start at it. The gradients are
 * those of one product a sequence, too: dL/da of all steps is added up first.
 *
 * <p>The bits of forward are those of s concatenated to every step and state, since columns of statics come first: the
 * product's chain is stored, and continued at each step.
 */
final class StaticInput {

    /** Outputs whose weight gradients are computed at a time. */
    private static final int OUTPUT_BLOCK = 256;

    /** The weights of s, W_s: in theta the first columns of a larger matrix, of rows that are {@code row} floats apart. */
    private record Matrix(int weight, int outputs, int row) {}

    private final EmbeddedColumns columns;
    private final int size; // S
    private final int wanted; // how many of these, the first ones, have dL/ds
    private final Matrix[][] matrices; // by consumer: the head's one, then one a gate for each direction of layer 0
    private final Slot headBias;

    StaticInput(EmbeddedColumns columns, NetworkSpec spec, ParameterLayout layout) {
        this.columns = columns;
        this.size = columns.width();
        this.wanted = spec.input().staticEmbeddingSize();
        this.headBias = layout.slot("head.bias");
        this.matrices = new Matrix[1 + spec.directions()][];
        HeadSpec head = spec.head();
        Slot headWeight = layout.slot("head.weight");
        matrices[0] = new Matrix[] {new Matrix(headWeight.offset(), head.outputs(), headWeight.columns())};
        Cell cell = Cells.named(spec.cell(), spec.activation());
        int hidden = spec.hiddenSize();
        for (int d = 0; d < spec.directions(); d++) {
            Slot weight = layout.slot("rnn.weight_ih_" + NetworkSpec.suffix(0, d));
            matrices[1 + d] = new Matrix[cell.gates()];
            Arrays.setAll(
                    matrices[1 + d],
                    block -> new Matrix(
                            weight.offset() + cell.inputGate(block) * hidden * weight.columns(),
                            hidden,
                            weight.columns()));
        }
    }

    /** Numbers for each sequence of a batch. */
    static long numbersPerSequence(NetworkSpec spec, Cell cell) {
        if (spec.input().staticSize() == 0) {
            return 0;
        }
        long outputs = (long) spec.directions() * cell.gates() * spec.hiddenSize()
                + spec.head().outputs();
        return 2 * (outputs + spec.input().staticSize());
    }

    StaticBuffers newBuffers() {
        return new StaticBuffers(matrices.length - 1, matrices[1].length);
    }

    StaticWeights[] newWeights() {
        StaticWeights[] weights = new StaticWeights[matrices.length];
        Arrays.setAll(weights, consumer -> new StaticWeights(matrices[consumer].length));
        return weights;
    }

    /** Packs the weights. */
    void bind(Weights w) {
        for (int consumer = 0; consumer < matrices.length; consumer++) {
            for (int m = 0; m < matrices[consumer].length; m++) {
                Matrix matrix = matrices[consumer][m];
                StaticWeights packed = w.statics[consumer];
                packed.forward[m].packTransposed(size, matrix.outputs, w.theta, matrix.weight, matrix.row);
                packed.back[m].pack(matrix.outputs, wanted, w.theta, matrix.weight, matrix.row);
            }
        }
    }

    /** Computes what pre-activations and outputs of each sequence start at. */
    void start(Weights w, SequenceBatch batch, StaticBuffers b) {
        int sequences = batch.size();
        b.s = FloatArrays.grow(b.s, sequences, size);
        columns.assemble(w.theta, sequences, batch.staticIds(), batch.staticValues(), b.s);
        for (int consumer = 0; consumer < matrices.length; consumer++) {
            StaticTerms terms = b.terms(consumer);
            for (int m = 0; m < matrices[consumer].length; m++) {
                int n = matrices[consumer][m].outputs;
                float[] bias = consumer == 0 ? w.theta : w.layers[0][consumer - 1].bias[m];
                int biasAt = consumer == 0 ? headBias.offset() : 0;
                terms.start[m] = FloatArrays.grow(terms.start[m], sequences, n);
                for (int i = 0; i < sequences; i++) {
                    System.arraycopy(bias, biasAt, terms.start[m], i * n, n);
                }
                Gemm.multiply(sequences, b.s, 0, size, w.statics[consumer].forward[m], terms.start[m], 0, n);
            }
        }
    }

    /** Begins the sums over steps. */
    void startSums(SequenceBatch batch, StaticBuffers b) {
        for (int consumer = 0; consumer < matrices.length; consumer++) {
            float[][] sums = b.terms(consumer).sums;
            for (int m = 0; m < sums.length; m++) {
                int n = matrices[consumer][m].outputs;
                sums[m] = FloatArrays.grow(sums[m], batch.size(), n);
                Arrays.fill(sums[m], 0, batch.size() * n, 0f);
            }
        }
    }

    /**
     * From the sums over steps to the gradients of the weights' columns and of the embeddings, those of each slice to its
     * sum: of the head first, then of the layer, forward before reverse, gate by gate.
     */
    void backward(Weights w, SequenceBatch batch, StaticBuffers b, List<PartialSum> sums) {
        inputGradients(w, batch, b);
        for (int p = 0; p < batch.slices(); p++) {
            int from = batch.sequenceStart(p);
            int to = batch.sequenceStart(p + 1);
            b.rows.packRows(batch.sequencesBySlice(), from, to - from, size, b.s);
            for (int consumer = 0; consumer < matrices.length; consumer++) {
                for (int m = 0; m < matrices[consumer].length; m++) {
                    weightGradient(matrices[consumer][m], b.terms(consumer).sums[m], batch, p, b, sums.get(p));
                }
            }
            columns.addGradients(batch.sequencesBySlice(), from, to, batch.staticIds(), b.dS, wanted, sums.get(p));
        }
    }

    /** From the sums over steps to dL/ds of each sequence. */
    void inputGradients(Weights w, SequenceBatch batch, StaticBuffers b) {
        b.dS = FloatArrays.grow(b.dS, batch.size(), wanted);
        Arrays.fill(b.dS, 0, batch.size() * wanted, 0f);
        for (int consumer = 0; consumer < matrices.length && wanted > 0; consumer++) {
            for (int m = 0; m < matrices[consumer].length; m++) {
                int n = matrices[consumer][m].outputs;
                float[] terms = b.terms(consumer).sums[m];
                Gemm.multiply(batch.size(), terms, 0, n, w.statics[consumer].back[m], b.dS, 0, wanted);
            }
        }
    }

    /** {@code dW_s += sum over sequences of one slice of (sum over steps of da) s'}. */
    private void weightGradient(
            Matrix matrix, float[] terms, SequenceBatch batch, int slice, StaticBuffers b, PartialSum sum) {
        int from = batch.sequenceStart(slice);
        int count = batch.sequenceStart(slice + 1) - from;
        int n = matrix.outputs;
        b.transposed = FloatArrays.grow(b.transposed, Math.min(n, OUTPUT_BLOCK), LayerBuffers.TRANSPOSED_STRIDE);
        for (int c = 0; c < n; c += OUTPUT_BLOCK) {
            int some = Math.min(OUTPUT_BLOCK, n - c);
            Transposition.copyRows(
                    batch.sequencesBySlice(),
                    from,
                    count,
                    some,
                    terms,
                    c,
                    n,
                    b.transposed,
                    LayerBuffers.TRANSPOSED_STRIDE);
            int at = matrix.weight + c * matrix.row;
            WeightGradient.add(some, b.transposed, b.rows, sum.empty(), sum.gradient(), at, matrix.row);
        }
    }
}
