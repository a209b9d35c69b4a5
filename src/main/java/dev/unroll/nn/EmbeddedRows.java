package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.param.RowBlocks;
import java.util.List;

/** Numbers as they are, whose gradients are all wanted. */
final class EmbeddedRows implements InputRows {

    private final NetworkSpec.Embedded input;

    EmbeddedRows(NetworkSpec.Embedded input) {
        this.input = input;
    }

    @Override
    public void requireFit(SequenceBatch batch) {
        boolean fits = batch.ids().length == 0
                && batch.width() == input.size()
                && (batch.isMixed() ? batch.staticWidth() : 0) == input.staticSize();
        InputRows.requireFit(fits, batch, input);
    }

    @Override
    public RowBlocks sparse() {
        return RowBlocks.NONE;
    }

    @Override
    public EmbeddedColumns statics() {
        return input.staticSize() == 0 ? null : new EmbeddedColumns(List.of(), input.staticSize(), false, 0);
    }

    @Override
    public void embed(Weights weights, SequenceBatch batch, RecurrentStack.Buffers buffers) {
        buffers.embedded = FloatArrays.grow(buffers.embedded, batch.rows(), input.size()); // for their gradients
    }

    @Override
    public int[] oneHot(SequenceBatch batch) {
        return null;
    }

    @Override
    public float[] dense(SequenceBatch batch, RecurrentStack.Buffers buffers) {
        return batch.values();
    }

    @Override
    public float[] gradientRows(RecurrentStack.Buffers buffers) {
        return buffers.embedded;
    }

    @Override
    public void backward(SequenceBatch batch, float[] dX, List<PartialSum> sums) {
        // no parameter was read
    }
}
