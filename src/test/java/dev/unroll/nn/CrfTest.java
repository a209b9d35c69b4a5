package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Steps;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Loss.Crf;
import dev.unroll.nn.Loss.CrossEntropy;
import dev.unroll.param.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The conditional random field: against a list of all sequences of classes, and at the ends of what numbers can say. */
class CrfTest {

    private static final long SEED = 5;

    private static NetworkSpec spec(Loss loss, int classes) {
        return new NetworkSpec(new NetworkSpec.Dense(2), "elman", "tanh", 3, new HeadSpec(loss, classes, true));
    }

    /** Wide enough that transitions decide as much as outputs. */
    private static float[] wide(NetworkSpec spec) {
        float[] theta = new float[spec.layout().size()];
        CounterRandom random = new CounterRandom(SEED);
        for (int k = 0; k < theta.length; k++) {
            theta[k] = (float) random.normal(k);
        }
        return theta;
    }

    private static List<Sequence> sequences(NetworkSpec spec, int... lengths) {
        List<Sequence> sequences = new ArrayList<>();
        for (int s = 0; s < lengths.length; s++) {
            sequences.add(RandomSequence.of(spec, lengths[s], 1 + s, new CounterRandom(SEED, s)));
        }
        return sequences;
    }

    /** All sequences of classes of a length. */
    private static List<int[]> all(int classes, int steps) {
        List<int[]> all = List.of(new int[0]);
        for (int t = 0; t < steps; t++) {
            List<int[]> longer = new ArrayList<>();
            for (int[] shorter : all) {
                for (int c = 0; c < classes; c++) {
                    int[] one = Arrays.copyOf(shorter, t + 1);
                    one[t] = c;
                    longer.add(one);
                }
            }
            all = longer;
        }
        return all;
    }

    private static double score(int[] y, float[][] o, NetworkSpec spec, float[] theta) {
        int start = spec.layout().slot("crf.start_transitions").offset();
        int end = spec.layout().slot("crf.end_transitions").offset();
        int transitions = spec.layout().slot("crf.transitions").offset();
        double score = (double) theta[start + y[0]] + theta[end + y[y.length - 1]];
        for (int t = 0; t < y.length; t++) {
            score += o[t][y[t]];
            score += t == 0 ? 0 : theta[transitions + y[t - 1] * o[t].length + y[t]];
        }
        return score;
    }

