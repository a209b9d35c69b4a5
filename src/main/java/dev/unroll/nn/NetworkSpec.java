package dev.unroll.nn;

import dev.unroll.param.ParameterLayout;
import java.io.Serializable;

/**
 * The shape of a network: what comes in, which cell runs over it, what comes out. Plain data, validated; equal specs have equal
 * layouts.
 *
 * @param input tokens of a vocabulary or dense rows
 * @param cell {@code elman}, {@code lstm} or {@code gru}
 * @param activation f of equation (1), {@code tanh} or {@code relu}; only Elman's cell has a choice
 * @param hiddenSize H
 * @param head what is computed from the states
 */
public record NetworkSpec(Input input, String cell, String activation, int hiddenSize, HeadSpec head)
        implements Serializable {

    /** The largest of any size. */
    public static final int MAX_SIZE = 1 << 24;

    /** What one step of the input is. */
    public sealed interface Input extends Serializable permits Tokens, Dense {
        /** I, the columns of {@code weight_ih_l0}. */
        int size();
    }

    /**
     * Ids of a vocabulary.
     *
     * @param vocabulary V, the number of ids
     * @param embeddingSize E, the width of the embedding; 0 means one-hot (a look-up of columns of weight_ih, without a product)
     */
    public record Tokens(int vocabulary, int embeddingSize) implements Input {
        public Tokens {
            require("vocabulary", vocabulary, 1);
            require("embedding-size", embeddingSize, 0);
        }

        @Override
        public int size() {
            return embeddingSize == 0 ? vocabulary : embeddingSize;
        }
    }

    /** Rows of {@code width} numbers. */
    public record Dense(int width) implements Input {
        public Dense {
            require("input width", width, 1);
        }

        @Override
        public int size() {
            return width;
        }
    }

    /** l of equation (1). */
    public enum Loss {
        /** Cross-entropy of the softmax over outputs and a label, in nats. */
        CROSS_ENTROPY,
        /** The mean over outputs of (o - y)^2. */
        SQUARED_ERROR
    }

    /**
     * What reads the states: a linear map and a loss.
     *
     * @param outputs C: classes, or the numbers of one target
     * @param everyStep whether every step has a loss term; otherwise only the last state is read
     */
    public record HeadSpec(Loss loss, int outputs, boolean everyStep) implements Serializable {
        public HeadSpec {
            require("outputs", outputs, 1);
        }

        /** A softmax over that many classes. */
        public HeadSpec(int classes, boolean everyStep) {
            this(Loss.CROSS_ENTROPY, classes, everyStep);
        }
    }

    public NetworkSpec {
        require("hidden-size", hiddenSize, 1);
        Cell.named(cell, activation);
    }

    /** The layout of theta, in PyTorch's names and order. */
    public ParameterLayout layout() {
        int h = hiddenSize;
        int g = Cell.named(cell, activation).gates() * h;
        ParameterLayout.Builder layout = new ParameterLayout.Builder();
        if (input instanceof Tokens t && t.embeddingSize() > 0) {
            layout.matrix("embedding.weight", t.vocabulary(), t.embeddingSize());
        }
        return layout.matrix("rnn.weight_ih_l0", g, input.size())
                .matrix("rnn.weight_hh_l0", g, h)
                .vector("rnn.bias_ih_l0", g)
                .vector("rnn.bias_hh_l0", g)
                .matrix("head.weight", head.outputs(), h)
                .vector("head.bias", head.outputs())
                .build();
    }

    /** Sizes are bounded, so that no product of two overflows before the layout counts the parameters. */
    private static void require(String name, int value, int least) {
        if (value < least || value > MAX_SIZE) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; allowed is at least " + least + " and at most " + MAX_SIZE);
        }
    }
}
