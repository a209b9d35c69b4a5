package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.param.RowBlocks;
import java.util.List;

/** Token ids that are one-hot, or numbers, which are dense steps or embedded tokens. */
final class PlainRows implements InputRows {

    private final NetworkSpec.Input input;
    private final Slot embedding; // (V, E); null where there is none
    private final RowBlocks sparse;

    PlainRows(NetworkSpec spec, ParameterLayout layout) {
        this.input = spec.input();
        this.embedding = layout.names().contains("embedding.weight") ? layout.slot("embedding.weight") : null;
        this.sparse = embedding == null || spec.head().tied() ? RowBlocks.NONE : RowBlocks.of(List.of(embedding));
    }

    @Override
    public RowBlocks sparse() {
        return sparse;
    }

    @Override
    public void requireFit(SequenceBatch batch) {
        boolean fits = input instanceof NetworkSpec.Dense dense
                ? !batch.hasTokens() && !batch.isMixed() && dense.width() == batch.width()
                : batch.hasTokens();
        if (!fits) {
            throw new IllegalArgumentException("the batch has "
                    + (batch.hasTokens()
                            ? "tokens"
                            : batch.isMixed() ? "columns of several kinds" : "rows of width " + batch.width())
                    + ", and the network takes "
                    + input);
        }
    }

    @Override
    public void embed(Weights weights, SequenceBatch batch, RecurrentStack.Buffers buffers) {
        if (embedding == null) {
            return;
        }
        int e = embedding.columns();
        buffers.embedded = FloatArrays.grow(buffers.embedded, batch.rows(), e);
        for (int r = 0; r < batch.rows(); r++) {
            System.arraycopy(weights.theta, embedding.offset() + batch.tokens()[r] * e, buffers.embedded, r * e, e);
        }
    }

    @Override
    public int[] oneHot(SequenceBatch batch) {
        return batch.hasTokens() && embedding == null ? batch.tokens() : null;
    }

    @Override
    public float[] dense(SequenceBatch batch, RecurrentStack.Buffers buffers) {
        return !batch.hasTokens() ? batch.values() : embedding == null ? null : buffers.embedded;
    }

    @Override
    public float[] gradientRows(RecurrentStack.Buffers buffers) {
        return embedding == null ? null : buffers.embedded;
    }

    @Override
    public void backward(SequenceBatch batch, float[] dX, List<PartialSum> sums) {
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
