package dev.unroll.data;

import java.io.Serializable;

/**
 * How rows become numbers: the ids of tokens and of labels, and the scaling.
 *
 * @param vocabulary of the tokens; null where steps are numbers
 * @param labels of the classes; null where there are none, or they are tokens
 * @param scaling of numbers of inputs and of targets
 * @param columns that a network of several reads; null where steps are tokens, or numbers of which none is missing
 */
public record Encoding(Vocabulary vocabulary, Labels labels, Scaling scaling, Columns columns) implements Serializable {

    /** Of tokens, or of numbers of which none is missing. */
    public Encoding(Vocabulary vocabulary, Labels labels, Scaling scaling) {
        this(vocabulary, labels, scaling, null);
    }

    /** Without scaling. */
    public Encoding(Vocabulary vocabulary, Labels labels) {
        this(vocabulary, labels, Scaling.NONE);
    }

    /** This encoding with another scaling. */
    public Encoding with(Scaling other) {
        return new Encoding(vocabulary, labels, other, columns);
    }

    /** An upper bound of token ids, exclusive; 0 where steps are numbers. */
    public int ids() {
        return vocabulary == null ? 0 : vocabulary.size();
    }
}
