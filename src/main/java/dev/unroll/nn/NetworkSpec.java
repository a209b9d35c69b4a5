package dev.unroll.nn;

import dev.unroll.param.Initialization;
import dev.unroll.param.ParameterLayout;
import java.io.Serializable;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The shape of a network: what comes in, which cell runs over it, what comes out. Plain data, validated; equal specs
 * have equal layouts.
 *
 * @param input tokens of a vocabulary, dense rows, or numbers and several categories
 * @param cell {@code elman}, {@code lstm}, {@code gru}, {@code mingru} or the name of a cell of the class path ({@link Cells})
 * @param activation f of equation (1), {@code tanh} or {@code relu}; only Elman's cell has a choice
 * @param hiddenSize H, of each layer and direction
 * @param projSize P, the numbers to which an LSTM projects its states ({@link Projection}); 0 where there is no projection
 * @param numLayers stacked recurrent layers: each reads the states of the one below
 * @param bidirectional whether each layer reads its input from both ends, and gives the states of both, concatenated
 * @param head what is computed from the states of the last layer
 */
public record NetworkSpec(
        Input input,
        String cell,
        String activation,
        int hiddenSize,
        int projSize,
        int numLayers,
        boolean bidirectional,
        HeadSpec head)
        implements Serializable {

    /** The largest of any size. */
    public static final int MAX_SIZE = 1 << 24;

    /** Recurrent layers at most. */
    public static final int MAX_LAYERS = 64;

    /** What one step of the input is. */
    public sealed interface Input extends Serializable permits Tokens, Dense, Mixed, Embedded {
        /** I, the numbers of one step that the first layer reads. */
        int size();

        /** How many of these, the first ones, are embeddings. */
        default int embeddingSize() {
            return 0;
        }

        /** Whether the first layer looks ids up instead of reading numbers. */
        default boolean isOneHot() {
            return false;
        }

        /** D, how many numbers a step has before any embedding; 0 of tokens. */
        default int numbers() {
            return 0;
        }

        /** S, the numbers of the whole sequence that the first layer and the head read. */
        default int staticSize() {
            return 0;
        }

        /** How many of these, the first ones, are embeddings. */
        default int staticEmbeddingSize() {
            return 0;
        }
    }

    /**
     * Ids of a vocabulary.
     *
     * @param vocabulary V, the number of ids
     * @param embeddingSize E, the width of the embedding; 0 means one-hot (a look-up of columns of weight_ih, without a
     *     product)
     */
    public record Tokens(int vocabulary, int embeddingSize) implements Input {
        public Tokens {
            require("vocabulary", vocabulary, 1);
            require("embedding-size", embeddingSize, 0);
        }

        @Override
        public int size() {
            return isOneHot() ? vocabulary : embeddingSize;
        }

        @Override
        public boolean isOneHot() {
            return embeddingSize == 0;
        }
    }

    /** Rows of {@code width} numbers. */
    public record Dense(int width) implements Input {
        public Dense {
            require("input width", width, 1);
        }

        @Override
        public int numbers() {
            return width;
        }

        @Override
        public int size() {
            return width;
        }
    }

    /**
     * A column of ids, embedded.
     *
     * @param column its name, which is in the names of tensors; PyTorch's ModuleDict refuses names of its own members, such
     *     as type, values, items and keys: there such a column needs add_module under another name
     * @param vocabulary V, the number of ids
     * @param embeddingSize E, the width of the embedding
     */
    public record Category(String column, int vocabulary, int embeddingSize) implements Serializable {

        private static final int WIDEST = 50;

        /** @throws IllegalArgumentException for a name that PyTorch has not for a module, or a size out of range */
        public Category {
            if (column.isEmpty() || column.contains(".")) {
                throw new IllegalArgumentException("a column of categories is named \"" + column
                        + "\"; allowed is a name without a dot, as for a module of PyTorch");
            }
            require("the vocabulary of " + column, vocabulary, 1);
            require("the embedding size of " + column, embeddingSize, 1);
        }

        /** As wide as {@link #width} says. */
        public Category(String column, int vocabulary) {
            this(column, vocabulary, width(vocabulary));
        }

        /** min(50, (V + 1) / 2), rounded down: the rule of Howard and Gugger's fast.ai library for tables. */
        public static int width(int vocabulary) {
            return Math.min(WIDEST, (vocabulary + 1) / 2);
        }
    }

    /**
     * Numbers and categories of every step, and of the whole sequence (statics). The first layer reads one row a step,
     * {@code [statics | embeddings | numbers | indicators]}, the statics {@code [embeddings | numbers | indicators]}
     * likewise; the head reads {@code [statics | states]}.
     *
     * @param numbers D of a step
     * @param masked whether numbers may be missing: such a one is 0, and its indicator 1
     * @param categories of a step, in the order of their embeddings in a row
     * @param staticNumbers of the whole sequence
     * @param statics categories of the whole sequence
     */
    public record Mixed(
            int numbers, boolean masked, List<Category> categories, int staticNumbers, List<Category> statics)
            implements Input {

        /** @throws IllegalArgumentException for two columns of one name, no input of a step, or a size out of range */
        public Mixed {
            categories = List.copyOf(categories);
            statics = List.copyOf(statics);
            require("the number of numeric columns", numbers, 0);
            require("the number of static numeric columns", staticNumbers, 0);
            List<String> names = Stream.concat(categories.stream(), statics.stream())
                    .map(Category::column)
                    .toList();
            if (Set.copyOf(names).size() < names.size()) {
                throw new IllegalArgumentException("columns of categories are " + names + "; each may be there once");
            }
            require("the width of a step", width(numbers, masked, categories), 1);
            require("the width of the statics", width(staticNumbers, masked, statics), 0);
        }

        private static long width(int numbers, boolean masked, List<Category> categories) {
            return embedded(categories) + (long) numbers * (masked ? 2 : 1);
        }

        private static long embedded(List<Category> categories) {
            return categories.stream().mapToLong(Category::embeddingSize).sum();
        }

        @Override
        public int size() {
            return (int) width(numbers, masked, categories);
        }

        @Override
        public int staticSize() {
            return (int) width(staticNumbers, masked, statics);
        }

        @Override
        public int embeddingSize() {
            return (int) embedded(categories);
        }

        @Override
        public int staticEmbeddingSize() {
            return (int) embedded(statics);
        }
    }

    /**
     * What another network reads once its ids are embedded: numbers, whose gradients are asked for ({@link EmbeddedNetwork}).
     * It is in no file.
     *
     * @param size I
     * @param staticSize S
     */
    record Embedded(int size, int staticSize) implements Input {

        @Override
        public int embeddingSize() {
            return size;
        }

        @Override
        public int numbers() {
            return size;
        }

        @Override
        public int staticEmbeddingSize() {
            return staticSize;
        }
    }

    public NetworkSpec {
        require("hidden-size", hiddenSize, 1);
        if (numLayers < 1 || numLayers > MAX_LAYERS) {
            throw new IllegalArgumentException(
                    "num-layers is " + numLayers + "; allowed is at least 1 and at most " + MAX_LAYERS);
        }
        Cells.requireProjection(cell, hiddenSize, projSize);
        if (head.tied()) {
            requireTied(input, head, stateSize(hiddenSize, projSize, bidirectional));
        }
    }

    /** Without a projection. */
    public NetworkSpec(
            Input input,
            String cell,
            String activation,
            int hiddenSize,
            int numLayers,
            boolean bidirectional,
            HeadSpec head) {
        this(input, cell, activation, hiddenSize, 0, numLayers, bidirectional, head);
    }

    /** One layer, read forward. */
    public NetworkSpec(Input input, String cell, String activation, int hiddenSize, HeadSpec head) {
        this(input, cell, activation, hiddenSize, 1, false, head);
    }

    /** Directions in which each layer reads, 1 or 2. */
    public int directions() {
        return bidirectional ? 2 : 1;
    }

    /** The same with states of that many numbers; 0 for no projection. */
    public NetworkSpec withProjection(int numbers) {
        return new NetworkSpec(input, cell, activation, hiddenSize, numbers, numLayers, bidirectional, head);
    }

    /** Numbers of one state of a layer in one direction: P where there is a projection, otherwise H. */
    public int directionSize() {
        return stateSize(hiddenSize, projSize, false);
    }

    /** Numbers of one state of the last layer, of both directions together: what the head reads. */
    public int stateSize() {
        return stateSize(hiddenSize, projSize, bidirectional);
    }

    private static int stateSize(int hiddenSize, int projSize, boolean bidirectional) {
        return (bidirectional ? 2 : 1) * (projSize > 0 ? projSize : hiddenSize);
    }

    /** I of a layer. */
    int inputs(int layer) {
        return layer == 0 ? input.size() : stateSize();
    }

    /** The statics that a layer reads besides: S of the first one. */
    int statics(int layer) {
        return layer == 0 ? input.staticSize() : 0;
    }

    /** The suffix in PyTorch's names of the parameters of a layer and direction, such as {@code l1_reverse}. */
    public static String suffix(int layer, int direction) {
        return "l" + layer + (direction == 0 ? "" : "_reverse");
    }

    /** The layout of theta, in PyTorch's names and order. */
    public ParameterLayout layout() {
        Cell gates = Cells.named(cell, activation);
        int g = gates.gates() * hiddenSize;
        int recurrent = gates.recurrentGates() * hiddenSize;
        Initialization forget = forgetGate(gates.forgetGate());
        Initialization recurrentForget = forgetGate(recurrentForgetGate(gates));
        ParameterLayout.Builder layout = new ParameterLayout.Builder().hiddenSize(hiddenSize);
        if (input instanceof Tokens t && t.embeddingSize() > 0) {
            layout.matrix("embedding.weight", t.vocabulary(), t.embeddingSize());
        } else if (input instanceof Mixed mixed) {
            embeddings(layout, "embeddings.", mixed.categories());
            embeddings(layout, "static_embeddings.", mixed.statics());
        }
        for (int layer = 0; layer < numLayers; layer++) {
            for (int direction = 0; direction < directions(); direction++) {
                String suffix = suffix(layer, direction);
                layout.matrix("rnn.weight_ih_" + suffix, g, statics(layer) + inputs(layer));
                if (recurrent > 0) {
                    layout.matrix("rnn.weight_hh_" + suffix, recurrent, directionSize());
                }
                layout.add("rnn.bias_ih_" + suffix, List.of(g), forget);
                if (recurrent > 0) {
                    layout.add("rnn.bias_hh_" + suffix, List.of(recurrent), recurrentForget);
                }
                for (CellParameter own : Cells.parameters(gates, hiddenSize)) {
                    layout.add(
                            "rnn." + own.name() + "_" + suffix,
                            own.shape(),
                            new Initialization.Uniform(own.low(), own.high()));
                }
                if (projSize > 0) {
                    layout.matrix(Projection.WEIGHT + suffix, projSize, hiddenSize);
                }
            }
        }
        if (head.pooling() == Pooling.ATTENTION) {
            layout.add(StatePooling.QUERY, List.of(stateSize()), Attention.initialQuery(stateSize()));
        }
        if (!head.tied()) {
            layout.matrix("head.weight", head.outputs(), input.staticSize() + stateSize());
        }
        layout.vector("head.bias", head.outputs());
        if (head.loss().joinsSteps()) {
            ConditionalRandomField.layOut(layout, head.outputs());
        }
        return layout.build();
    }

    private static void embeddings(ParameterLayout.Builder layout, String member, List<Category> categories) {
        for (Category category : categories) {
            layout.matrix(member + category.column() + ".weight", category.vocabulary(), category.embeddingSize());
        }
    }

    /** As the fingerprints of checkpoints have it, those of before there were projections included. */
    @Override
    public String toString() {
        return "NetworkSpec[input=" + input + ", cell=" + cell + ", activation=" + activation + ", hiddenSize="
                + hiddenSize + (projSize > 0 ? ", projSize=" + projSize : "") + ", numLayers=" + numLayers
                + ", bidirectional=" + bidirectional + ", head=" + head + "]";
    }

    private static Initialization forgetGate(int gate) {
        return gate < 0 ? new Initialization.ByScheme() : new Initialization.ForgetGate(gate);
    }

    /**
     * The forget gate among the recurrent ones: the one whose product goes into the same block or, where that block has
     * no recurrent product and every gate has one elsewhere, the same one; negative where there is none.
     */
    private static int recurrentForgetGate(Cell cell) {
        for (int gate = 0; cell.forgetGate() >= 0 && gate < cell.recurrentGates(); gate++) {
            int block = cell.recurrentBlock() + gate;
            if (block < cell.gates() && cell.inputGate(block) == cell.forgetGate()) {
                return gate;
            }
        }
        return cell.recurrentGates() == cell.gates() ? cell.forgetGate() : -1;
    }

    private static void requireTied(Input input, HeadSpec head, int stateSize) {
        if (!(input instanceof Tokens t) || t.vocabulary() != head.outputs() || t.embeddingSize() != stateSize) {
            throw new IllegalArgumentException(
                    "tied embeddings need tokens, an output for each of them, and an embedding as wide as the states, "
                            + stateSize + "; there are " + head.outputs() + " outputs, and the input is " + input);
        }
    }

    /** Sizes are bounded, so that no product of two overflows before the layout counts the parameters. */
    private static void require(String name, long value, int least) {
        if (value < least || value > MAX_SIZE) {
            throw new IllegalArgumentException(
                    name + " is " + value + "; allowed is at least " + least + " and at most " + MAX_SIZE);
        }
    }
}
