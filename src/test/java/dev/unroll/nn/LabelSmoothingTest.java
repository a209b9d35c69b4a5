package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.param.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Smoothed labels: the bits of {@link PlainNetwork}, and what cross-entropy with a mixture of labels must be. */
class LabelSmoothingTest {

    private static final long SEED = 23;

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

    private static NetworkSpec gru(int classes, boolean everyStep) {
        HeadSpec head = new HeadSpec(new CrossEntropy(), classes, everyStep);
        return new NetworkSpec(new NetworkSpec.Dense(3), "gru", "tanh", 9, head);
    }

    private static List<Sequence> random(NetworkSpec spec, int count, boolean weighted) {
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < count; s++) {
            CounterRandom random = new CounterRandom(SEED, s);
            Sequence sequence = RandomSequence.of(spec, 1 + random.below(12, -3), 0.5f + random.below(3, -2), random);
            sequences.add(weighted ? RandomSequence.withTermWeights(spec.head().loss(), sequence, random) : sequence);
        }
        return sequences;
    }

    private static int[] bits(float[] numbers) {
        int[] bits = new int[numbers.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(numbers[i]));
        return bits;
    }

    /** Of outputs on both sides of every width of registers, and of one class, whose loss is 0. */
    @ParameterizedTest
    @CsvSource({
        "0.1, STEP, true, true",
        "0.1, SEQUENCE, true, false",
        "0.7, STEP, false, false",
        "0.999, SEQUENCE, true, true",
        "0, STEP, true, true"
    })
    void gradientAndLoss_haveTheBitsOfThePlainLoops(
            double share, LossReduction reduction, boolean everyStep, boolean weighted) {
        for (int classes : new int[] {1, 2, 3, 4, 5, 16, 17, 67, 600}) {
            NetworkSpec spec = gru(classes, everyStep);
            List<Sequence> sequences = random(spec, 40, weighted);
            Sums sums = kernel(spec, new LossSpec(reduction).withLabelSmoothing(share), sequences);
            float[] expected = new float[sums.gradient.length];
            PlainNetwork plain = new PlainNetwork(spec, Initializer.initialize(spec.layout(), SEED));
            plain.labelSmoothing = share;
            plain.accumulate(sequences, reduction, expected);
            assertArrayEquals(bits(expected), bits(sums.gradient), spec + ", seed " + SEED);
            assertEquals(plain.lossSum, sums.loss.lossSum());
            assertEquals(plain.weightSum(), sums.loss.weightSum());
            assertEquals(plain.correct, sums.loss.correct());
        }
    }

    /** Loss and gradient are linear in the label's distribution: those of the label and of all classes alike, as far as each goes. */
    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.4, 0.95})
    void lossAndGradient_areThoseOfTheMixtureOfLabels(double share) {
        int classes = 5;
        NetworkSpec spec = gru(classes, false);
        LossSpec step = new LossSpec(LossReduction.STEP);
        List<Sequence> sequences = random(spec, 20, false);
        Sums smoothed = kernel(spec, step.withLabelSmoothing(share), sequences);
        Sums own = kernel(spec, step, sequences);
        double loss = (1 - share) * own.loss.lossSum();
        double[] gradient = new double[own.gradient.length];
        Arrays.setAll(gradient, k -> (1 - share) * own.gradient[k]);
        for (int c = 0; c < classes; c++) {
            int label = c;
            Sums ofClass = kernel(
                    spec,
                    step,
                    sequences.stream()
                            .map(s -> Sequence.of(s.steps(), new int[] {label}, s.weight()))
                            .toList());
            loss += share / classes * ofClass.loss.lossSum();
            Arrays.setAll(gradient, k -> gradient[k] + share / classes * ofClass.gradient[k]);
        }
        assertEquals(loss, smoothed.loss.lossSum(), 1e-5 * loss);
        for (int k = 0; k < gradient.length; k++) {
            assertEquals(gradient[k], smoothed.gradient[k], 1e-4, "element " + k);
        }
    }

    /** The weight of the label's class is that of the whole term, as if the step had that weight. */
    @Test
    void classWeights_weighTheWholeTerm() {
        NetworkSpec spec = gru(4, true);
        Sequence s = Sequence.ofValues(new float[] {1, 0, 2, 0, 1, 1}, 3, new int[] {3, 0}, 1f);
        LossSpec smoothed = new LossSpec(LossReduction.STEP).withLabelSmoothing(0.2);
        LossSpec classes = new LossSpec(LossReduction.STEP, new float[] {4, 1, 1, 0.5f}).withLabelSmoothing(0.2);
        Sums expected = kernel(spec, smoothed, List.of(s.withTermWeights(0.5f, 4)));
        Sums actual = kernel(spec, classes, List.of(s));
        assertEquals(expected.loss.weightSum(), actual.loss.weightSum());
        assertEquals(expected.loss.lossSum(), actual.loss.lossSum());
        assertArrayEquals(bits(expected.gradient), bits(actual.gradient));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void share_outOfRange_isRefused(double share) {
        LossSpec step = new LossSpec(LossReduction.STEP);
        assertEquals(
                "label-smoothing is " + share + "; allowed is from 0 to below 1",
                assertThrows(IllegalArgumentException.class, () -> step.withLabelSmoothing(share))
                        .getMessage());
    }
}
