package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Steps;
import dev.unroll.math.CounterRandom;
import dev.unroll.param.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences that begin in the state that another one ended in. */
class CarriedStateTest {

    private static final int HIDDEN = 19;

    private static NetworkSpec spec(String cell, int layers) {
        HeadSpec head = new HeadSpec(5, true);
        String[] words = cell.split(" ");
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Tokens(7, 6), words[0], "tanh", HIDDEN, layers, false, head);
        return words.length == 1 ? spec : spec.withProjection(8);
    }

    /** With numbers, categories and statics. */
    private static NetworkSpec mixed(String cell, int layers) {
        HeadSpec head = new HeadSpec(5, true);
        return new NetworkSpec(NetworkBitsTest.mixed(0), cell, "tanh", HIDDEN, layers, false, head);
    }

    private static List<Sequence> sequences(NetworkSpec spec, int count, int longest) {
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < count; s++) {
            CounterRandom random = new CounterRandom(3, s);
            sequences.add(RandomSequence.of(spec, 1 + random.below(longest, 1_000_000), 1f, random));
        }
        return sequences;
    }

    @ParameterizedTest
    @CsvSource({
        "elman, 1, false, false",
        "lstm, 1, false, false",
        "gru, 1, false, false",
        "elman, 2, true, false",
        "lstm, 2, true, false",
        "gru, 2, true, false",
        "lstm, 1, false, true",
        "lstm projected, 1, false, false",
        "lstm projected, 2, true, false",
        "gru, 2, true, true"
    })
    void accumulate_fromGivenStates_hasTheBitsOfThePlainLoops(String cell, int layers, boolean bounded, boolean mixed) {
        NetworkSpec spec = mixed ? mixed(cell, layers) : spec(cell, layers);
        float[] theta = Initializer.initialize(spec.layout(), 1);
        Network network = new Network(spec);
        List<Sequence> sequences = sequences(spec, 7, bounded ? 60 : 9);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        Unrolling unrolling = bounded ? NetworkBitsTest.leastMemory(spec, 0, batch) : Unrolling.FULL;
        List<State> given = new ArrayList<>();
        for (int n = 0; n < sequences.size(); n++) {
            CounterRandom random = new CounterRandom(4, n);
            State state = network.newState(1);
            for (int l = 0; l < layers; l++) {
                for (int j = 0; j < state.h()[l].length; j++) {
                    state.h()[l][j] = (float) (0.5 * random.normal(100L * l + j));
                }
                for (int j = 0; j < state.c()[l].length; j++) {
                    state.c()[l][j] = (float) random.normal(100L * l + 50 + j);
                }
            }
            given.add(state);
        }
        Workspace workspace = network.newWorkspace();
        float[] gradient = new float[theta.length];
        LossSum sum = new LossSum();
        LossSpec loss = new LossSpec(LossReduction.STEP);
        List<PartialSum> sums = List.of(new PartialSum(gradient, sum));
        State before = packed(network, batch, given);
        network.accumulate(network.bind(theta), batch, loss, before, unrolling, Draws.NONE, workspace, sums, null);
        State last = network.newState(sequences.size());
        network.lastState(batch, workspace, last);

        PlainNetwork plain = new PlainNetwork(spec, theta);
        float[] expected = new float[theta.length];
        plain.accumulate(sequences, given, LossReduction.STEP, expected);
        NetworkBitsTest.assertBits(spec.layout(), expected, gradient, spec.toString());
        assertEquals(plain.lossSum, sum.lossSum());
        State behind = packed(network, batch, given);
        for (int l = 0; l < layers; l++) {
            assertArrayEquals(behind.h()[l], last.h()[l], "h of layer " + l);
            assertArrayEquals(behind.c()[l], last.c()[l], "c of layer " + l);
        }
    }

    /** In the packed order, where sequence b is the one whose place is place(b). */
    private static State packed(Network network, SequenceBatch batch, List<State> given) {
        State packed = network.newState(batch.size());
        for (int b = 0; b < batch.size(); b++) {
            for (int l = 0; l < packed.h().length; l++) {
                int width = packed.h()[l].length / batch.size();
                System.arraycopy(given.get(batch.place(b)).h()[l], 0, packed.h()[l], b * width, width);
                int numbers = packed.c()[l].length / batch.size();
                System.arraycopy(given.get(batch.place(b)).c()[l], 0, packed.c()[l], b * numbers, numbers);
            }
        }
        return packed;
    }

    /** Windows of K steps, each from the state that the one before ended in, are truncation at fixed borders. */
    @ParameterizedTest
    @CsvSource({
        "elman, 1, false",
        "lstm, 2, false",
        "gru, 3, false",
        "mingru, 2, false",
        "lstm projected, 2, false",
        "elman, 2, true",
        "lstm, 1, true",
        "gru, 2, true",
        "mingru, 2, true"
    })
    void windowsWithCarriedState_sumToFixedTruncation(String cell, int layers, boolean mixed) {
        NetworkSpec spec = mixed ? mixed(cell, layers) : spec(cell, layers);
        float[] theta = Initializer.initialize(spec.layout(), 2);
        Network network = new Network(spec);
        Weights weights = network.bind(theta);
        Workspace workspace = network.newWorkspace();
        LossSpec loss = new LossSpec(LossReduction.STEP);
        Sequence whole = RandomSequence.of(spec, 23, 1f, new CounterRandom(9));
        SequenceBatch batch = new SequenceBatch();

        float[] truncated = new float[theta.length];
        LossSum truncatedLoss = new LossSum();
        batch.pack(List.of(whole));
        Unrolling fixed = new Unrolling(0, Truncation.parse("fixed:5"));
        List<PartialSum> sums = List.of(new PartialSum(truncated, truncatedLoss));
        network.accumulate(weights, batch, loss, null, fixed, Draws.NONE, workspace, sums, null);

        float[] carried = new float[theta.length];
        LossSum carriedLoss = new LossSum();
        State state = network.newState(1);
        for (int from = 0; from < 23; from += 5) {
            int to = Math.min(23, from + 5);
            int[] labels = Arrays.copyOfRange(whole.labels(), from, to);
            batch.pack(List.of(Sequence.of(window(whole.steps(), from, to), labels, 1f)));
            sums = List.of(new PartialSum(carried, carriedLoss));
            network.accumulate(weights, batch, loss, state, Unrolling.FULL, Draws.NONE, workspace, sums, null);
            network.lastState(batch, workspace, state);
        }
        assertEquals(truncatedLoss.lossSum(), carriedLoss.lossSum(), 1e-12);
        assertArrayEquals(truncated, carried, 1e-5f, "gradient of " + spec);
    }

    /** Some of the steps, with the same statics. */
    private static Steps window(Steps whole, int from, int to) {
        if (whole instanceof Steps.Tokens tokens) {
            return new Steps.Tokens(Arrays.copyOfRange(tokens.ids(), from, to));
        }
        Steps.Mixed mixed = (Steps.Mixed) whole;
        int width = mixed.width();
        return new Steps.Mixed(
                Arrays.copyOfRange(mixed.values(), from * width, to * width),
                width,
                Arrays.stream(mixed.ids())
                        .map(ids -> Arrays.copyOfRange(ids, from, to))
                        .toArray(int[][]::new),
                mixed.staticValues(),
                mixed.staticIds());
    }
}
