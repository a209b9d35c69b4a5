package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.param.ParameterLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Between layers and head, where a head of whole sequences reads more than the last state: takes the states of every
 * step, of both directions where there are two, gives one vector c for each sequence; takes dL/dc, gives the local term
 * dL/dh of every step. It reads each sequence's own steps alone, since a packed batch has no others.
 *
 * <pre>
 * mean:  c = 1/T sum_t h_t                dL/dh_t = 1/T dL/dc
 * max:   c_k = max_t h_tk                 dL/dh_tk = dL/dc_k at the first t where h_tk = c_k, and 0 elsewhere
 * </pre>
 *
 * and {@link Attention}.
 *
 * <p>The head's equations are as ever, with c for h: o = W_qh c + b_q, and dL/dc = W_qh' dL/do is (3). What each h_t
 * receives of it is its local term in (4).
 *
 * <p>Order of additions (docs/bits.md): from a sequence's last step down to its first, as rows are stored.
 */
final class StatePooling {

    /** The arrays of one batch. */
    static final class Buffers {
        private float[] pooled = {}; // (B, D H) c
        private float[] dPooled = {}; // (B, D H) dL/dc
        private int[] steps = {}; // (B, D H) the step of the maximum
        private final Attention.Buffers attention = new Attention.Buffers();

        /** Drops all arrays. */
        void release() {
            pooled = dPooled = new float[0];
            steps = new int[0];
            attention.release();
        }

        long bytes() {
            return Float.BYTES * ((long) pooled.length + dPooled.length + attention.numbers())
                    + (long) Integer.BYTES * steps.length;
        }
    }

    /** The tensor of the query. */
    static final String QUERY = "pooling.query";

    private final Pooling pooling;
    private final int width; // D H
    private final Attention attention; // null without

    StatePooling(NetworkSpec spec, ParameterLayout layout) {
        this.pooling = spec.head().pooling();
        this.width = spec.stateSize();
        this.attention = pooling == Pooling.ATTENTION ? new Attention(layout.slot(QUERY)) : null;
    }

    /** Numbers that {@link Buffers} have for each sequence. */
    static long numbersPerSequence(NetworkSpec spec) {
        return switch (spec.head().pooling()) {
            case LAST, EVERY -> 0;
            case MEAN -> 2L * spec.stateSize();
            case ATTENTION -> 2L * spec.stateSize() + 1;
            case MAX -> 3L * spec.stateSize();
        };
    }

    /** Numbers that {@link Buffers} have for each row at most. */
    static int numbersPerRow(NetworkSpec spec) {
        return spec.head().pooling() == Pooling.ATTENTION ? Attention.NUMBERS_PER_ROW : 0;
    }

    /**
     * What the head reads, (B, D H).
     *
     * @param states h of every row, (N, D H)
     */
    float[] forward(Weights weights, SequenceBatch batch, float[] states, Buffers b) {
        b.pooled = FloatArrays.grow(b.pooled, batch.size(), width);
        switch (pooling) {
            case LAST, EVERY -> throw new IllegalStateException("states are read as they are");
            case MEAN -> mean(batch, states, b);
            case MAX -> max(batch, states, b);
            case ATTENTION -> {
                Arrays.fill(b.pooled, 0, batch.size() * width, 0f);
                attention.forward(weights.theta, batch, states, b.pooled, b.attention);
            }
        }
        return b.pooled;
    }

    /** Where the head puts dL/dc, (B, D H); zero. */
    float[] gradients(SequenceBatch batch, Buffers b) {
        b.dPooled = FloatArrays.grow(b.dPooled, batch.size(), width);
        Arrays.fill(b.dPooled, 0, batch.size() * width, 0f);
        return b.dPooled;
    }

    /**
     * Adds what every state receives of dL/dc to {@code dStates} (N, D H), which is zero before; and of each slice the
     * gradient of the query, where there is one, to its sum; none where there are no sums.
     */
    void backward(Weights weights, SequenceBatch batch, Buffers b, float[] dStates, List<PartialSum> sums) {
        switch (pooling) {
            case LAST, EVERY -> throw new IllegalStateException("states are read as they are");
            case MEAN -> meanBackward(batch, b, dStates);
            case MAX -> maxBackward(batch, b, dStates);
            case ATTENTION -> attention.backward(weights.theta, batch, b.pooled, b.dPooled, b.attention, dStates, sums);
        }
    }

    /** Sequences that have a step are the first ones, so its rows begin where those of c do. */
    private void mean(SequenceBatch batch, float[] states, Buffers b) {
        Arrays.fill(b.pooled, 0, batch.size() * width, 0f);
        for (int t = batch.steps() - 1; t >= 0; t--) {
            Elementwise.add(states, batch.offset(t) * width, b.pooled, 0, batch.active(t) * width);
        }
        divideByLength(batch, b.pooled);
    }

    private void meanBackward(SequenceBatch batch, Buffers b, float[] dStates) {
        divideByLength(batch, b.dPooled);
        for (int t = 0; t < batch.steps(); t++) {
            Elementwise.add(b.dPooled, 0, dStates, batch.offset(t) * width, batch.active(t) * width);
        }
    }

    private void divideByLength(SequenceBatch batch, float[] ofSequences) {
        for (int s = 0; s < batch.size(); s++) {
            float length = batch.length(s);
            for (int k = s * width; k < (s + 1) * width; k++) {
                ofSequences[k] /= length;
            }
        }
    }

    private void max(SequenceBatch batch, float[] states, Buffers b) {
        int all = batch.size() * width;
        if (b.steps.length < all) {
            b.steps = new int[all];
        }
        Arrays.fill(b.pooled, 0, all, Float.NEGATIVE_INFINITY);
        for (int t = batch.steps() - 1; t >= 0; t--) {
            int rows = batch.offset(t) * width;
            for (int k = 0; k < batch.active(t) * width; k++) {
                float h = states[rows + k];
                if (h >= b.pooled[k] || Float.isNaN(h)) { // of equal ones the first step's; a NaN stays
                    b.pooled[k] = h;
                    b.steps[k] = t;
                }
            }
        }
    }

    private void maxBackward(SequenceBatch batch, Buffers b, float[] dStates) {
        for (int k = 0; k < batch.size() * width; k++) {
            dStates[batch.offset(b.steps[k]) * width + k] += b.dPooled[k];
        }
    }
}
