package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Activations;
import dev.unroll.math.Gemm;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;

/**
 * Softmax cross-entropy over classes, on every state or on the last one: takes states, gives loss, its own gradients and dL/dh.
 *
 * <pre>
 * o = W_qh h + b_q         l(o, y) = log sum_c e^{o_c} - o_y                                  (1)
 * dL/do = scale (softmax(o) - 1_y)                                                            (2)
 * dL/dW_qh = sum dL/do h'  dL/db_q = sum dL/do                                                (2), (5)
 * dL/dh += W_qh' dL/do                                                                        (3), and the local term of (4)
 * </pre>
 */
final class SoftmaxHead {

    /** What the head keeps for one batch. */
    static final class Buffers {
        int rows; // M: N for every step, B for the last
        float[] states = {}; // (M, H), the last states; unused where every state is read
        float[] outputs = {}; // (M, C) logits, then probabilities, then dO
        float[] dStates = {}; // (M, H), gradients of the last states
        int[] predictions = {}; // (M)
    }

    private final NetworkSpec.HeadSpec spec;
    private final int hidden;
    private final Slot weight; // (C, H)
    private final Slot bias; // (C)

    SoftmaxHead(NetworkSpec.HeadSpec spec, int hidden, Slot weight, Slot bias) {
        this.spec = spec;
        this.hidden = hidden;
        this.weight = weight;
        this.bias = bias;
    }

    /** Transposes W_qh for the forward product. */
    void bind(Weights w) {
        int classes = spec.classes();
        w.headTransposed = new float[hidden * classes];
        for (int c = 0; c < classes; c++) {
            for (int k = 0; k < hidden; k++) {
                w.headTransposed[k * classes + c] = w.theta[weight.offset() + c * hidden + k];
            }
        }
    }

    /** Equation (1): logits of every output row. */
    void forward(Weights weights, SequenceBatch batch, float[] h, Buffers b) {
        int classes = spec.classes();
        b.rows = spec.everyStep() ? batch.rows() : batch.size();
        if (b.predictions.length < b.rows) {
            b.outputs = new float[Math.multiplyExact(b.rows, classes)];
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
            System.arraycopy(weights.theta, bias.offset(), b.outputs, r * classes, classes);
        }
        Gemm.multiply(
                b.rows, classes, hidden, states, 0, hidden, weights.headTransposed, 0, classes, b.outputs, 0, classes);
        for (int r = 0; r < b.rows; r++) {
            b.predictions[r] = argMax(b.outputs, r * classes, classes);
        }
    }

    /** Turns logits into probabilities. */
    void softmax(Buffers b) {
        for (int r = 0; r < b.rows; r++) {
            Activations.softmax(b.outputs, r * spec.classes(), spec.classes());
        }
    }

    /** Adds the loss of every output row and turns logits into dL/do, equation (2). */
    void loss(SequenceBatch batch, LossReduction reduction, Buffers b, LossSum sum) {
        for (int s = 0; s < batch.size(); s++) {
            sum.addSequence(reduction.weight(batch.weight(s), terms(batch, s)), batch.length(s));
        }
        if (!spec.everyStep()) {
            for (int s = 0; s < batch.size(); s++) {
                loss(s, batch.label(s), reduction.scale(batch.weight(s), 1), b, sum);
            }
            return;
        }
        for (int t = batch.steps() - 1; t >= 0; t--) {
            for (int s = 0; s < batch.active(t); s++) {
                int row = batch.offset(t) + s;
                loss(row, batch.rowLabel(row), reduction.scale(batch.weight(s), batch.length(s)), b, sum);
            }
        }
    }

    private int terms(SequenceBatch batch, int s) {
        return spec.everyStep() ? batch.length(s) : 1;
    }

    private void loss(int row, int label, double scale, Buffers b, LossSum sum) {
        int at = row * spec.classes();
        float logit = b.outputs[at + label];
        double logSum = Activations.softmax(b.outputs, at, spec.classes());
        sum.addTerm(scale * (logSum - logit), b.predictions[row] == label);
        float factor = (float) scale;
        b.outputs[at + label] -= 1f;
        for (int c = 0; c < spec.classes(); c++) {
            b.outputs[at + c] *= factor;
        }
    }

    /** Equations (2) and (3): adds the head's gradients, and dL/dh into {@code dH}, which is zero before. */
    void backward(Weights weights, SequenceBatch batch, float[] h, float[] dH, Buffers b, float[] gradient) {
        int classes = spec.classes();
        boolean all = spec.everyStep();
        Gemm.transposeMultiply(
                classes,
                hidden,
                b.rows,
                b.outputs,
                0,
                classes,
                all ? h : b.states,
                0,
                hidden,
                gradient,
                weight.offset(),
                hidden);
        for (int r = 0; r < b.rows; r++) {
            for (int c = 0; c < classes; c++) {
                gradient[bias.offset() + c] += b.outputs[r * classes + c];
            }
        }
        float[] dStates = all ? dH : b.dStates;
        if (!all) {
            Arrays.fill(dStates, 0, b.rows * hidden, 0f);
        }
        Gemm.multiply(
                b.rows,
                hidden,
                classes,
                b.outputs,
                0,
                classes,
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
