package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Activations;
import dev.unroll.math.Elementwise;
import dev.unroll.math.Gemm;
import dev.unroll.math.Panels;
import dev.unroll.math.Transposition;
import dev.unroll.nn.Loss.TargetLoss;
import dev.unroll.param.ParameterLayout;
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
 * dL/dh += W_qh' dL/do                                                                        (3), local term of (4)
 * </pre>
 *
 * <p>A term of weight 0, without a label or target perhaps, has no l: its dL/do is 0.
 */
final class Head {

    /** Outputs computed at a time at most, 16 MB: with many classes those of some rows only. */
    private static final int MAX_OUTPUTS = 1 << 22;

    /** The share of the byte budget for outputs: 1 / this. */
    static final int BUDGET_SHARE = 16;

    /** A multiple of the rows of every tile. */
    private static final int TILE_ROWS = 16;

    /** Outputs whose weight gradients are computed at a time. */
    private static final int OUTPUT_BLOCK = 256;

    /**
     * The arrays of the head for one batch. Output rows are those of the batch, or its sequences where the last state
     * is read.
     */
    static final class Buffers {
        int first; // the first output row in the arrays
        int rows; // M, output rows in the arrays
        float[] outputs = {}; // (M, C) outputs o, then probabilities or dO
        int[] predictions = {}; // (M)
        final int[] blockRows = new int[LayerBuffers.ROW_BLOCK]; // output rows of a row block, from first on
        float[] transposed = {}; // (OUTPUT_BLOCK, ROW_BLOCK) their dO; rows are TRANSPOSED_STRIDE apart
        final Panels stateRows = new Panels(); // (ROW_BLOCK, D H) their states
        StaticTerms statics; // what statics add to outputs, not owned; null where there are none
        final ConditionalRandomField.Buffers crf = new ConditionalRandomField.Buffers(); // empty without one
        final float[] lanes = new float[Activations.VIRTUAL_LANES];
        final double[] ownLevel = new double[1]; // of the counts of one sequence
    }

    private final HeadSpec spec;
    private final int stateSize; // numbers of one state
    private final int weightRow; // from one row of the weight to the next: statics, then the state
    private final int firstState; // the column of the weight where the state's begin
    private final Slot weight; // (C, S + D H)
    private final Slot bias; // (C)
    private final ConditionalRandomField crf; // null where each term stands alone

    Head(NetworkSpec spec, ParameterLayout layout) {
        this.spec = spec.head();
        this.stateSize = spec.stateSize();
        this.firstState = spec.input().staticSize();
        this.weightRow = firstState + stateSize;
        this.weight = layout.slot(this.spec.tied() ? "embedding.weight" : "head.weight");
        this.bias = layout.slot("head.bias");
        this.crf = this.spec.loss().joinsSteps() ? new ConditionalRandomField(layout) : null;
    }

    /** Packs W_qh for both products. */
    void bind(Weights w) {
        w.head.packTransposed(stateSize, spec.outputs(), w.theta, weight.offset() + firstState, weightRow);
        w.headBack.pack(spec.outputs(), stateSize, w.theta, weight.offset() + firstState, weightRow);
        if (crf != null) {
            crf.bind(w.theta, w.transitions);
        }
    }

    /** Null without a conditional random field. */
    TransitionWeights newTransitions() {
        return crf == null ? null : crf.newWeights();
    }

    /** Number of output rows of a batch. */
    int rows(SequenceBatch batch) {
        return spec.everyStep() ? batch.rows() : batch.size();
    }

    /**
     * Output rows to compute at a time, so that no array grows with rows times classes: full tiles, where there are
     * more than a few; but all of them where a loss term needs all of a sequence.
     *
     * @param byteBudget bytes that a batch may take; 0 for no bound
     */
    int rowsAtOnce(long byteBudget) {
        if (crf != null) {
            return Integer.MAX_VALUE;
        }
        long numbers = byteBudget == 0 ? MAX_OUTPUTS : Math.min(MAX_OUTPUTS, byteBudget / BUDGET_SHARE / Float.BYTES);
        int rows = (int) numbers / spec.outputs();
        return rows > TILE_ROWS ? rows - rows % TILE_ROWS : Math.max(1, rows);
    }

