package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Activations;
import dev.unroll.math.Elementwise;
import dev.unroll.param.Initialization;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.List;

/**
 * Pooling by attention with one learned query: each step's state weighs as much in c as a softmax over the sequence's own
 * steps says (Vaswani et al. 2017, with a query that is a parameter, as in Yang et al. 2016).
 *
 * <pre>
 * e_t = q' h_t / sqrt(D H)       a_t = e^{e_t} / sum_s e^{e_s}       c = sum_t a_t h_t
 * dL/de_t = a_t (dL/dc' h_t - dL/dc' c)
 * dL/dh_t = a_t dL/dc + dL/de_t q / sqrt(D H)                        local term of (4)
 * dL/dq = sum_t dL/de_t h_t / sqrt(D H)                              (5)
 * </pre>
 */
final class Attention {

    /** The arrays of one batch. */
    static final class Buffers {
        private float[] states = {}; // (N, D H) h, not owned
        private float[] weights = {}; // (N) a_t, then dL/de_t / sqrt(D H)
        private float[] ofSequence = {}; // (T) of one sequence, step by step
        private float[] ofPooled = {}; // (B) dL/dc' c
        private final float[] lanes = new float[Activations.VIRTUAL_LANES];

        void release() {
            states = weights = ofSequence = ofPooled = new float[0];
        }

        long numbers() {
            return (long) weights.length + ofSequence.length + ofPooled.length;
        }
    }

    /** Numbers that {@link Buffers} have for each row at most: of one sequence as many as of all. */
    static final int NUMBERS_PER_ROW = 2;

    private final Slot query; // (D H)
    private final int width; // D H
    private final float scale; // 1 / sqrt(D H)

    Attention(Slot query) {
        this.query = query;
        this.width = query.size();
        this.scale = (float) (1 / Math.sqrt(width));
    }

    /** That of a linear map of so many inputs: the first weights differ little, and the first c is nearly the mean. */
    static Initialization initialQuery(int width) {
        float bound = (float) (1 / Math.sqrt(width));
        return new Initialization.Uniform(-bound, bound);
    }

    /** Adds c to {@code pooled} (B, D H), which is zero before. */
    void forward(float[] theta, SequenceBatch batch, float[] states, float[] pooled, Buffers b) {
        b.states = states;
        b.weights = FloatArrays.grow(b.weights, batch.rows(), 1);
        b.ofSequence = FloatArrays.grow(b.ofSequence, batch.steps(), 1);
        for (int r = 0; r < batch.rows(); r++) {
            b.weights[r] = scale * Elementwise.dot(theta, query.offset(), states, r * width, width);
        }
        for (int s = 0; s < batch.size(); s++) {
            softmax(batch, s, b);
        }
        for (int t = batch.steps() - 1; t >= 0; t--) {
            for (int s = 0; s < batch.active(t); s++) {
                int r = batch.offset(t) + s;
                Elementwise.addScaled(b.weights[r], states, r * width, pooled, s * width, width);
            }
        }
    }

    /** Turns the scores of one sequence into weights. */
    private static void softmax(SequenceBatch batch, int s, Buffers b) {
        int steps = batch.length(s);
        for (int t = 0; t < steps; t++) {
            b.ofSequence[t] = b.weights[batch.offset(t) + s];
        }
        float max = Activations.max(b.ofSequence, 0, steps, b.lanes);
        Activations.softmax(b.ofSequence, 0, steps, max, b.lanes);
        for (int t = 0; t < steps; t++) {
            b.weights[batch.offset(t) + s] = b.ofSequence[t];
        }
    }

    /**
     * Writes dL/dh to {@code dStates} (N, D H), and adds dL/dq of each slice to its sum, where there are sums.
     *
     * @param pooled c, (B, D H)
     * @param dPooled dL/dc, (B, D H)
     */
    void backward(
            float[] theta,
            SequenceBatch batch,
            float[] pooled,
            float[] dPooled,
            Buffers b,
            float[] dStates,
            List<PartialSum> sums) {
        b.ofPooled = FloatArrays.grow(b.ofPooled, batch.size(), 1);
        for (int s = 0; s < batch.size(); s++) {
            b.ofPooled[s] = Elementwise.dot(dPooled, s * width, pooled, s * width, width);
        }
        for (int t = 0; t < batch.steps(); t++) {
            for (int s = 0; s < batch.active(t); s++) {
                int r = batch.offset(t) + s;
                float a = b.weights[r];
                float ofH = Elementwise.dot(dPooled, s * width, b.states, r * width, width);
                float dScore = scale * (a * (ofH - b.ofPooled[s]));
                for (int k = 0; k < width; k++) {
                    float direct = a * dPooled[s * width + k];
                    dStates[r * width + k] = Math.fma(dScore, theta[query.offset() + k], direct);
                }
                b.weights[r] = dScore;
            }
        }
        for (int p = 0; p < sums.size(); p++) {
            gradient(batch, p, b, sums.get(p));
        }
    }

    private void gradient(SequenceBatch batch, int slice, Buffers b, PartialSum sum) {
        if (sum.empty()) {
            Arrays.fill(sum.gradient(), query.offset(), query.offset() + width, 0f);
        }
        for (int i = batch.rowStart(slice); i < batch.rowStart(slice + 1); i++) {
            int r = batch.rowsBySlice()[i];
            Elementwise.addScaled(b.weights[r], b.states, r * width, sum.gradient(), query.offset(), width);
        }
    }
}
