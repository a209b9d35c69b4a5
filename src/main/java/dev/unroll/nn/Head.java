package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Activations;
import dev.unroll.math.Elementwise;
import dev.unroll.math.Gemm;
import dev.unroll.math.Panels;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.List;

/**
 * A linear map and a loss: takes states, of every step or of the last ones, gives loss, its own gradients and dL/dh.
 *
 * <pre>
 * o = W_qh h + b_q         L = sum scale l(o, y)                                              (1)
 * dL/do = scale l'(o, y)                                                                      (2)
 * dL/dW_qh = sum dL/do h'  dL/db_q = sum dL/do                                                (2), (5)
 * dL/dh += W_qh' dL/do                                                                        (3), and the local term of (4)
 * </pre>
 */
final class Head {

    /** Outputs that are computed at once in training, 16 MB: with many classes those of some rows only. */
    private static final int CHUNK = 1 << 22;

    /** Of the memory that a batch may take, the part for outputs: 1 / this. */
    static final int MEMORY_SHARE = 16;

    /** A multiple of the rows of every tile. */
    private static final int TILE_ROWS = 16;

    /** Outputs whose weights' gradient is summed at once. */
    private static final int OUTPUT_BLOCK = 256;

    /** What the head keeps for one batch. Output rows are those of the batch, or its sequences where the last state is read. */
    static final class Buffers {
        int first; // the output row that stands first in the arrays
        int rows; // M, output rows in the arrays
        float[] outputs = {}; // (M, C) outputs o, then probabilities or dO
        int[] predictions = {}; // (M)
        final int[] part = new int[LayerBuffers.BLOCK]; // output rows of one part, counted from the first
        float[] turned = {}; // (OUTPUT_BLOCK, BLOCK) their dO of some outputs, as columns; rows are TURNED apart
        final Panels stateRows = new Panels(); // (BLOCK, D H) their states
        final float[] lanes = new float[Activations.VIRTUAL_LANES];
    }

    private final NetworkSpec.HeadSpec spec;
    private final int stateSize; // numbers of one state
    private final Slot weight; // (C, D H)
    private final Slot bias; // (C)

    Head(NetworkSpec.HeadSpec spec, int stateSize, Slot weight, Slot bias) {
        this.spec = spec;
        this.stateSize = stateSize;
        this.weight = weight;
        this.bias = bias;
    }

    /** Packs W_qh for both products. */
    void bind(Weights w) {
        w.head.packTransposed(stateSize, spec.outputs(), w.theta, weight.offset(), stateSize);
        w.headBack.pack(spec.outputs(), stateSize, w.theta, weight.offset(), stateSize);
    }

    /** Number of output rows of a batch. */
    int rows(SequenceBatch batch) {
        return spec.everyStep() ? batch.rows() : batch.size();
    }

    /**
     * Output rows to compute at once, so that no array grows with rows times classes: full tiles, where there are more than a few.
     *
     * @param memory bytes that a batch may take; 0 for no bound
     */
    int chunk(long memory) {
        long numbers = memory == 0 ? CHUNK : Math.min(CHUNK, memory / MEMORY_SHARE / Float.BYTES);
        int rows = (int) numbers / spec.outputs();
        return rows > TILE_ROWS ? rows - rows % TILE_ROWS : Math.max(1, rows);
    }

    /**
     * Equation (1): outputs of {@code rows} output rows from {@code first} on.
     *
     * @param states h of every output row, (M, D H)
     */
    void forward(Weights weights, float[] states, int first, int rows, Buffers b) {
        int outputs = spec.outputs();
        b.first = first;
        b.rows = rows;
        b.outputs = LayerBuffers.grow(b.outputs, rows, outputs);
        if (b.predictions.length < rows) {
            b.predictions = new int[rows];
        }
        for (int r = 0; r < rows; r++) {
            System.arraycopy(weights.theta, bias.offset(), b.outputs, r * outputs, outputs);
        }
        Gemm.multiply(rows, states, first * stateSize, stateSize, weights.head, b.outputs, 0, outputs);
        for (int r = 0; r < rows && spec.loss().scoresClasses(); r++) {
            b.predictions[r] = argMax(b.outputs, r * outputs, outputs, b.lanes);
        }
    }

    /** Turns the outputs of a softmax into probabilities. */
    void softmax(Buffers b) {
        for (int r = 0; r < b.rows && spec.loss().scoresClasses(); r++) {
            int at = r * spec.outputs();
            float max = b.outputs[at + b.predictions[r]];
            Activations.softmax(b.outputs, at, spec.outputs(), max, b.lanes);
        }
    }

    /** Counts the sequences of a batch, each in the sum of its part. */
    void count(SequenceBatch batch, LossSpec loss, List<PartialSum> sums) {
        for (int s = 0; s < batch.size(); s++) {
            int terms = spec.everyStep() ? batch.length(s) : 1;
            loss.addSequence(
                    batch.weight(s),
                    terms,
                    batch.length(s),
                    sums.get(batch.part(s)).loss());
        }
    }

    /** Adds the loss of the output rows that stand in the arrays, and turns outputs into dL/do, equation (2). */
    void loss(SequenceBatch batch, LossSpec loss, Buffers b, List<PartialSum> sums) {
        for (int r = 0; r < b.rows; r++) {
            int s = spec.everyStep() ? batch.sequence(b.first + r) : b.first + r;
            int terms = spec.everyStep() ? batch.length(s) : 1;
            term(
                    r,
                    batch,
                    loss,
                    batch.weight(s),
                    terms,
                    b,
                    sums.get(batch.part(s)).loss());
        }
    }

