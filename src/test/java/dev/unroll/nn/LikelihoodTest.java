package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Standardization;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Likelihood.Gaussian;
import dev.unroll.nn.Likelihood.NegativeBinomial;
import dev.unroll.nn.Likelihood.Poisson;
import dev.unroll.nn.Likelihood.StudentT;
import dev.unroll.nn.Loss.TargetLoss;
import dev.unroll.param.Initializer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.PascalDistribution;
import org.apache.commons.math3.distribution.PoissonDistribution;
import org.apache.commons.math3.distribution.TDistribution;
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

    @Test
    void gaussian_isMinusTheLogOfItsDensity() {
        for (int seed = 0; seed < 500; seed++) {
            CounterRandom random = new CounterRandom(seed);
            float[] o = {(float) random.normal(0), (float) random.normal(1)};
            float y = (float) (3 * random.normal(2));
            double expected = -new NormalDistribution(o[0], Math.exp(o[1])).logDensity(y);
            assertEquals(expected, new Gaussian().ofTarget(o, 0, y, 1), 1e-10 * Math.max(1, expected), "seed " + seed);
        }
    }

    /** With all but infinite degrees of freedom too, where it is the normal distribution. */
    @Test
    void studentT_isMinusTheLogOfItsDensity() {
        for (int seed = 0; seed < 500; seed++) {
            CounterRandom random = new CounterRandom(seed);
            float[] o = {(float) random.normal(0), (float) random.normal(1), (float) (4 * random.normal(2))};
            float y = (float) (3 * random.normal(3));
            double sigma = Math.exp(o[1]);
            double nu = 2 + Math.exp(o[2]);
            double expected = Math.log(sigma) - new TDistribution(nu).logDensity(((double) y - o[0]) / sigma);
            double l = new StudentT().ofTarget(o.clone(), 0, y, 1);
            assertEquals(expected, l, 1e-8 * Math.max(1, expected), "seed " + seed);
            float[] free = {o[0], o[1], 40};
            float[] normal = {o[0], o[1]};
            double limit = new Gaussian().ofTarget(normal, 0, y, 1);
            assertEquals(limit, new StudentT().ofTarget(free, 0, y, 1), 1e-9 * Math.max(1, limit), "seed " + seed);
            assertEquals(normal[0], free[0], 1e-6 * Math.abs(normal[0]), "seed " + seed);
            assertEquals(0, free[2], 1e-9, "seed " + seed);
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
        Standardization level = own.targetScale();
        Sequence plain = own.withLevel(0);
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

    /** By hand: 10 + 2 o and 2 e^s of the first number, -1 + 3 o and 3 e^s of the second; degrees of freedom have no unit. */
    @Test
    void read_givesMeanScaleAndFreedom_ofEachNumber() {
        Readout readout = new Readout(HeadSpec.ofTargets(new StudentT(), 2, false));
        Standardization units = new Standardization(new double[] {10, -1}, new double[] {2, 3}, true);
        double[] numbers = new double[readout.width()];
        float log2 = (float) Math.log(2);
        readout.read(new float[] {1.5f, 0, log2, -1, log2, 0}, 0, units, numbers);
        assertArrayEquals(new double[] {13, 2, 4, -4, 6, 3}, numbers, 1e-6);
        assertEquals(-4, readout.prediction(numbers, 1));
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