    /**
     * Equation (1): outputs of {@code rows} output rows from {@code first} on.
     *
     * @param states h of every output row, (M, D H)
     */
    void forward(Weights weights, SequenceBatch batch, float[] states, int first, int rows, Buffers b) {
        int outputs = spec.outputs();
        b.first = first;
        b.rows = rows;
        b.outputs = FloatArrays.grow(b.outputs, rows, outputs);
        if (b.predictions.length < rows) {
            b.predictions = new int[rows];
        }
        for (int r = 0; r < rows; r++) {
            float[] start = b.statics == null ? weights.theta : b.statics.start[0];
            int at = b.statics == null ? bias.offset() : sequence(batch, first + r) * outputs;
            System.arraycopy(start, at, b.outputs, r * outputs, outputs);
        }
        Gemm.multiply(rows, states, first * stateSize, stateSize, weights.head, b.outputs, 0, outputs);
        switch (spec.loss().link()) {
            case SEQUENCE -> crf.decode(weights.theta, batch, b.outputs, b.predictions, b.crf);
            case SOFTMAX, SIGMOIDS -> {
                for (int r = 0; r < rows; r++) {
                    b.predictions[r] = argMax(b.outputs, r * outputs, outputs, b.lanes);
                }
            }
            case SIGMOID -> {
                for (int r = 0; r < rows; r++) {
                    b.predictions[r] = b.outputs[r] > 0 ? 1 : 0;
                }
            }
            case IDENTITY, QUANTILES, DISTRIBUTION -> {} // numbers have no class
        }
    }

    /** The sequence of an output row. */
    private int sequence(SequenceBatch batch, int row) {
        return spec.everyStep() ? batch.sequence(row) : row;
    }

    /** Turns outputs of classes into their probabilities; one of two classes into that of the second. */
    void probabilities(Weights weights, SequenceBatch batch, Buffers b) {
        switch (spec.loss().link()) {
            case SEQUENCE -> crf.probabilities(weights.transitions, batch, b.outputs, b.lanes, b.crf);
            case SOFTMAX -> {
                for (int r = 0; r < b.rows; r++) {
                    int at = r * spec.outputs();
                    float max = b.outputs[at + b.predictions[r]];
                    Activations.softmax(b.outputs, at, spec.outputs(), max, b.lanes);
                }
            }
            case SIGMOID, SIGMOIDS -> Activations.sigmoid(b.outputs, 0, b.outputs, 0, b.rows * spec.outputs());
            case IDENTITY, QUANTILES, DISTRIBUTION -> {} // the outputs are not of classes
        }
    }

    /** Counts the sequences of a batch, each in the sum of its slice. */
    void count(SequenceBatch batch, LossSpec loss, List<PartialSum> sums) {
        for (int s = 0; s < batch.size(); s++) {
            loss.addSequence(
                    batch.weight(s),
                    terms(batch, s),
                    batch.length(s),
                    sums.get(batch.slice(s)).loss());
        }
    }

    /** What the loss terms of sequence s weigh together. */
    private double terms(SequenceBatch batch, int s) {
        if (batch.weighsTerms()) {
            return batch.termWeightOf(s);
        }
        return spec.everyStep() ? batch.length(s) : 1;
    }

    /** Adds the loss of the output rows in the arrays, and overwrites outputs with dL/do, equation (2). */
    void loss(Weights weights, SequenceBatch batch, LossSpec loss, Buffers b, List<PartialSum> sums) {
        if (crf != null) {
            lossOfSequences(weights, batch, loss, b, sums);
            return;
        }
        for (int r = 0; r < b.rows; r++) {
            int s = sequence(batch, b.first + r);
            float weight = batch.weight(s);
            if (batch.weighsTerms()) {
                weight *= batch.termWeight(b.first + r);
            }
            if (weight == 0) {
                Arrays.fill(b.outputs, r * spec.outputs(), (r + 1) * spec.outputs(), 0f);
            } else {
                LossSum sum = sums.get(batch.slice(s)).loss();
                term(r, batch, loss, weight, terms(batch, s), b, sum);
            }
        }
    }

