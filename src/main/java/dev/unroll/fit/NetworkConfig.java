package dev.unroll.fit;

import dev.unroll.nn.Cells;
import dev.unroll.nn.Pooling;
import java.io.Serializable;

/**
 * The network as far as it does not depend on the data.
 *
 * @param projSize numbers to which an LSTM projects its states; 0 for no projection
 * @param embeddingSize width of the embedding of tokens; 0 for one-hot
 * @param tiedEmbeddings whether the weights of the output are the embedding
 * @param pooling what the head reads of a whole sequence
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

    /** Numbers of a state, which tied embeddings are as wide as. */
    int stateSize() {
        return projSize > 0 ? projSize : hiddenSize;
    }

    /** Whether the cell has a gate that {@code forget-bias} is for. */
    boolean hasForgetGate() {
        return Cells.named(cell, activation).forgetGate() >= 0;
    }
}