    @ParameterizedTest
    @CsvSource({"2, 7", "3, 5", "5, 4", "8, 3"})
    void predictionsAndProbabilities_areThoseOfAllSequences(int classes, int longest) {
        NetworkSpec spec = spec(new Crf(), classes);
        float[] theta = wide(spec);
        Network network = new Network(spec);
        Weights weights = network.bind(theta);
        Workspace workspace = network.newWorkspace();
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences(spec, longest, 1, longest - 1, 2));
        network.forward(weights, batch, workspace);
        float[] outputs = Arrays.copyOf(workspace.values(), workspace.outputs() * classes);
        int[] predictions = workspace.predictions().clone();
        network.probabilities(weights, batch, workspace);
        for (int s = 0; s < batch.size(); s++) {
            int steps = batch.length(s);
            float[][] o = new float[steps][];
            for (int t = 0; t < steps; t++) {
                int row = batch.offset(t) + s;
                o[t] = Arrays.copyOfRange(outputs, row * classes, (row + 1) * classes);
            }
            double sum = 0;
            double[][] marginals = new double[steps][classes];
            int[] best = new int[steps];
            for (int[] y : all(classes, steps)) {
                double score = score(y, o, spec, theta);
                sum += Math.exp(score);
                best = score > score(best, o, spec, theta) ? y : best;
                for (int t = 0; t < steps; t++) {
                    marginals[t][y[t]] += Math.exp(score);
                }
            }
            for (int t = 0; t < steps; t++) {
                int row = batch.offset(t) + s;
                assertEquals(best[t], predictions[row], "step " + t);
                for (int c = 0; c < classes; c++) {
                    assertEquals(marginals[t][c] / sum, workspace.values()[row * classes + c], 1e-6);
                }
            }
        }
    }

    private record Sums(float[] gradient, LossSum loss) {}

    private static Sums sums(NetworkSpec spec, float[] theta, List<Sequence> sequences, long byteBudget) {
        Network network = new Network(spec);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        float[] gradient = new float[theta.length];
        Arrays.fill(gradient, Float.NaN); // what another sum left
        PartialSum sum = new PartialSum(gradient, new LossSum(), new BitSet(), true);
        Unrolling unrolling = new Unrolling(0, Truncation.NONE, byteBudget);
        Workspace workspace = network.newWorkspace();
        network.accumulate(
                network.bind(theta),
                batch,
                new LossSpec(LossReduction.STEP),
                null,
                unrolling,
                Draws.NONE,
                workspace,
                List.of(sum),
                null);
        assertTrue(byteBudget == 0 || workspace.bytes() <= byteBudget, workspace.bytes() + " of " + byteBudget);
        return new Sums(gradient, sum.loss());
    }

    /** Where no class says anything of the next one, steps are independent. */
    @Test
    void withoutTransitions_isTheSoftmax() {
        NetworkSpec spec = spec(new Crf(), 5);
        NetworkSpec softmax = spec(new CrossEntropy(), 5);
        float[] theta = wide(spec);
        int own = softmax.layout().size();
        Arrays.fill(theta, own, theta.length, 0f);
        List<Sequence> sequences = sequences(spec, 6, 1, 9);
        Sums crf = sums(spec, theta, sequences, 0);
        Sums independent = sums(softmax, Arrays.copyOf(theta, own), sequences, 0);
        assertEquals(independent.loss.meanLoss(), crf.loss.meanLoss(), 1e-6);
        assertEquals(independent.loss.correct(), crf.loss.correct());
        assertArrayEquals(independent.gradient, Arrays.copyOf(crf.gradient, own), 1e-5f);
    }

    /** Outputs that leave a label no probability in float still have a loss, and a gradient that leads to it. */
    @Test
    void hugeOutputs_neitherOverflowNorLoseTheLabel() {
        NetworkSpec spec = spec(new Crf(), 3);
        float[] theta = new float[spec.layout().size()];
        int bias = spec.layout().slot("head.bias").offset();
        theta[bias] = 5000;
        theta[bias + 2] = -5000;
        int end = spec.layout().slot("crf.end_transitions").offset();
        theta[end] = 300;
        theta[end + 1] = -300;
        Sequence s = Sequence.of(new Steps.Dense(new float[8], 2), new int[] {2, 0, 1, 2}, 1f);
        Sums sums = sums(spec, theta, List.of(s), 0);
        assertEquals((10000 + 0 + 5000 + 10000 + 300) / 4.0, sums.loss.meanLoss(), 1e-9);
        assertArrayEquals(new float[] {3, -1, -2}, Arrays.copyOfRange(sums.gradient, bias, bias + 3), 1e-6f);
    }

    /** A transition that is as good as forbidden: e^-10000 is no double, but its sequence is still a possible one. */
    @Test
    void forbiddenTransition_thatIsALabel_hasALossAndAGradient() {
        NetworkSpec spec = spec(new Crf(), 3);
        float[] theta = wide(spec);
        int transitions = spec.layout().slot("crf.transitions").offset();
        theta[transitions + 1] = -10_000;
        Sequence s = Sequence.of(new Steps.Dense(new float[6], 2), new int[] {0, 1, 2}, 1f);
        Sums sums = sums(spec, theta, List.of(s), 0);
        assertTrue(sums.loss.lossSum() > 650 && sums.loss.lossSum() < 750, "loss " + sums.loss.lossSum());
        assertEquals(-1f, sums.gradient[transitions + 1], 1e-5f);
    }

    @Test
    void weightOfAStep_isRefused() {
        NetworkSpec spec = spec(new Crf(), 3);
        List<Sequence> sequences = List.of(sequences(spec, 3).get(0).withTermWeights(1, 0.5f, 0));
        assertEquals(
                "a step weighs 0.5, and the labels of all steps have one loss together; allowed is 0, as without a label, or 1",
                assertThrows(IllegalArgumentException.class, () -> sums(spec, wide(spec), sequences, 0))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource({"STEP", "SEQUENCE"})
    void sequenceWithoutAnyLabel_addsNothing(LossReduction reduction) {
        NetworkSpec spec = spec(new Crf(), 4);
        float[] theta = wide(spec);
        List<Sequence> sequences = new ArrayList<>(sequences(spec, 5, 3));
        Sums expected = sums(spec, theta, sequences.subList(0, 1), 0);
        sequences.set(1, sequences.get(1).withTermWeights(0, 0, 0));
        Sums actual = sums(spec, theta, sequences, 0);
        assertArrayEquals(expected.gradient, actual.gradient);
        assertEquals(expected.loss.lossSum(), actual.loss.lossSum());
        assertEquals(5, actual.loss.terms());
    }

    @Test
    void boundedMemory_changesNoBit() {
        NetworkSpec spec = new NetworkSpec(
                new NetworkSpec.Dense(2), "lstm", "tanh", 16, 2, true, new HeadSpec(new Crf(), 6, true));
        float[] theta = Initializer.initialize(spec.layout(), SEED);
        List<Sequence> sequences = sequences(spec, 60, 50, 7, 33);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        long least = NetworkBitsTest.leastMemory(spec, 0, batch).byteBudget();
        Sums bounded = sums(spec, theta, sequences, least);
        assertArrayEquals(sums(spec, theta, sequences, 0).gradient, bounded.gradient);
    }

    @Test
    void oneLabelForTheWholeSequence_isRefused() {
        assertEquals(
                "loss crf is of the labels of all steps together; it goes with a label for every step, and not with one"
                        + " for the whole sequence",
                assertThrows(IllegalArgumentException.class, () -> new HeadSpec(new Crf(), 3, false))
                        .getMessage());
    }

    @Test
    void setting_goesWithTagging() {
        assertEquals(new Crf(), LossNames.of(LearningTask.TAGGING, "crf"));
        assertEquals(
                "loss is crf, and task is classification; allowed are softmax, binary and multi-label",
                assertThrows(IllegalArgumentException.class, () -> LossNames.of(LearningTask.CLASSIFICATION, "crf"))
                        .getMessage());
        assertEquals(
                "loss is squared, and task is tagging; allowed are softmax, binary, multi-label and crf",
                assertThrows(IllegalArgumentException.class, () -> LossNames.of(LearningTask.TAGGING, "squared"))
                        .getMessage());
    }
}