    /** The same where the terms of a sequence are one; all outputs are in the arrays. */
    private void lossOfSequences(
            Weights weights, SequenceBatch batch, LossSpec loss, Buffers b, List<PartialSum> sums) {
        for (PartialSum sum : sums) {
            if (sum.empty()) {
                crf.clear(sum.gradient());
            }
        }
        for (int s = 0; s < batch.size(); s++) {
            double terms = terms(batch, s);
            if (batch.weight(s) > 0 && terms > 0) {
                PartialSum sum = sums.get(batch.slice(s));
                crf.loss(weights.transitions, batch, s, loss, terms, b.outputs, b.predictions, b.lanes, b.crf, sum);
            } else {
                for (int t = 0; t < batch.length(s); t++) {
                    int at = (batch.offset(t) + s) * spec.outputs();
                    Arrays.fill(b.outputs, at, at + spec.outputs(), 0f);
                }
            }
        }
    }

    /** The loss term of row r in the arrays, which weighs that, of a sequence whose terms weigh {@code terms} together. */
    private void term(int r, SequenceBatch batch, LossSpec loss, float weight, double terms, Buffers b, LossSum sum) {
        int at = r * spec.outputs();
        int row = b.first + r;
        float factor;
        if (spec.loss() instanceof TargetLoss numbers) {
            double[] levels = numbers.counts() ? levels(batch, row, loss, b) : loss.levels();
            double l = numbers.term(b.outputs, at, spec.outputs(), batch.targets(), row * spec.targetWidth(), levels);
            factor = loss.addTerm(l, weight, terms, false, sum);
        } else if (spec.loss() instanceof MultiLabelLoss labels) {
            int yAt = row * spec.targetWidth();
            boolean right = labels.isRight(b.outputs, at, spec.outputs(), batch.targets(), yAt);
            double l = labels.term(b.outputs, at, spec.outputs(), batch.targets(), yAt);
            factor = loss.addTerm(l, weight, terms, right, sum);
        } else {
            int label = batch.label(row);
            int predicted = b.predictions[r];
            double l = spec.loss() instanceof BinaryLoss binary
                    ? binary.term(b.outputs, at, label)
                    : crossEntropy(b, at, b.outputs[at + predicted], label, loss.labelSmoothing());
            factor = loss.addTerm(l, weight * loss.classWeight(label), terms, predicted == label, sum);
        }
        scale(b, at, factor);
    }

    /** Those of the counts of an output row: its sequence's own, or else those of all. */
    private double[] levels(SequenceBatch batch, int row, LossSpec loss, Buffers b) {
        int s = sequence(batch, row);
        b.ownLevel[0] = batch.level(s);
        return b.ownLevel[0] == 0 ? loss.levels() : b.ownLevel;
    }

    private void scale(Buffers b, int at, float factor) {
        float[] outputs = b.outputs;
        for (int c = at; c < at + spec.outputs(); c++) {
            outputs[c] *= factor;
        }
    }

    /**
     * l = log sum_c e^{o_c} - q'o; turns o into l' = softmax(o) - q. Without smoothing q is 1 at the label y, and 0 elsewhere; otherwise
     * q'o = (1 - eps) o_y + eps mean_c o_c.
     */
    private double crossEntropy(Buffers b, int at, float max, int label, double smoothing) {
        int classes = spec.outputs();
        double expected = b.outputs[at + label]; // q'o
        if (smoothing > 0) {
            double mean = Elementwise.sum(b.outputs, at, classes) / classes;
            expected = (1 - smoothing) * expected + smoothing * mean;
        }
        double logSum = Activations.softmax(b.outputs, at, classes, max, b.lanes);
        if (smoothing > 0) {
            float share = (float) (smoothing / classes);
            for (int c = at; c < at + classes; c++) {
                b.outputs[c] -= share;
            }
        }
        b.outputs[at + label] -= (float) (1 - smoothing);
        return logSum - expected;
    }

