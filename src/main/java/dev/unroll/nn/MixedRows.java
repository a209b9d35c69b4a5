package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.param.RowBlocks;
import java.util.List;
import java.util.stream.Stream;

/**
 * Numbers and categories as one dense row for each step: {@code x = [embedding of the first column | ... | numbers |
 * indicators]}. A product of such a row is the sum of the products of its parts.
 */
final class MixedRows implements InputRows {

    private final Mixed input;
    private final EmbeddedColumns embedded;
    private final RowBlocks sparse;
    private final EmbeddedColumns statics;

    MixedRows(Mixed input, ParameterLayout layout) {
        this.input = input;
        List<Slot> categories = slots(layout, "embeddings.", input.categories());
        List<Slot> statics = slots(layout, "static_embeddings.", input.statics());
        this.embedded = new EmbeddedColumns(categories, input.numbers(), input.masked(), 0);
        this.statics = new EmbeddedColumns(
                statics,
                input.staticNumbers(),
                input.masked(),
                categories.stream().mapToInt(Slot::rows).sum());
        this.sparse = RowBlocks.of(
                Stream.concat(categories.stream(), statics.stream()).toList());
    }

    private static List<Slot> slots(ParameterLayout layout, String member, List<Category> categories) {
        return categories.stream()
                .map(category -> layout.slot(member + category.column() + ".weight"))
                .toList();
    }

    @Override
    public void requireFit(SequenceBatch batch) {
        boolean fits = batch.isMixed()
                && batch.width() == input.numbers()
                && batch.ids().length == input.categories().size()
                && batch.staticWidth() == input.staticNumbers()
                && batch.staticIds().length == input.statics().size();
        InputRows.requireFit(fits, batch, input);
        requireIds(batch.idBounds(), input.categories());
        requireIds(batch.staticIdBounds(), input.statics());
    }

    private static void requireIds(int[] bounds, List<Category> categories) {
        for (int k = 0; k < bounds.length; k++) {
            Category category = categories.get(k);
            InputRows.requireIds("column " + category.column(), bounds[k], category.vocabulary());
        }
    }

    @Override
    public RowBlocks sparse() {
        return sparse;
    }

    @Override
    public EmbeddedColumns statics() {
        return statics.width() == 0 ? null : statics;
    }

    @Override
    public void embed(Weights weights, SequenceBatch batch, RecurrentStack.Buffers buffers) {
        buffers.embedded = FloatArrays.grow(buffers.embedded, batch.rows(), input.size());
        embedded.assemble(weights.theta, batch.rows(), batch.ids(), batch.values(), buffers.embedded);
    }

    @Override
    public int[] oneHot(SequenceBatch batch) {
        return null;
    }

    @Override
    public float[] dense(SequenceBatch batch, RecurrentStack.Buffers buffers) {
        return buffers.embedded;
    }

    @Override
    public float[] gradientRows(RecurrentStack.Buffers buffers) {
        return input.categories().isEmpty() ? null : buffers.embedded;
    }

    @Override
    public void backward(SequenceBatch batch, float[] dX, List<PartialSum> sums) {
        if (dX != null) {
            embedded.addGradients(batch, dX, sums);
        }
    }
}
