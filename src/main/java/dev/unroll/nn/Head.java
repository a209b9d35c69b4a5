package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Activations;
import dev.unroll.math.Gemm;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;

/**
 * A linear map and a loss, on every state or on the last one: takes states, gives loss, its own gradients and dL/dh.
 *
 * <pre>
 * o = W_qh h + b_q         L = sum scale l(o, y)                                              (1)
 * dL/do = scale l'(o, y)                                                                      (2)
 * dL/dW_qh = sum dL/do h'  dL/db_q = sum dL/do                                                (2), (5)
 * dL/dh += W_qh' dL/do                                                                        (3), and the local term of (4)
 * </pre>
 */
final class Head {

    /** What the head keeps for one batch. */
    static final class Buffers {
        int rows; // M: N for every step, B for the last
        float[] states = {}; // (M, H), the last states; unused where every state is read
        float[] outputs = {}; // (M, C) outputs o, then probabilities or dO
        float[] dStates = {}; // (M, H), gradients of the last states
        int[] predictions = {}; // (M)
    }

    private final NetworkSpec.HeadSpec spec;
    private final int hidden;
    private final Slot weight; // (C, H)
    private final Slot bias; // (C)

    Head(NetworkSpec.HeadSpec spec, int hidden, Slot weight, Slot bias) {
        this.spec = spec;
        this.hidden = hidden;
        this.weight = weight;
        this.bias = bias;
    }

    /** Transposes W_qh for the forward product. */
    void bind(Weights w) {
        int outputs = spec.outputs();
        w.headTransposed = new float[hidden * outputs];
        for (int c = 0; c < outputs; c++) {
            for (int k = 0; k < hidden; k++) {
                w.headTransposed[k * outputs + c] = w.theta[weight.offset() + c * hidden + k];
            }
        }
    }

    /** Equation (1): logits of every output row. */
    void forward(Weights weights, SequenceBatch batch, float[] h, Buffers b) {
        int outputs = spec.outputs();
        b.rows = spec.everyStep() ? batch.rows() : batch.size();
        if (b.predictions.length < b.rows) {
            b.outputs = LayerBuffers.grow(b.outputs, b.rows, outputs);
            b.predictions = new int[b.rows];
            if (!spec.everyStep()) {
                b.states = new float[SequenceBatch.ROWS * hidden];
                b.dStates = new float[SequenceBatch.ROWS * hidden];
            }
        }
        float[] states = h;
        if (!spec.everyStep()) {
            states = b.states;
            for (int s = 0; s < b.rows; s++) {
                System.arraycopy(h, batch.lastRow(s) * hidden, states, s * hidden, hidden);
            }
        }
        for (int r = 0; r < b.rows; r++) {
            System.arraycopy(weights.theta, bias.offset(), b.outputs, r * outputs, outputs);
        }
        Gemm.multiply(
                b.rows, outputs, hidden, states, 0, hidden, weights.headTransposed, 0, outputs, b.outputs, 0, outputs);
        for (int r = 0; r < b.rows && spec.loss() == NetworkSpec.Loss.CROSS_ENTROPY; r++) {
            b.predictions[r] = argMax(b.outputs, r * outputs, outputs);
        }
    }

    /** Turns the outputs of a softmax into probabilities. */
    void softmax(Buffers b) {
        for (int r = 0; r < b.rows && spec.loss() == NetworkSpec.Loss.CROSS_ENTROPY; r++) {
            Activations.softmax(b.outputs, r * spec.outputs(), spec.outputs());
        }
    }

    /** Adds the loss of every output row and turns outputs into dL/do, equation (2). */
    void loss(SequenceBatch batch, LossSpec loss, Buffers b, LossSum sum) {
        if (!spec.everyStep()) {
            for (int s = 0; s < batch.size(); s++) {
                loss.addSequence(batch.weight(s), 1, batch.length(s), sum);
                term(s, batch, loss, batch.weight(s), 1, b, sum);
            }
            return;
        }
        for (int s = 0; s < batch.size(); s++) {
            loss.addSequence(batch.weight(s), batch.length(s), batch.length(s), sum);
        }
        for (int t = batch.steps() - 1; t >= 0; t--) {
            for (int s = 0; s < batch.active(t); s++) {
                term(batch.offset(t) + s, batch, loss, batch.weight(s), batch.length(s), b, sum);
            }
        }
    }

    /** One loss term: output row {@code row} of a sequence with that weight and number of terms. */
    private void term(int row, SequenceBatch batch, LossSpec loss, float weight, int terms, Buffers b, LossSum sum) {
        int at = row * spec.outputs();
        if (spec.loss() == NetworkSpec.Loss.SQUARED_ERROR) {
            double l = squaredError(b.outputs, at, batch.targets(), at, spec.outputs());
            scale(b, at, loss.addTerm(l, weight, terms, false, sum));
            return;
        }
        int label = batch.label(row);
        double l = crossEntropy(b.outputs, at, label, spec.outputs());
        boolean correct = b.predictions[row] == label;
        scale(b, at, loss.addTerm(l, weight * loss.classWeight(label), terms, correct, sum));
    }

    private void scale(Buffers b, int at, float factor) {
        for (int c = 0; c < spec.outputs(); c++) {
            b.outputs[at + c] *= factor;
        }
    }

    /** l = log sum_c e^{o_c} - o_y; turns o into l' = softmax(o) - 1_y. */
    private static double crossEntropy(float[] o, int at, int label, int outputs) {
        float logit = o[at + label];
        double logSum = Activations.softmax(o, at, outputs);
        o[at + label] -= 1f;
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

    /** Equations (2) and (3): adds the head's gradients, and dL/dh into {@code dH}, which is zero before. */
    void backward(Weights weights, SequenceBatch batch, float[] h, float[] dH, Buffers b, float[] gradient) {
        int outputs = spec.outputs();
        boolean all = spec.everyStep();
        Gemm.transposeMultiply(
                outputs,
                hidden,
                b.rows,
                b.outputs,
                0,
                outputs,
                all ? h : b.states,
                0,
                hidden,
                gradient,
                weight.offset(),
                hidden);
        for (int r = 0; r < b.rows; r++) {
            for (int c = 0; c < outputs; c++) {
                gradient[bias.offset() + c] += b.outputs[r * outputs + c];
            }
        }
        float[] dStates = all ? dH : b.dStates;
        if (!all) {
            Arrays.fill(dStates, 0, b.rows * hidden, 0f);
        }
        Gemm.multiply(
                b.rows,
                hidden,
                outputs,
                b.outputs,
                0,
                outputs,
                weights.theta,
                weight.offset(),
                hidden,
                dStates,
                0,
                hidden);
        if (!all) {
            for (int s = 0; s < b.rows; s++) {
                System.arraycopy(dStates, s * hidden, dH, batch.lastRow(s) * hidden, hidden);
            }
        }
    }

    /** The first of the greatest elements, relative to {@code offset}. */
    private static int argMax(float[] x, int offset, int count) {
        int best = 0;
        for (int j = 1; j < count; j++) {
            if (x[offset + j] > x[offset + best]) {
                best = j;
            }
        }
        return best;
    }
}