    /**
     * Equations (2) and (3) for the output rows in the arrays: adds the gradients of the head, those of each slice to
     * its sum, and dL/dh to {@code dStates} (M, D H), which is zero before.
     */
    void backward(
            Weights weights, SequenceBatch batch, float[] states, float[] dStates, Buffers b, List<PartialSum> sums) {
        for (int p = 0; p < batch.slices(); p++) {
            gradient(batch, p, states, b, sums.get(p));
        }
        inputGradients(weights, batch, dStates, b);
    }

    /** Equation (3), and the local term of (4): as {@link #stateGradients}, and what goes to the statics to their sums. */
    void inputGradients(Weights weights, SequenceBatch batch, float[] dStates, Buffers b) {
        for (int r = 0; b.statics != null && r < b.rows; r++) {
            int s = sequence(batch, b.first + r);
            Elementwise.add(b.outputs, r * spec.outputs(), b.statics.sums[0], s * spec.outputs(), spec.outputs());
        }
        stateGradients(weights, dStates, b);
    }

    /**
     * Equation (3), and the local term of (4): adds W_qh' dL/do of the output rows in the arrays to {@code dStates} (M,
     * D H).
     */
    void stateGradients(Weights weights, float[] dStates, Buffers b) {
        Gemm.multiply(b.rows, b.outputs, 0, spec.outputs(), weights.headBack, dStates, b.first * stateSize, stateSize);
    }

    /** Zeroes dL/do of all steps but one of each sequence. */
    void zeroOtherSteps(SequenceBatch batch, int[] steps, Buffers b) {
        for (int r = 0; r < b.rows; r++) {
            int s = batch.sequence(b.first + r);
            if (batch.offset(steps[s]) + s != b.first + r) {
                Arrays.fill(b.outputs, r * spec.outputs(), (r + 1) * spec.outputs(), 0f);
            }
        }
    }

    /** Equation (2) for the output rows of one slice: a sum over rows, row block by row block. */
    private void gradient(SequenceBatch batch, int slice, float[] states, Buffers b, PartialSum sum) {
        float[] gradient = sum.gradient();
        int outputs = spec.outputs();
        int[] rows = spec.everyStep() ? batch.rowsBySlice() : batch.sequencesBySlice();
        int start = spec.everyStep() ? batch.rowStart(slice) : batch.sequenceStart(slice);
        int at = start;
        int end = spec.everyStep() ? batch.rowStart(slice + 1) : batch.sequenceStart(slice + 1);
        while (at < end && rows[at] < b.first) {
            at++;
        }
        b.transposed = FloatArrays.grow(b.transposed, Math.min(outputs, OUTPUT_BLOCK), LayerBuffers.TRANSPOSED_STRIDE);
        while (at < end && rows[at] < b.first + b.rows) {
            int count = 0;
            while (at + count < end && count < LayerBuffers.ROW_BLOCK && rows[at + count] < b.first + b.rows) {
                b.blockRows[count] = rows[at + count] - b.first;
                count++;
            }
            b.stateRows.packRows(rows, at, count, stateSize, states);
            boolean first = sum.empty() && at == start;
            if (first) {
                Arrays.fill(gradient, bias.offset(), bias.offset() + outputs, 0f);
            }
            for (int c = 0; c < outputs; c += OUTPUT_BLOCK) {
                int some = Math.min(OUTPUT_BLOCK, outputs - c);
                int weights = weight.offset() + firstState + c * weightRow;
                Transposition.copyRows(
                        b.blockRows,
                        0,
                        count,
                        some,
                        b.outputs,
                        c,
                        outputs,
                        b.transposed,
                        LayerBuffers.TRANSPOSED_STRIDE);
                WeightGradient.add(some, b.transposed, b.stateRows, first, gradient, weights, weightRow);
            }
            for (int r = 0; r < count; r++) {
                Elementwise.add(b.outputs, b.blockRows[r] * outputs, gradient, bias.offset(), outputs);
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
