package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.NetworkSpec.Loss;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.ArrayList;
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
        for (String cell : List.of("elman tanh", "elman relu", "lstm tanh", "gru tanh")) {
            for (String input : List.of("one-hot", "embedding", "dense")) {
                for (Loss loss : Loss.values()) {
                    for (boolean everyStep : new boolean[] {false, true}) {
                        for (LossReduction reduction : LossReduction.values()) {
                            networks.add(Arguments.of(cell, input, loss, everyStep, reduction));
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
            String cell, String input, Loss loss, boolean everyStep, LossReduction reduction) {
        for (int hidden : new int[] {1, 3, 8, 17, 33}) {
            long seed = 1000 + hidden;
            Random random = new Random(seed);
            int width = 1 + random.nextInt(20);
            int vocabulary = 2 + random.nextInt(30);
            int outputs = 1 + random.nextInt(20);
            NetworkSpec spec = new NetworkSpec(
                    switch (input) {
                        case "one-hot" -> new NetworkSpec.Tokens(vocabulary, 0);
                        case "embedding" -> new NetworkSpec.Tokens(vocabulary, width);
                        default -> new NetworkSpec.Dense(width);
                    },
                    cell.split(" ")[0],
                    cell.split(" ")[1],
                    hidden,
                    new NetworkSpec.HeadSpec(loss, outputs, everyStep));
            accumulate_hasTheBitsOfThePlainLoops(spec, reduction, seed, random);
        }
    }

    /** The head works by blocks of outputs and of rows; the way back is a deep product. */
    @ParameterizedTest
    @CsvSource({"600, true", "600, false", "70000, true"})
    void accumulate_manyOutputs_hasTheBitsOfThePlainLoops(int outputs, boolean everyStep) {
        NetworkSpec.HeadSpec head = new NetworkSpec.HeadSpec(Loss.CROSS_ENTROPY, outputs, everyStep);
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Dense(2), "elman", "tanh", 3, head);
        accumulate_hasTheBitsOfThePlainLoops(spec, LossReduction.STEP, 7, new Random(7));
    }

    static List<Arguments> stacks() {
        List<Arguments> stacks = new ArrayList<>();
        for (String cell : List.of("elman", "lstm", "gru")) {
            for (int layers = 1; layers <= 3; layers++) {
                for (boolean bidirectional : new boolean[] {false, true}) {
                    for (boolean everyStep : new boolean[] {false, true}) {
                        stacks.add(Arguments.of(cell, layers, bidirectional, everyStep));
                    }
                }
            }
        }
        return stacks;
    }

    @ParameterizedTest
    @MethodSource("stacks")
    void stacksWithDropoutAndTruncation_haveTheBitsOfThePlainLoops(
            String cell, int layers, boolean bidirectional, boolean everyStep) {
        NetworkSpec.Input[] inputs = {
            new NetworkSpec.Tokens(7, 0), new NetworkSpec.Tokens(7, 5), new NetworkSpec.Dense(4)
        };
        String[] truncations = {"none", "fixed:3", "randomized:0.6"};
        for (int i = 0; i < inputs.length; i++) {
            for (double dropout : layers == 1 ? new double[] {0} : new double[] {0, 0.3}) {
                NetworkSpec.HeadSpec head = new NetworkSpec.HeadSpec(Loss.CROSS_ENTROPY, 3, everyStep);
                NetworkSpec spec = new NetworkSpec(inputs[i], cell, "tanh", 9, layers, bidirectional, head);
                for (long memory : new long[] {0, leastMemory(spec, dropout)}) {
                    Unrolling unrolling = new Unrolling(dropout, Truncation.parse(truncations[i]), memory);
                    accumulate_hasTheBitsOfThePlainLoops(
                            spec, LossReduction.STEP, unrolling, new Draws(5, 2, 1), 31 + layers, new Random(1));
                }
            }
        }
    }

    /** About the least memory that 64 sequences of up to 10 steps can be trained in: all but small cells then work on some steps at a time. */
    private static long leastMemory(NetworkSpec spec, double dropout) {
        SequenceBatch batch = new SequenceBatch();
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < 64; s++) {
            sequences.add(RandomSequence.of(spec, 1 + s % 10, 1f, new CounterRandom(s)));
        }
        batch.pack(sequences);
        RecurrentStack stack = new RecurrentStack(spec, spec.layout());
        for (long memory = 10_000; ; memory += memory / 10) {
            try {
                stack.rowsAtOnce(batch, new Unrolling(dropout, Truncation.NONE, memory));
                return memory + memory / 10;
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("bptt-memory is " + memory + " bytes"), e.getMessage());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true"})
    void tiedEmbeddings_haveTheBitsOfThePlainLoops(int layers, boolean bidirectional) {
        NetworkSpec.HeadSpec head = new NetworkSpec.HeadSpec(Loss.CROSS_ENTROPY, 7, true, true);
        int hidden = bidirectional ? 4 : 8;
        NetworkSpec.Input input = new NetworkSpec.Tokens(7, 8);
        NetworkSpec spec = new NetworkSpec(input, "lstm", "tanh", hidden, layers, bidirectional, head);
        accumulate_hasTheBitsOfThePlainLoops(spec, LossReduction.STEP, 7, new Random(7));
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
        float[] gradient = new float[theta.length];
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
                    List.of(new PartialSum(gradient, sum)),
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

    private static void assertBits(ParameterLayout layout, float[] expected, float[] actual, String message) {
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
