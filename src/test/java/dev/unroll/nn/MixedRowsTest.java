package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Steps;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.nn.NetworkSpec.Input;
import dev.unroll.nn.NetworkSpec.Mixed;
import dev.unroll.param.Initializer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers and categories against the same network of tokens or of dense rows made by hand, bit for bit. */
class MixedRowsTest {

    private static final float[] NONE = {};

    private static NetworkSpec network(Input input, String cell, boolean bidirectional) {
        return new NetworkSpec(input, cell, "tanh", 9, 2, bidirectional, new HeadSpec(4, true));
    }

    private static List<Sequence> sequences(NetworkSpec spec) {
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < 40; s++) {
            CounterRandom random = new CounterRandom(8, s);
            sequences.add(RandomSequence.of(spec, 1 + random.below(9, -1), 0.5f + random.below(3, -2), random));
        }
        return sequences;
    }

    private static PartialSum gradient(NetworkSpec spec, float[] theta, List<Sequence> sequences) {
        Network network = new Network(spec);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        PartialSum sum = new PartialSum(new float[theta.length], new LossSum(), new BitSet(), false);
        network.accumulate(
                network.bind(theta),
                batch,
                new LossSpec(LossReduction.STEP),
                null,
                Unrolling.FULL,
                Draws.NONE,
                network.newWorkspace(),
                List.of(sum),
                null);
        return sum;
    }

    /** Other steps for the same labels. */
    private static List<Sequence> with(List<Sequence> sequences, Function<Steps, Steps> steps) {
        return sequences.stream()
                .map(s -> Sequence.of(steps.apply(s.steps()), s.labels(), s.weight()))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"lstm, false", "gru, true"})
    void oneCategoryAlone_isTheNetworkOfTokens(String cell, boolean bidirectional) {
        NetworkSpec tokens = network(new NetworkSpec.Tokens(7, 5), cell, bidirectional);
        NetworkSpec mixed =
                network(new Mixed(0, false, List.of(new Category("c", 7, 5)), 0, List.of()), cell, bidirectional);
        assertSame(
                tokens,
                mixed,
                sequences(tokens),
                s -> new Steps.Mixed(NONE, 0, new int[][] {((Steps.Tokens) s).ids()}, NONE, new int[0]));
    }

    @ParameterizedTest
    @CsvSource({"lstm, false", "gru, true"})
    void numbersAlone_areTheNetworkOfDenseRows(String cell, boolean bidirectional) {
        NetworkSpec dense = network(new NetworkSpec.Dense(3), cell, bidirectional);
        NetworkSpec mixed = network(new Mixed(3, false, List.of(), 0, List.of()), cell, bidirectional);
        assertSame(
                dense,
                mixed,
                sequences(dense),
                s -> new Steps.Mixed(((Steps.Dense) s).values(), 3, new int[0][], NONE, new int[0]));
    }

    private static void assertSame(
            NetworkSpec plain, NetworkSpec mixed, List<Sequence> sequences, Function<Steps, Steps> steps) {
        float[] theta = Initializer.initialize(plain.layout(), 4);
        NetworkBitsTest.assertBits(plain.layout(), theta, Initializer.initialize(mixed.layout(), 4), "theta");
        PartialSum expected = gradient(plain, theta, sequences);
        PartialSum actual = gradient(mixed, theta, with(sequences, steps));
        NetworkBitsTest.assertBits(plain.layout(), expected.gradient(), actual.gradient(), "gradient");
        assertEquals(expected.loss().lossSum(), actual.loss().lossSum());
        assertEquals(expected.touched(), actual.touched());
    }

    /** A number that is missing is 0, and a column beside it 1. */
    @ParameterizedTest
    @CsvSource({"lstm, false", "mingru, true"})
    void maskedNumbers_areZerosAndIndicators(String cell, boolean bidirectional) {
        int width = 3;
        NetworkSpec masked = network(new Mixed(width, true, List.of(), 0, List.of()), cell, bidirectional);
        NetworkSpec dense = network(new NetworkSpec.Dense(2 * width), cell, bidirectional);
        List<Sequence> sequences = sequences(masked);
        List<Sequence> byHand = with(sequences, s -> {
            float[] values = ((Steps.Mixed) s).values();
            float[] rows = new float[2 * values.length];
            for (int i = 0; i < values.length; i++) {
                int at = i / width * 2 * width + i % width;
                rows[at] = Float.isNaN(values[i]) ? 0 : values[i];
                rows[at + width] = Float.isNaN(values[i]) ? 1 : 0;
            }
            return new Steps.Dense(rows, 2 * width);
        });
        float[] theta = Initializer.initialize(dense.layout(), 4);
        NetworkBitsTest.assertBits(
                dense.layout(),
                gradient(dense, theta, byHand).gradient(),
                gradient(masked, theta, sequences).gradient(),
                "gradient");
    }

    /** Rows of all embeddings have one running number, and those without a gradient are not noted. */
    @Test
    void touchedRows_areThoseOfTheIds() {
        List<Category> steps = List.of(new Category("a", 50, 2), new Category("b", 30, 3));
        Mixed input = new Mixed(1, false, steps, 0, List.of(new Category("c", 9, 2), new Category("d", 6, 4)));
        NetworkSpec spec = network(input, "lstm", false);
        int[][] ids = {{3, 7, 3}, {0, 29, 4}};
        Sequence s = Sequence.of(new Steps.Mixed(new float[3], 1, ids, NONE, new int[] {8, 2}), new int[3], 1);
        PartialSum sum = gradient(spec, Initializer.initialize(spec.layout(), 1), List.of(s));
        assertEquals("{3, 7, 50, 54, 79, 88, 91}", sum.touched().toString());
        BitSet others = new BitSet();
        others.set(0, 95);
        others.andNot(sum.touched());
        Network network = new Network(spec);
        network.sparse().forEach(others, (from, to) -> {
            for (int i = from; i < to; i++) {
                assertEquals(0, sum.gradient()[i]);
            }
        });
    }

    @Test
    void batchOfAnotherKind_isRefused() {
        NetworkSpec mixed = network(new Mixed(2, true, List.of(new Category("a", 5)), 0, List.of()), "lstm", false);
        NetworkSpec dense = network(new NetworkSpec.Dense(2), "lstm", false);
        NetworkSpec other = network(new Mixed(2, true, List.of(), 0, List.of()), "lstm", false);
        assertRefused(
                mixed, dense, "the batch has rows of width 2, and the network takes Mixed[numbers=2, masked=true");
        assertRefused(mixed, other, "the batch has 2 numbers and 0 categories");
        assertRefused(
                dense,
                mixed,
                "the batch has 2 numbers and 1 categories, with 0 numbers and 0 categories of the whole sequence, and the "
                        + "network takes Dense[width=2]");
    }

    /** It would read, and train, the embedding of the next column. */
    @Test
    void idBeyondTheVocabulary_isRefused() {
        List<Category> small = List.of(new Category("page", 12), new Category("b", 50));
        List<Category> large = List.of(new Category("page", 13), new Category("b", 50));
        assertRefused(
                network(new Mixed(1, false, small, 0, List.of()), "lstm", false),
                network(new Mixed(1, false, large, 0, List.of()), "lstm", false),
                "column page has id 12, and the network has 12 ids");
        assertRefused(
                network(new Mixed(1, false, List.of(), 0, small), "lstm", false),
                network(new Mixed(1, false, List.of(), 0, large), "lstm", false),
                "column page has id 12, and the network has 12 ids");
    }

    /** It would read, and train, what is behind the embedding, or behind the columns of the input weights. */
    @Test
    void tokenBeyondTheVocabulary_isRefused() {
        for (int embedding : new int[] {0, 3}) {
            NetworkSpec large = network(new NetworkSpec.Tokens(13, embedding), "lstm", false);
            NetworkSpec small = network(new NetworkSpec.Tokens(12, embedding), "lstm", false);
            Sequence s = Sequence.ofTokens(new int[] {3, 12, 1}, new int[3], 1);
            float[] theta = new float[large.layout().size()];
            gradient(large, theta, List.of(s));
            String refused = assertThrows(
                            IllegalArgumentException.class,
                            () -> gradient(small, new float[small.layout().size()], List.of(s)))
                    .getMessage();
            assertEquals("the batch has id 12, and the network has 12 ids", refused);
        }
    }

    /** What holds for the whole of a sequence takes memory once a sequence, not once a step. */
    @Test
    void statics_takeMemoryOncePerSequence() {
        NetworkSpec plain = network(new Mixed(2, false, List.of(), 0, List.of()), "lstm", false);
        NetworkSpec statics = network(new Mixed(2, false, List.of(), 1000, List.of()), "lstm", false);
        long perSequence = Float.BYTES * StaticInput.numbersPerSequence(statics, Cells.named("lstm", "tanh"));
        Unrolling unrolling = new Unrolling(0, Truncation.NONE, 0);
        assertEquals(
                new Network(plain).graphBytes(5, 700, unrolling) + 5 * perSequence,
                new Network(statics).graphBytes(5, 700, unrolling));
        long room = 64 * perSequence; // of a budget, the head takes a part
        Unrolling tight = new Unrolling(0, Truncation.NONE, 100 * room);
        long rows = new Network(plain).rowsThatFit(tight);
        long left = new Network(statics).rowsThatFit(tight);
        assertTrue(left < rows && left > 0.98 * rows, left + " of " + rows);
        assertEquals(0, new Network(statics).rowsThatFit(new Unrolling(0, Truncation.NONE, room)));
    }

    private static void assertRefused(NetworkSpec spec, NetworkSpec ofData, String message) {
        float[] theta = new float[spec.layout().size()];
        String refused = assertThrows(IllegalArgumentException.class, () -> gradient(spec, theta, sequences(ofData)))
                .getMessage();
        assertTrue(refused.startsWith(message), refused);
    }
}
