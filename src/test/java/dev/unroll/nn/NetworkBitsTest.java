package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernel against {@link PlainNetwork}, bit for bit: packing, tiles, hoisted products and reused memory are ways to compute the
 * same chains, and never other chains.
 */
class NetworkBitsTest {

    static List<Arguments> networks() {
        List<Arguments> networks = new ArrayList<>();
        for (String cell : List.of("elman tanh", "elman relu", "lstm tanh", "gru tanh", "mingru tanh")) {
            for (String input : List.of("one-hot", "embedding", "dense", "mixed")) {
                for (Loss loss : Losses.ALL) {
                    for (Pooling pooling : Pooling.values()) {
                        for (LossReduction reduction : LossReduction.values()) {
                            if (Heads.areOf(loss, pooling)
                                    && (!pooling.joinsSteps() || loss instanceof Loss.CrossEntropy)) {
                                networks.add(Arguments.of(cell, input, loss, pooling, reduction));
                            }
                        }
                    }
                }
            }
        }
        return networks;
    }

    @ParameterizedTest
    @MethodSource("networks")
    void accumulate_randomRaggedBatches_hasTheBitsOfThePlainLoops(
            String cell, String input, Loss loss, Pooling pooling, LossReduction reduction) {
        for (int hidden : new int[] {1, 3, 8, 17, 33}) {
            long seed = 1000L + hidden;
            Random random = new Random(seed);
            int width = 1 + random.nextInt(20);
            int vocabulary = 2 + random.nextInt(30);
            int outputs = 1 + random.nextInt(20);
            NetworkSpec spec = new NetworkSpec(
                    switch (input) {
                        case "one-hot" -> new NetworkSpec.Tokens(vocabulary, 0);
                        case "embedding" -> new NetworkSpec.Tokens(vocabulary, width);
                        case "mixed" -> mixed(hidden);
                        default -> new NetworkSpec.Dense(width);
                    },
                    cell.split(" ")[0],
                    cell.split(" ")[1],
                    hidden,
                    Heads.of(loss, outputs, pooling));
            accumulate_hasTheBitsOfThePlainLoops(spec, reduction, seed, random);
        }
    }

    /** Of every shape: with and without numbers, categories, masks, statics. */
    static NetworkSpec.Input mixed(int kind) {
        Category page = new Category("page", 11, 1 + kind % 7);
        Category day = new Category("day", 5, 3);
        Category shop = new Category("shop", 6, 4);
        Category land = new Category("land", 3, 1 + kind % 5);
        return switch (kind % 4) {
            case 0 -> new Mixed(3, true, List.of(page, day), 2, List.of(shop));
            case 1 -> new Mixed(0, false, List.of(page), 0, List.of(shop, land));
            case 2 -> new Mixed(2, false, List.of(day, page), 0, List.of());
            default -> new Mixed(17, true, List.of(), 1, List.of());
        };
    }

