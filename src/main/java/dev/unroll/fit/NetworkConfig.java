package dev.unroll.fit;

import dev.unroll.nn.Cells;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Pooling;
import dev.unroll.param.Keyed;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The network as far as it does not depend on the data.
 *
 * @param projSize numbers to which an LSTM projects its states; 0 for no projection
 * @param embeddingSize width of the embedding of tokens; 0 for one-hot
 * @param tiedEmbeddings whether the weights of the output are the embedding
 * @param pooling which states the head reads; of labels for every step {@code LAST}, the default, is {@code EVERY}
 */
public record NetworkConfig(
        String cell,
        String activation,
        int hiddenSize,
        int projSize,
        int numLayers,
        boolean bidirectional,
        int embeddingSize,
        boolean tiedEmbeddings,
        Pooling pooling)
        implements Serializable {

    public NetworkConfig {
        Cells.named(cell, activation); // refuses a name that there is not
        Cells.requireNoOther(cell);
        Cells.requireProjection(cell, hiddenSize, projSize);
    }

    /** How long an update takes, beside that of another network. */
    long size() {
        return (long) hiddenSize * hiddenSize * numLayers;
    }

    /** Numbers of a state, which tied embeddings are as wide as. */
    int stateSize() {
        return projSize > 0 ? projSize : hiddenSize;
    }

    /**
     * Which states the head reads, by what the user says, or did not say: the last state of a step is that step's own, so {@code last} is
     * every state where every step has a label or target.
     *
     * @throws IllegalArgumentException if the user says what does not go with that
     */
    Pooling pooling(LearningTask task, boolean everyStep) {
        Pooling own = pooling == Pooling.LAST ? Pooling.of(everyStep) : pooling;
        if (everyStep != (own == Pooling.EVERY)) {
            List<String> ofSequences = new ArrayList<>(Keyed.keys(Pooling.class));
            ofSequences.remove(Pooling.EVERY.key());
            throw new IllegalArgumentException("pooling is " + own.key() + ", task is " + task.key() + ", and "
                    + (everyStep
                            ? "every step has a label or target; allowed is " + Pooling.EVERY.key()
                            : "the whole sequence has one label or target; allowed are " + Keyed.list(ofSequences)));
        }
        return own;
    }

    /** Whether the cell has a gate that {@code forget-bias} is for. */
    boolean hasForgetGate() {
        return Cells.named(cell, activation).forgetGate() >= 0;
    }
}
