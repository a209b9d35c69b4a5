package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.param.RowBlocks;
import java.util.List;

/**
 * What the first layer reads of a packed batch, row by row: token ids that are one-hot, or numbers, which are dense steps,
 * embeddings, or both.
 */
interface InputRows {

    /** @throws IllegalArgumentException if the batch is not of the kind that the network takes, or has an id that it has not */
    void requireFit(SequenceBatch batch);

    static void requireFit(boolean fits, SequenceBatch batch, NetworkSpec.Input input) {
        if (!fits) {
            throw new IllegalArgumentException("the batch has " + batch.kind() + ", and the network takes " + input);
        }
    }

    /** An id beyond an embedding would read, and train, what is behind it. */
    static void requireIds(String whose, int bound, int vocabulary) {
        if (bound > vocabulary) {
            throw new IllegalArgumentException(
                    whose + " has id " + (bound - 1) + ", and the network has " + vocabulary + " ids");
        }
    }

    /** The rows of parameters of which a batch touches few: embeddings, unless the head uses them too. */
    RowBlocks sparse();

    /** What holds for the whole of a sequence; null where there is nothing. */
    EmbeddedColumns statics();

    /** Embeds ids, where the network does, into the buffers. */
    void embed(Weights weights, SequenceBatch batch, RecurrentStack.Buffers buffers);

    /** The tokens that the first layer reads, (N); null where it reads numbers. */
    int[] oneHot(SequenceBatch batch);

    /** The numbers that the first layer reads, (N, I); null where tokens are one-hot. */
    float[] dense(SequenceBatch batch, RecurrentStack.Buffers buffers);

    /**
     * Where the gradient of the numbers that the first layer reads goes, (N, I), of which the first {@link
     * WeightColumns#gradients} columns are written; null where no parameter needs it. What was embedded is overwritten.
     */
    float[] gradientRows(RecurrentStack.Buffers buffers);

    /** Adds dX of each row to the embeddings of its ids, where there are any. */
    void backward(SequenceBatch batch, float[] dX, List<PartialSum> sums);
}
