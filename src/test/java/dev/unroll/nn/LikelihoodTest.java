package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Standardization;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Likelihood.NegativeBinomial;
import dev.unroll.nn.Likelihood.Poisson;
import dev.unroll.nn.Loss.TargetLoss;
import dev.unroll.nn.NetworkSpec.HeadSpec;
import dev.unroll.param.Initializer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.PascalDistribution;
import org.apache.commons.math3.distribution.PoissonDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Likelihoods beside the distributions of Commons Math, in their limits, and of levels. */
class LikelihoodTest {

    static List<TargetLoss> counts() {
        return List.of(new Poisson(), new NegativeBinomial());
    }

    @Test
    void poisson_isMinusTheLogOfItsProbability() {
        for (int seed = 0; seed < 500; seed++) {
            CounterRandom random = new CounterRandom(seed);
            float o = (float) (2 * random.normal(0));
            double level = Math.exp(3 * random.normal(1));
            int y = random.below(40, 2);
            double expected = -new PoissonDistribution(level * Math.exp(o)).logProbability(y);
            double l = new Poisson().ofTarget(new float[] {o}, 0, (float) (y / level), level);
            assertEquals(expected, l, 1e-10 * Math.max(1, expected), "seed " + seed);
        }
    }

    /** Of a dispersion of 1 / r, with r a whole number, it is the distribution of Pascal. */
    @Test
    void negativeBinomial_isMinusTheLogOfItsProbability() {
        for (int seed = 0; seed < 500; seed++) {
            CounterRandom random = new CounterRandom(seed);
            float o = (float) (2 * random.normal(0));
            int halvings = random.below(6, 1);
            int y = random.below(40, 2);
            float a = (float) -Math.log(1 << halvings);
            double mean = Math.exp(o);
            double r = 1 << halvings;
            double expected = -new PascalDistribution((int) r, r / (r + mean)).logProbability(y);
            double l = new NegativeBinomial().ofTarget(new float[] {o, a}, 0, y, 1);
            assertEquals(expected, l, 2e-6 * Math.max(1, expected), "seed " + seed);
        }
    }

    /**
     * Without dispersion it is Poisson's, of large counts too: what is left is of the size alpha, by hand alpha ((y - mu)^2 - y) / 2 in place
     * of a, and no difference of two large numbers.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 1000, 1_000_000})
    void negativeBinomial_withoutDispersion_isPoissons(int count) {
        float o = (float) Math.log(count + 3);
        float a = (float) Math.log(1e-5 / (count + 1.0) / (count + 1));
        float[] both = {o, a};
        float[] one = {o};
        double binomial = new NegativeBinomial().ofTarget(both, 0, count, 1);
        double poisson = new Poisson().ofTarget(one, 0, count, 1);
        assertEquals(poisson, binomial, 1e-3);
        assertEquals(one[0], both[0], 1e-3 * Math.max(1, Math.abs(one[0])));
        double mean = Math.exp(o);
        double expected = -Math.exp(a) * ((count - mean) * (count - mean) - count) / 2;
        assertEquals(expected, both[1], 2e-3 * Math.abs(expected) + 1e-12 * mean);
    }

    /** The level is the unit of the mean alone: l is that of the count in any. */
    @ParameterizedTest
    @MethodSource("counts")
    void level_changesNothing_butTheUnitOfTheMean(TargetLoss loss) {
        for (int count : new int[] {0, 1, 12, 8_000_001}) {
            float[] inUnits = {1.5f, -0.7f};
            float[] inCounts = {1.5f + (float) Math.log(16), -0.7f};
            double expected = loss.ofTarget(inCounts, 0, count, 1);
            double actual = loss.ofTarget(inUnits, 0, count / 16f, 16);
            assertEquals(expected, actual, 1e-6 * Math.max(1, expected), "count " + count);
            assertEquals(inCounts[0], inUnits[0], 1e-5 * Math.max(1, Math.abs(inCounts[0])), "count " + count);
        }
    }

    /** Of a level of a number of the target there is one for all sequences, where they have none of their own: the same loss and gradient. */
    @ParameterizedTest
    @MethodSource("counts")
    void levelOfAll_andOfEachSequence_giveTheSameBits(TargetLoss loss) {
        NetworkSpec spec =
                new NetworkSpec(new NetworkSpec.Dense(2), "gru", "tanh", 4, HeadSpec.ofTargets(loss, 1, true));
        Sequence own = RandomSequence.of(spec, 6, 1, new CounterRandom(3));
        Standardization level = own.ownScale();
        Sequence plain = own.withOwnScale(null);
        assertArrayEquals(
                gradient(spec, new LossSpec(LossReduction.STEP), own),
                gradient(spec, new LossSpec(LossReduction.STEP).of(level), plain));
    }

    private static float[] gradient(NetworkSpec spec, LossSpec loss, Sequence sequence) {
        float[] theta = Initializer.initialize(spec.layout(), 5);
        Network network = new Network(spec);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(List.of(sequence));
        float[] gradient = new float[theta.length];
        LossSum sum = new LossSum();
        network.accumulate(network.bind(theta), batch, loss, network.newWorkspace(), gradient, sum);
        gradient = Arrays.copyOf(gradient, gradient.length + 1);
        gradient[theta.length] = (float) sum.lossSum();
        return gradient;
    }

    /** Two counts of levels 10 and 0.5. By hand. */
    @Test
    void read_givesMeanAndDispersion_ofEachNumber() {
        Readout readout = new Readout(HeadSpec.ofTargets(new NegativeBinomial(), 2, false));
        Standardization units = new Standardization(new double[2], new double[] {10, 0.5}, false);
        double[] numbers = new double[readout.width()];
        float[] outputs = {9, (float) Math.log(2), 0, (float) Math.log(6), (float) Math.log(0.25)};
        readout.read(outputs, 1, units, numbers);
        assertArrayEquals(new double[] {20, 1, 3, 0.25}, numbers, 1e-6);
        assertArrayEquals(
                new double[] {numbers[0], numbers[2]},
                IntStream.range(0, 2)
                        .mapToDouble(j -> readout.prediction(numbers, j))
                        .toArray());
    }
}
