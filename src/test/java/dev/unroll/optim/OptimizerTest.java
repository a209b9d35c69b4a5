package dev.unroll.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.param.ParameterHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {

    private static final List<String> NAMES = List.of("sgd", "momentum", "adam", "adamw");

    private static OptimizerSpec spec(String optimizer, double stepSize, double clipNorm, double weightDecay) {
        return new OptimizerSpec(optimizer, stepSize, "constant", clipNorm, weightDecay);
    }

    private static LossFunction is(float[] gradient) {
        return theta -> new LossFunction.Point(0, gradient);
    }

    /** Step sizes differ because a plain step must stay below 2 / curvature, and Adam's step is about the step size itself. */
    @ParameterizedTest
    @CsvSource({
        "sgd,      parabola,   0.05,   0,   500",
        "momentum, parabola,   0.02,   0,   500",
        "adam,     parabola,   0.05,   0,   2000",
        "adamw,    parabola,   0.05,   0,   2000",
        "sgd,      rosenbrock, 0.001,  0,   40000",
        "momentum, rosenbrock, 0.0005, 0,   20000",
        "adam,     rosenbrock, 0.01,   0,   10000",
        "adamw,    rosenbrock, 0.01,   0,   10000",
        "sgd,      rosenbrock, 0.001,  10,  40000",
        "adam,     rosenbrock, 0.01,   1,   10000",
        "lbfgs,    parabola,   1,      0,   5",
        "lbfgs,    rosenbrock, 1,      0,   40",
    })
    void everyOptimizer_reachesTheMinimum(
            String optimizer, String function, double stepSize, double clipNorm, int iterations) {
        float[] theta = {-1.2f, 1f};
        Optimizer chain = Optimizer.of(spec(optimizer, stepSize, clipNorm, 0), 2, iterations);
        LossFunction loss = function.equals("parabola") ? Functions::parabola : Functions::rosenbrock;
        for (int k = 1; k <= iterations; k++) {
            chain.step(theta, loss, k);
        }
        assertEquals(1, theta[0], 1e-3);
        assertEquals(1, theta[1], 2e-3);
    }

    static List<Arguments> chains() {
        List<Arguments> chains = new ArrayList<>();
        for (String optimizer : NAMES) {
            for (double clipNorm : new double[] {0, 0.5, 100}) {
                for (double weightDecay : new double[] {0, 0.1}) {
                    chains.add(Arguments.of(optimizer, clipNorm, weightDecay));
                }
            }
        }
        return chains;
    }

    /** The oracle is PyTorch's documented algorithm in double, with its order of clipping, decay and step. */
    @ParameterizedTest
    @MethodSource("chains")
    void everyChain_followsPyTorch(String optimizer, double clipNorm, double weightDecay) {
        int size = 37;
        double stepSize = 0.01;
        Random random = new Random(5);
        float[] theta = random(random, size);
        double[] expected = new double[size];
        Arrays.setAll(expected, i -> theta[i]);
        Optimizer chain = Optimizer.of(spec(optimizer, stepSize, clipNorm, weightDecay), size, 1);
        double[] first = new double[size];
        double[] second = new double[size];
        for (int k = 1; k <= 60; k++) {
            float[] gradient = random(random, size);
            double[] g = new double[size];
            Arrays.setAll(g, i -> gradient[i]);
            double norm = Math.sqrt(Arrays.stream(g).map(v -> v * v).sum());
            StepReport report = chain.step(theta, is(gradient), k);
            assertEquals(norm, report.gradientNorm(), 1e-12 * norm);
            assertEquals(stepSize, report.stepSize());

            double scale = clipNorm == 0 ? 1 : Math.min(1, clipNorm / norm);
            for (int i = 0; i < size; i++) {
                g[i] *= scale;
                if (optimizer.equals("adamw")) {
                    expected[i] -= stepSize * weightDecay * expected[i];
                } else {
                    g[i] += weightDecay * expected[i];
                }
                switch (optimizer) {
                    case "sgd" -> expected[i] -= stepSize * g[i];
                    case "momentum" -> {
                        first[i] = k == 1 ? g[i] : 0.9 * first[i] + g[i];
                        expected[i] -= stepSize * first[i];
                    }
                    default -> {
                        first[i] = 0.9 * first[i] + (1 - 0.9) * g[i];
                        second[i] = 0.999 * second[i] + (1 - 0.999) * g[i] * g[i];
                        double mHat = first[i] / (1 - Math.pow(0.9, k));
                        double vHat = second[i] / (1 - Math.pow(0.999, k));
                        expected[i] -= stepSize * mHat / (Math.sqrt(vHat) + 1e-8);
                    }
                }
            }
        }
        for (int i = 0; i < size; i++) {
            assertEquals(expected[i], theta[i], 3e-6, "parameter " + i);
        }
    }

    private static float[] random(Random random, int size) {
        float[] x = new float[size];
        for (int i = 0; i < size; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    @Test
    void clipping_limitsTheNormAndKeepsTheDirection() {
        ClipNorm clip = new ClipNorm(1);
        float[] gradient = {3, 0, -4};
        clip.apply(gradient, new float[3], 1);
        assertEquals(5, clip.norm());
        assertEquals(1, Norms.l2(gradient), 1e-7);
        assertEquals(0.6f, gradient[0], 1e-7f);
        assertEquals(-0.8f, gradient[2], 1e-7f);

        float[] small = {0.3f, 0, -0.4f};
        clip.apply(small, new float[3], 2);
        assertEquals("[0.3, 0.0, -0.4]", Arrays.toString(small)); // not one bit of a short gradient changes
    }

    /** Guards against a clip behind the decay, which would then be limited too. */
    @Test
    void clipping_comesBeforeWeightDecay() {
        float[] theta = {10, 10};
        Optimizer.of(spec("sgd", 1, 1, 0.5), 2, 1).step(theta, is(new float[] {30, 40}), 1);
        assertEquals(10 - 0.6 - 5, theta[0], 1e-6);
        assertEquals(10 - 0.8 - 5, theta[1], 1e-6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "momentum", "adam", "adamw"})
    void restoredState_givesTheSameBits(String optimizer) {
        int size = 1001;
        float[] theta = random(new Random(1), size);
        Optimizer whole = Optimizer.of(spec(optimizer, 0.01, 1, 0.01), size, 1);
        Map<String, float[]> saved = new TreeMap<>();
        float[] savedTheta = null;
        for (int k = 1; k <= 40; k++) {
            whole.step(theta, is(random(new Random(k), size)), k);
            if (k == 20) {
                whole.state().forEach((name, values) -> saved.put(name, values.clone()));
                savedTheta = theta.clone();
            }
        }
        Optimizer resumed = Optimizer.of(spec(optimizer, 0.01, 1, 0.01), size, 1);
        resumed.restore(saved);
        saved.forEach((name, values) -> assertNotSame(values, resumed.state().get(name)));
        float[] forgetful = savedTheta.clone();
        Optimizer fresh = Optimizer.of(spec(optimizer, 0.01, 1, 0.01), size, 1);
        for (int k = 21; k <= 40; k++) {
            resumed.step(savedTheta, is(random(new Random(k), size)), k);
            fresh.step(forgetful, is(random(new Random(k), size)), k);
        }
        assertEquals(ParameterHash.of(theta), ParameterHash.of(savedTheta));
        if (!saved.isEmpty()) {
            assertNotEquals(ParameterHash.of(theta), ParameterHash.of(forgetful));
        }
    }

    @Test
    void foreignState_isRefusedAndChangesNothing() {
        Optimizer adam = Optimizer.of(spec("adam", 0.01, 0, 0), 3, 1);
        Map<String, float[]> momentum = Map.of("momentum.buffer", new float[3]);
        assertThrows(IllegalArgumentException.class, () -> adam.restore(momentum));
        Map<String, float[]> short1 = Map.of("adam.exp_avg", new float[] {1, 1, 1}, "adam.exp_avg_sq", new float[2]);
        assertThrows(IllegalArgumentException.class, () -> adam.restore(short1));
        assertEquals(0f, adam.state().get("adam.exp_avg")[0]);
        assertThrows(IllegalArgumentException.class, () -> adam.step(new float[3], is(new float[2]), 1));
        assertThrows(IllegalArgumentException.class, () -> adam.step(new float[3], is(new float[3]), 0));
    }

    @ParameterizedTest
    @CsvSource({
        "lbfgz, 0.1,  constant, 1,  0,   optimizer",
        "adam,  0,    constant, 1,  0,   step-size",
        "adam,  NaN,  constant, 1,  0,   step-size",
        "adam,  0.1,  cosin,    1,  0,   schedule",
        "adam,  0.1,  constant, -1, 0,   clip-norm",
        "adam,  0.1,  constant, 1,  NaN, weight-decay",
    })
    void impossibleSetting_isRefusedWithKeyValueAndAllowed(
            String optimizer, double stepSize, String schedule, double clipNorm, double weightDecay, String key) {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new OptimizerSpec(optimizer, stepSize, schedule, clipNorm, weightDecay))
                .getMessage();
        assertTrue(message.startsWith(key + " is ") && message.contains("allowed"), message);
    }
}
