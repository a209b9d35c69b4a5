package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.param.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loss terms that weigh differently, or are missing: bits of {@link PlainNetwork}, and what must be the same as without them. */
class TermWeightBitsTest {

    private static final long SEED = 17;

    private record Sums(float[] gradient, LossSum loss) {}

    private static Sums kernel(NetworkSpec spec, LossSpec loss, List<Sequence> sequences) {
        Network network = new Network(spec);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        float[] theta = Initializer.initialize(spec.layout(), SEED);
        Sums sums = new Sums(new float[theta.length], new LossSum());
        network.accumulate(network.bind(theta), batch, loss, network.newWorkspace(), sums.gradient, sums.loss);
        return sums;
    }

    private static NetworkSpec lstm(Loss loss) {
        return new NetworkSpec(new NetworkSpec.Dense(3), "lstm", "tanh", 9, new HeadSpec(loss, 4, true));
    }

    private static List<Sequence> random(NetworkSpec spec, int count, boolean weighted) {
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < count; s++) {
            CounterRandom random = new CounterRandom(SEED, s);
            Sequence sequence = RandomSequence.of(spec, 1 + random.below(12, -3), 0.5f + random.below(3, -2), random);
            sequences.add(
                    weighted && s % 4 != 0
                            ? RandomSequence.withTermWeights(spec.head().loss(), sequence, random)
                            : sequence);
        }
        return sequences;
    }

    @ParameterizedTest
    @CsvSource({
        "elman, cross-entropy, STEP, 1, false",
        "lstm, cross-entropy, SEQUENCE, 1, false",
        "lstm, crf, STEP, 1, false",
        "gru, crf, SEQUENCE, 2, true",
        "gru, squared-error, STEP, 2, true",
        "lstm, squared-error, SEQUENCE, 2, false",
        "lstm, squared-error, STEP, 1, true",
        "gru, cross-entropy, SEQUENCE, 1, true",
    })
    void weightsAndMissingTerms_haveTheBitsOfThePlainLoops(
            String cell, String loss, LossReduction reduction, int layers, boolean bidirectional) {
        for (NetworkSpec.Input input : List.of(new NetworkSpec.Tokens(7, 5), new NetworkSpec.Dense(3))) {
            NetworkSpec spec = new NetworkSpec(
                    input, cell, "tanh", 9, layers, bidirectional, new HeadSpec(LossNames.of(loss), 5, true));
            List<Sequence> sequences = random(spec, 50, true);
            Sums sums = kernel(spec, new LossSpec(reduction), sequences);
            float[] expected = new float[sums.gradient.length];
            PlainNetwork plain = new PlainNetwork(spec, Initializer.initialize(spec.layout(), SEED));
            plain.accumulate(sequences, reduction, expected);
            assertArrayEquals(bits(expected), bits(sums.gradient), spec + ", seed " + SEED);
            assertEquals(plain.lossSum, sums.loss.lossSum());
            assertEquals(plain.weightSum(), sums.loss.weightSum());
            assertEquals(plain.correct, sums.loss.correct());
            assertEquals(plain.terms, sums.loss.terms());
        }
    }

    /** Weights are part of a sequence, not of the batch: beside weighted sequences others keep their bits. */
    @Test
    void weightsOfOne_areNoWeights() {
        NetworkSpec spec = lstm(new SquaredError());
        List<Sequence> plain = random(spec, 20, false);
        List<Sequence> ones = new ArrayList<>(plain);
        for (int s = 0; s < ones.size(); s += 2) {
            float[] weights = new float[ones.get(s).terms()];
            Arrays.fill(weights, 1f);
            ones.set(s, ones.get(s).withTermWeights(weights));
        }
        Sums expected = kernel(spec, new LossSpec(LossReduction.SEQUENCE), plain);
        Sums actual = kernel(spec, new LossSpec(LossReduction.SEQUENCE), ones);
        assertArrayEquals(bits(expected.gradient), bits(actual.gradient));
        assertEquals(expected.loss.lossSum(), actual.loss.lossSum());
    }

    /** A forward head never sees what comes later: steps of weight 0 at the end are as good as absent. */
    @ParameterizedTest
    @CsvSource({"cross-entropy, STEP", "cross-entropy, SEQUENCE", "squared-error, STEP", "squared-error, SEQUENCE"})
    void lastStepsOfWeightZero_areAsGoodAsAbsent(String loss, LossReduction reduction) {
        NetworkSpec spec = lstm(LossNames.of(loss));
        for (int cut = 1; cut <= 3; cut++) {
            Sequence whole = RandomSequence.of(spec, 8, 1.5f, new CounterRandom(SEED));
            float[] weights = new float[8];
            Arrays.fill(weights, 0, 8 - cut, 1f);
            Sums expected = kernel(spec, new LossSpec(reduction), List.of(whole.slice(0, 8 - cut)));
            Sums actual = kernel(spec, new LossSpec(reduction), List.of(whole.withTermWeights(weights)));
            assertEquals(expected.loss.meanLoss(), actual.loss.meanLoss());
            assertEquals(expected.loss.terms(), actual.loss.terms());
            assertArrayEquals(expected.gradient, actual.gradient, 1e-6f);
        }
    }

    /** Weight 2 at a step is its loss twice: the mean over steps of a sequence with it, and of one with it alone. */
    @Test
    void weightTwo_isTheTermTwice() {
        NetworkSpec spec = lstm(new CrossEntropy());
        LossSpec step = new LossSpec(LossReduction.STEP);
        Sequence s = RandomSequence.of(spec, 5, 1f, new CounterRandom(SEED));
        Sums once = kernel(spec, step, List.of(s, s.withTermWeights(0, 0, 1, 0, 0)));
        Sums twice = kernel(spec, step, List.of(s.withTermWeights(1, 1, 2, 1, 1)));
        assertEquals(once.loss.weightSum(), twice.loss.weightSum());
        assertEquals(once.loss.meanLoss(), twice.loss.meanLoss(), 1e-6);
        assertArrayEquals(once.gradient, twice.gradient, 1e-5f);
    }

    /** The weight of a term is that of its class times its own. */
    @Test
    void classWeights_areMultiplied() {
        NetworkSpec spec = lstm(new CrossEntropy());
        Sequence s = Sequence.ofValues(new float[] {1, 0, 2, 0, 1, 1}, 3, new int[] {3, 0}, 1f);
        LossSpec classes = new LossSpec(LossReduction.STEP, new float[] {4, 1, 1, 0.5f});
        Sums expected = kernel(spec, new LossSpec(LossReduction.STEP), List.of(s.withTermWeights(1, 2)));
        Sums actual = kernel(spec, classes, List.of(s.withTermWeights(2, 0.5f)));
        assertEquals(expected.loss.weightSum(), actual.loss.weightSum());
        assertEquals(expected.loss.lossSum(), actual.loss.lossSum());
        assertArrayEquals(bits(expected.gradient), bits(actual.gradient));
    }

    private static int[] bits(float[] numbers) {
        int[] bits = new int[numbers.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(numbers[i]));
        return bits;
    }
}
