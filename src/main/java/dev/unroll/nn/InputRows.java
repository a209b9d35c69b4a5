package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;

/**
 * What the first layer reads of a packed batch: token ids that are one-hot, or numbers, which are dense steps or embedded
 * tokens.
 */
final class InputRows {

    private final NetworkSpec.Input input;
    private final Slot embedding; // (V, E); null where there is none

    /** @param embedding (V, E); null where there is none */
    InputRows(NetworkSpec.Input input, Slot embedding) {
        this.input = input;
        this.embedding = embedding;
    }

    /** @throws IllegalArgumentException if the batch is not of the kind that the network takes */
    void requireFit(SequenceBatch batch) {
        boolean fits = input instanceof NetworkSpec.Dense dense
                ? !batch.hasTokens() && !batch.isMixed() && dense.width() == batch.width()
                : batch.hasTokens();
        if (!fits) {
            throw new IllegalArgumentException("the batch has "
                    + (batch.hasTokens() ? "tokens" : "rows of width " + batch.width()) + ", and the network takes "
                    + input);
        }
    }

    /** Embeds tokens, where the network does, into the buffers. */
    void embed(Weights weights, SequenceBatch batch, RecurrentStack.Buffers buffers) {
        if (embedding == null) {
            return;
        }
        int e = embedding.columns();
        buffers.embedded = FloatArrays.grow(buffers.embedded, batch.rows(), e);
        for (int r = 0; r < batch.rows(); r++) {
            System.arraycopy(weights.theta, embedding.offset() + batch.tokens()[r] * e, buffers.embedded, r * e, e);
        }
    }

    /** The tokens that the first layer reads, (N); null where it reads numbers. */
    int[] oneHot(SequenceBatch batch) {
        return batch.hasTokens() && embedding == null ? batch.tokens() : null;
    }

    /** The numbers that the first layer reads, (N, I); null where tokens are one-hot. */
    float[] dense(SequenceBatch batch, RecurrentStack.Buffers buffers) {
        return !batch.hasTokens() ? batch.values() : embedding == null ? null : buffers.embedded;
    }

    /**
     * Where the gradient of the numbers that the first layer reads goes, (N, I); null where no parameter needs it. The
     * embedded tokens are overwritten.
     */
    float[] gradientRows(RecurrentStack.Buffers buffers) {
        return embedding == null ? null : buffers.embedded;
    }

    /** Adds dX of each row, (N, E), to the embedding of its token, where there is one. */
    void backward(SequenceBatch batch, float[] dX, List<PartialSum> sums) {
        if (embedding == null) {
            return;
        }
        int e = embedding.columns();
        for (int p = 0; p < batch.slices(); p++) {
            float[] gradient = sums.get(p).gradient();
            for (int at = batch.rowStart(p); at < batch.rowStart(p + 1); at++) {
                int row = batch.rowsBySlice()[at];
                int token = batch.tokens()[row];
                sums.get(p).touched().set(token);
                Elementwise.add(dX, row * e, gradient, embedding.offset() + token * e, e);
            }
        }
    }
}
