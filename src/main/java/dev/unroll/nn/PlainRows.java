package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.param.RowBlocks;
import java.util.List;

/** Token ids that are one-hot, or numbers, which are dense steps or embedded tokens. */
final class PlainRows implements InputRows {

    private final NetworkSpec.Input input;
    private final EmbeddedColumns embedded; // the tokens; null where there is no embedding
    private final RowBlocks sparse;

    PlainRows(NetworkSpec spec, ParameterLayout layout) {
        this.input = spec.input();
        List<Slot> embedding = input.embeddingSize() > 0 ? List.of(layout.slot("embedding.weight")) : List.of();
        this.embedded = embedding.isEmpty() ? null : new EmbeddedColumns(embedding, 0, false, 0);
        this.sparse = spec.head().tied() ? RowBlocks.NONE : RowBlocks.of(embedding);
    }

    @Override
    public RowBlocks sparse() {
        return sparse;
    }

    @Override
    public EmbeddedColumns statics() {
        return null;
    }

    @Override
    public void requireFit(SequenceBatch batch) {
        boolean fits = input instanceof NetworkSpec.Dense dense
                ? !batch.hasTokens() && !batch.isMixed() && dense.width() == batch.width()
                : batch.hasTokens();
        InputRows.requireFit(fits, batch, input);
        if (input instanceof NetworkSpec.Tokens tokens) {
            InputRows.requireIds("the batch", batch.idBounds()[0], tokens.vocabulary());
        }
    }

    @Override
    public void embed(Weights weights, SequenceBatch batch, RecurrentStack.Buffers buffers) {
        if (embedded != null) {
            buffers.embedded = FloatArrays.grow(buffers.embedded, batch.rows(), input.size());
            embedded.assemble(weights.theta, batch.rows(), batch.ids(), batch.values(), buffers.embedded);
        }
    }

    @Override
    public int[] oneHot(SequenceBatch batch) {
        return input.isOneHot() ? batch.tokens() : null;
    }

    @Override
    public float[] dense(SequenceBatch batch, RecurrentStack.Buffers buffers) {
        return input.isOneHot() ? null : embedded == null ? batch.values() : buffers.embedded;
    }

    @Override
    public float[] gradientRows(RecurrentStack.Buffers buffers) {
        return embedded == null ? null : buffers.embedded;
    }

    @Override
    public void backward(SequenceBatch batch, float[] dX, List<PartialSum> sums) {
        if (embedded != null) {
            embedded.addGradients(batch, dX, sums);
        }
    }
}