    /** The head works by blocks of outputs and of rows; the way back is a deep product. */
    @ParameterizedTest
    @CsvSource({"600, true, false", "600, false, false", "70000, true, false", "600, true, true", "600, false, true"})
    void accumulate_manyOutputs_hasTheBitsOfThePlainLoops(int outputs, boolean everyStep, boolean mixed) {
        HeadSpec head = new HeadSpec(new CrossEntropy(), outputs, everyStep);
        NetworkSpec.Input input = mixed ? mixed(0) : new NetworkSpec.Dense(2);
        NetworkSpec spec = new NetworkSpec(input, "elman", "tanh", 3, head);
        accumulate_hasTheBitsOfThePlainLoops(spec, LossReduction.STEP, 7, new Random(7));
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "17, 3", "17, 16", "40, 33"})
    void projection_hasTheBitsOfThePlainLoops(int hidden, int size) {
        for (NetworkSpec.Input input : inputs()) {
            for (Pooling pooling : Pooling.values()) {
                HeadSpec head = Heads.of(new CrossEntropy(), 6, pooling);
                NetworkSpec spec = new NetworkSpec(input, "lstm", "tanh", hidden, head).withProjection(size);
                accumulate_hasTheBitsOfThePlainLoops(spec, LossReduction.SEQUENCE, 8, new Random(8));
            }
        }
    }

    static List<Arguments> stacks() {
        List<Arguments> stacks = new ArrayList<>();
        for (String cell : List.of("elman", "lstm", "gru", "mingru", "lstm projected")) {
            for (int layers = 1; layers <= 3; layers++) {
                for (boolean bidirectional : new boolean[] {false, true}) {
                    for (Pooling pooling : Pooling.values()) {
                        stacks.add(Arguments.of(cell, layers, bidirectional, pooling));
                    }
                }
            }
        }
        return stacks;
    }

    private static NetworkSpec spec(
            NetworkSpec.Input input, String cell, int layers, boolean bidirectional, HeadSpec head) {
        String[] words = cell.split(" ");
        NetworkSpec spec = new NetworkSpec(input, words[0], "tanh", 9, layers, bidirectional, head);
        return words.length == 1 ? spec : spec.withProjection(4);
    }

    private static NetworkSpec.Input[] inputs() {
        return new NetworkSpec.Input[] {
            new NetworkSpec.Tokens(7, 0),
            new NetworkSpec.Tokens(7, 5),
            new NetworkSpec.Dense(4),
            mixed(0),
            mixed(1),
            mixed(2),
            mixed(3)
        };
    }

    /** By a draw for each stack and input, so that every kind of either meets the other. */
    private static Truncation truncation(int input, Object... stack) {
        String[] truncations = {"none", "fixed:3", "randomized:0.6", "fixed:2"};
        return Truncation.parse(truncations[new CounterRandom(Arrays.hashCode(stack)).below(4, input)]);
    }

    @ParameterizedTest
    @MethodSource("stacks")
    void stacksWithDropoutAndTruncation_haveTheBitsOfThePlainLoops(
            String cell, int layers, boolean bidirectional, Pooling pooling) {
        NetworkSpec.Input[] inputs = inputs();
        for (int i = 0; i < inputs.length; i++) {
            Truncation truncation = truncation(i, cell, layers, bidirectional, pooling.name());
            for (double dropout : layers == 1 ? new double[] {0} : new double[] {0, 0.3}) {
                HeadSpec head = Heads.of(new CrossEntropy(), 3, pooling);
                NetworkSpec spec = spec(inputs[i], cell, layers, bidirectional, head);
                Unrolling unrolling = new Unrolling(dropout, truncation);
                accumulate_hasTheBitsOfThePlainLoops(
                        spec, LossReduction.STEP, unrolling, new Draws(5, 2, 1), 31 + layers, new Random(31 + layers));
            }
        }
    }

    /** In about the least memory that a batch can be trained in, some steps at a time. */
    static Unrolling leastMemory(NetworkSpec spec, double dropout, SequenceBatch batch) {
        GraphMemory needed = new RecurrentStack(spec, spec.layout()).graphMemory();
        for (long byteBudget = 10_000; ; byteBudget += byteBudget / 50) {
            try {
                Unrolling unrolling = new Unrolling(dropout, Truncation.NONE, byteBudget);
                int rowsAtOnce = needed.rowsAtOnce(batch.size(), batch.rows(), unrolling);
                assertTrue(rowsAtOnce < batch.rows(), rowsAtOnce + " of " + batch.rows());
                return unrolling;
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("bptt-memory is " + byteBudget + " bytes"), e.getMessage());
            }
        }
    }

    /** Recomputed gates are the same, in a workspace that never holds more than it may. */
    @ParameterizedTest
    @MethodSource("stacks")
    void boundedMemory_hasTheBitsOfThePlainLoops_andIsBounded(
            String cell, int layers, boolean bidirectional, Pooling pooling) {
        NetworkSpec.Input[] inputs = inputs();
        for (int i = 0; i < inputs.length; i++) {
            Truncation truncation = truncation(i, cell, layers, bidirectional, pooling.name());
            for (double dropout : layers == 1 ? new double[] {0} : new double[] {0, 0.3}) {
                HeadSpec head = Heads.of(new CrossEntropy(), 3, pooling);
                NetworkSpec spec = spec(inputs[i], cell, layers, bidirectional, head);
                List<Sequence> longest = new ArrayList<>();
                for (int s = 0; s < 17; s++) {
                    longest.add(RandomSequence.of(spec, 10 + s * 30 / 16, 1f, new CounterRandom(s)));
                }
                SequenceBatch batch = new SequenceBatch();
                batch.pack(longest);
                Unrolling unrolling = leastMemory(spec, dropout, batch).with(truncation);
                long byteBudget = unrolling.byteBudget();
                Draws draws = new Draws(5, 2, 1);
                float[] theta = Initializer.initialize(spec.layout(), 1);
                Network network = new Network(spec);
                Workspace workspace = network.newWorkspace();
                // A short batch that has room between two long ones, and a forward pass, as in validation.
                for (List<Sequence> some : List.of(longest, longest.subList(0, 3), longest)) {
                    float[] expected = new float[theta.length];
                    new PlainNetwork(spec, theta, unrolling, draws).accumulate(some, LossReduction.STEP, expected);
                    float[] gradient = leftFromAnotherSum(network);
                    List<PartialSum> sums = List.of(new PartialSum(gradient, new LossSum(), new BitSet(), true));
                    LossSpec loss = new LossSpec(LossReduction.STEP);
                    Weights weights = network.bind(theta);
                    batch.pack(some);
                    network.accumulate(weights, batch, loss, null, unrolling, draws, workspace, sums, null);
                    assertBits(spec.layout(), expected, gradient, spec + ", " + unrolling);
                    assertTrue(
                            workspace.bytes() <= byteBudget,
                            workspace.bytes() + " bytes of " + byteBudget + ", " + spec);
                    network.evaluate(weights, batch, loss, null, byteBudget, workspace, new LossSum(), outputs -> {});
                    assertTrue(
                            workspace.bytes() <= byteBudget, workspace.bytes() + " bytes, forward, of " + byteBudget);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true"})
    void tiedEmbeddings_haveTheBitsOfThePlainLoops(int layers, boolean bidirectional) {
        HeadSpec head = new HeadSpec(new CrossEntropy(), 7, Pooling.EVERY, true);
        int hidden = bidirectional ? 4 : 8;
        NetworkSpec.Input input = new NetworkSpec.Tokens(7, 8);
        NetworkSpec spec = new NetworkSpec(input, "lstm", "tanh", hidden, layers, bidirectional, head);
        accumulate_hasTheBitsOfThePlainLoops(spec, LossReduction.STEP, 7, new Random(7));
        NetworkSpec wider = new NetworkSpec(input, "lstm", "tanh", 11, hidden, layers, bidirectional, head);
        accumulate_hasTheBitsOfThePlainLoops(wider, LossReduction.STEP, 7, new Random(7));
    }

    private static void accumulate_hasTheBitsOfThePlainLoops(
            NetworkSpec spec, LossReduction reduction, long seed, Random random) {
        accumulate_hasTheBitsOfThePlainLoops(spec, reduction, Unrolling.FULL, Draws.NONE, seed, random);
    }

    private static void accumulate_hasTheBitsOfThePlainLoops(
            NetworkSpec spec, LossReduction reduction, Unrolling unrolling, Draws draws, long seed, Random random) {
        float[] theta = Initializer.initialize(spec.layout(), seed);
        Network network = new Network(spec);
        Weights weights = network.bind(theta);
        Workspace workspace = network.newWorkspace();
        PlainNetwork plain = new PlainNetwork(spec, theta, unrolling, draws);
        float[] expected = new float[theta.length];
        float[] gradient = leftFromAnotherSum(network);
        LossSum sum = new LossSum();
        SequenceBatch batch = new SequenceBatch();
        // Several batches of one shard: sums go on where they were, and memory is reused, large before small and
        // after.
        int sequences = 0;
        for (int size : new int[] {5, 64, 1, 2, 17}) {
            List<Sequence> part = new ArrayList<>();
            for (int s = 0; s < size; s++) {
                part.add(RandomSequence.of(
                        spec,
                        1 + random.nextInt(10),
                        0.1f * (1 + random.nextInt(20)),
                        new CounterRandom(random.nextLong())));
            }
            plain.accumulate(part, reduction, expected);
            batch.pack(part);
            network.accumulate(
                    weights,
                    batch,
                    new LossSpec(reduction),
                    null,
                    unrolling,
                    draws,
                    workspace,
                    List.of(new PartialSum(gradient, sum, new BitSet(), sequences == 0)),
                    null);
            sequences += size;
            assertBits(
                    spec.layout(),
                    expected,
                    gradient,
                    "after " + sequences + " sequences, seed " + seed + ", " + spec + ", " + reduction);
            assertEquals(Double.doubleToRawLongBits(plain.lossSum), Double.doubleToRawLongBits(sum.lossSum()));
            assertEquals(Double.doubleToRawLongBits(plain.weightSum()), Double.doubleToRawLongBits(sum.weightSum()));
            assertEquals(plain.correct, sum.correct());
            assertEquals(plain.terms, sum.terms());
            assertEquals(sequences, sum.sequences());
        }
    }

    /** What the array of an empty sum may hold: no number in it counts but the zeros of the sparse rows. */
    private static float[] leftFromAnotherSum(Network network) {
        float[] gradient = new float[network.layout().size()];
        Arrays.fill(gradient, Float.NaN);
        Arrays.fill(gradient, network.sparse().offset(), network.sparse().end(), 0f);
        return gradient;
    }

    static void assertBits(ParameterLayout layout, float[] expected, float[] actual, String message) {
        for (Slot slot : layout.slots()) {
            for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
                if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
                    assertEquals(
                            Float.toHexString(expected[i]),
                            Float.toHexString(actual[i]),
                            slot.name() + "[" + (i - slot.offset()) + "] " + message);
                }
            }
        }
    }
}