    /** One loss term: that of row r in the arrays, of a sequence with that weight and number of terms. */
    private void term(int r, SequenceBatch batch, LossSpec loss, float weight, int terms, Buffers b, LossSum sum) {
        int at = r * spec.outputs();
        int row = b.first + r;
        float factor =
                switch (spec.loss()) {
                    case CROSS_ENTROPY -> {
                        int label = batch.label(row);
                        int predicted = b.predictions[r];
                        double l = crossEntropy(b, at, b.outputs[at + predicted], label);
                        yield loss.addTerm(l, weight * loss.classWeight(label), terms, predicted == label, sum);
                    }
                    case SQUARED_ERROR -> {
                        double l = squaredError(b.outputs, at, batch.targets(), row * spec.outputs(), spec.outputs());
                        yield loss.addTerm(l, weight, terms, false, sum);
                    }
                };
        scale(b, at, factor);
    }

    private void scale(Buffers b, int at, float factor) {
        float[] outputs = b.outputs;
        for (int c = at; c < at + spec.outputs(); c++) {
            outputs[c] *= factor;
        }
    }

    /** l = log sum_c e^{o_c} - o_y; turns o into l' = softmax(o) - 1_y. */
    private double crossEntropy(Buffers b, int at, float max, int label) {
        float logit = b.outputs[at + label];
        double logSum = Activations.softmax(b.outputs, at, spec.outputs(), max, b.lanes);
        b.outputs[at + label] -= 1f;
        return logSum - logit;
    }

    /** l = mean_c (o_c - y_c)^2; turns o into l' = 2/C (o - y). */
    private static double squaredError(float[] o, int at, float[] y, int yAt, int outputs) {
        double sum = 0;
        float slope = 2f / outputs;
        for (int c = 0; c < outputs; c++) {
            float difference = o[at + c] - y[yAt + c];
            sum += (double) difference * difference;
            o[at + c] = slope * difference;
        }
        return sum / outputs;
    }

    /**
     * Equations (2) and (3) for the output rows that stand in the arrays: adds the head's gradients, each part's to its sum, and dL/dh
     * into {@code dStates} (M, D H), which is zero before.
     */
    void backward(
            Weights weights, SequenceBatch batch, float[] states, float[] dStates, Buffers b, List<PartialSum> sums) {
        for (int p = 0; p < batch.parts(); p++) {
            gradient(batch, p, states, b, sums.get(p).gradient());
        }
        stateGradients(weights, dStates, b);
    }

    /** Equation (3), and the local term of (4): adds W_qh' dL/do of the output rows that stand in the arrays to {@code dStates} (M, D H). */
    void stateGradients(Weights weights, float[] dStates, Buffers b) {
        Gemm.multiply(b.rows, b.outputs, 0, spec.outputs(), weights.headBack, dStates, b.first * stateSize, stateSize);
    }

    /** Zeroes dL/do of all steps but one of each sequence. */
    void keep(SequenceBatch batch, int[] steps, Buffers b) {
        for (int r = 0; r < b.rows; r++) {
            int s = batch.sequence(b.first + r);
            if (batch.offset(steps[s]) + s != b.first + r) {
                Arrays.fill(b.outputs, r * spec.outputs(), (r + 1) * spec.outputs(), 0f);
            }
        }
    }

    /** Equation (2) for the output rows of one part: a sum over places, block of rows by block of rows. */
    private void gradient(SequenceBatch batch, int part, float[] states, Buffers b, float[] gradient) {
        int outputs = spec.outputs();
        int[] places = spec.everyStep() ? batch.rowsByPart() : batch.sequencesByPart();
        int at = spec.everyStep() ? batch.rowStart(part) : batch.sequenceStart(part);
        int end = spec.everyStep() ? batch.rowStart(part + 1) : batch.sequenceStart(part + 1);
        while (at < end && places[at] < b.first) {
            at++;
        }
        b.turned = LayerBuffers.grow(b.turned, Math.min(outputs, OUTPUT_BLOCK), LayerBuffers.TURNED);
        while (at < end && places[at] < b.first + b.rows) {
            int count = 0;
            while (at + count < end && count < LayerBuffers.BLOCK && places[at + count] < b.first + b.rows) {
                b.part[count] = places[at + count] - b.first;
                count++;
            }
            b.stateRows.packRows(places, at, count, stateSize, states);
            for (int c = 0; c < outputs; c += OUTPUT_BLOCK) {
                int some = Math.min(OUTPUT_BLOCK, outputs - c);
                int weights = weight.offset() + c * stateSize;
                Gemm.transposeRows(b.part, 0, count, some, b.outputs, c, outputs, b.turned, LayerBuffers.TURNED);
                Gemm.multiply(some, b.turned, 0, LayerBuffers.TURNED, b.stateRows, gradient, weights, stateSize);
            }
            for (int r = 0; r < count; r++) {
                Elementwise.add(b.outputs, b.part[r] * outputs, gradient, bias.offset(), outputs);
            }
            at += count;
        }
    }

    /** The first of the greatest elements, relative to {@code offset}. */
    private static int argMax(float[] x, int offset, int count, float[] lanes) {
        float max = Activations.max(x, offset, count, lanes);
        for (int j = 0; j < count; j++) {
            if (x[offset + j] == max) {
                return j;
            }
        }
        return 0; // one of them is NaN
    }
}
