package dev.unroll.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.param.ParameterHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {

    private static OptimizerSpec spec(String optimizer, double stepSize, double clipNorm, double weightDecay) {
        return new OptimizerSpec(optimizer, stepSize, "constant", clipNorm, weightDecay);
    }

    private static LossFunction is(float[] gradient) {
        return theta -> new LossFunction.Point(0, gradient);
    }

    /**
     * Step sizes differ because a plain step must stay below 2 / curvature, and Adam's step is about the step size
     * itself.
     */
    static List<Arguments> descents() {
        return List.of(
                descent("sgd", "parabola", 0.05, 0, 500),
                descent("momentum", "parabola", 0.02, 0, 500),
                descent("adam", "parabola", 0.05, 0, 2000),
                descent("adamw", "parabola", 0.05, 0, 2000),
                descent("sgd", "rosenbrock", 0.001, 0, 40000),
                descent("momentum", "rosenbrock", 0.0005, 0, 20000),
                descent("adam", "rosenbrock", 0.01, 0, 10000),
                descent("adamw", "rosenbrock", 0.01, 0, 10000),
                descent("sgd", "rosenbrock", 0.001, 10, 40000),
                descent("adam", "rosenbrock", 0.01, 1, 10000),
                descent("rmsprop", "parabola", 0.01, 0, 2000),
                descent("rmsprop", "rosenbrock", 0.0002, 0, 40000),
                descent("adagrad", "parabola", 0.5, 0, 2000),
                descent("adagrad", "rosenbrock", 0.5, 0, 20000),
                descent("nadam", "parabola", 0.05, 0, 2000),
                descent("nadam", "rosenbrock", 0.002, 0, 20000),
                descent("amsgrad", "parabola", 0.05, 0, 2000),
                descent("amsgrad", "rosenbrock", 0.01, 0, 20000),
                descent("lbfgs", "parabola", 1, 0, 5),
                descent("lbfgs", "rosenbrock", 1, 0, 40));
    }

    private static Arguments descent(
            String optimizer, String function, double stepSize, double clipNorm, int iterations) {
        return Arguments.of(optimizer, function, stepSize, clipNorm, iterations);
    }

    @ParameterizedTest
    @EnumSource
    void everyOptimizer_isInTheTableOfDescents(OptimizerKind kind) {
        for (String function : List.of("parabola", "rosenbrock")) {
            assertTrue(
                    descents().stream()
                            .anyMatch(row -> List.of(row.get()).subList(0, 2).equals(List.of(kind.key(), function))),
                    "descents() has no row of optimizer " + kind.key() + " on the " + function);
        }
    }

    @ParameterizedTest
    @MethodSource("descents")
    void everyOptimizer_reachesTheMinimum(
            String optimizer, String function, double stepSize, double clipNorm, int iterations) {
        float[] theta = {-1.2f, 1f};
        Optimizer updates = spec(optimizer, stepSize, clipNorm, 0).create(2, iterations);
        LossFunction loss = function.equals("parabola") ? Functions::parabola : Functions::rosenbrock;
        for (int k = 1; k <= iterations; k++) {
            updates.step(theta, loss, k);
        }
        assertEquals(1, theta[0], 1e-3);
        assertEquals(1, theta[1], 2e-3);
    }

    static List<Arguments> chains() {
        List<Arguments> chains = new ArrayList<>();
        for (OptimizerKind kind : OptimizerKind.values()) {
            for (double clipNorm : kind.isFullBatch() ? new double[0] : new double[] {0, 0.5, 100}) {
                for (double weightDecay : new double[] {0, 0.1}) {
                    chains.add(Arguments.of(kind, clipNorm, weightDecay));
                }
            }
        }
        return chains;
    }

    /**
     * The oracle is PyTorch's documented algorithm in double, with its order of clipping, decay and step. L-BFGS is
     * none of these; {@code LbfgsTest} holds it against Breeze's.
     */
    @ParameterizedTest
    @MethodSource("chains")
    void everyChain_followsPyTorch(OptimizerKind kind, double clipNorm, double weightDecay) {
        int size = 37;
        double stepSize = 0.01;
        Random random = new Random(5);
        float[] theta = random(random, size);
        double[] expected = new double[size];
        Arrays.setAll(expected, i -> theta[i]);
        Optimizer chain = spec(kind.key(), stepSize, clipNorm, weightDecay).create(size, 1);
        double[] first = new double[size];
        double[] second = new double[size];
        double[] largest = new double[size];
        double product = 1;
        for (int k = 1; k <= 60; k++) {
            double mu = 0.9 * (1 - 0.5 * Math.pow(0.96, k * 0.004));
            double muNext = 0.9 * (1 - 0.5 * Math.pow(0.96, (k + 1) * 0.004));
            product *= mu;
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
                if (kind == OptimizerKind.ADAMW) {
                    expected[i] -= stepSize * weightDecay * expected[i];
                } else {
                    g[i] += weightDecay * expected[i];
                }
                double update =
                        switch (kind) {
                            case SGD -> g[i];
                            case MOMENTUM -> {
                                first[i] = k == 1 ? g[i] : 0.9 * first[i] + g[i];
                                yield first[i];
                            }
                            case ADAM, ADAMW -> {
                                first[i] = 0.9 * first[i] + (1 - 0.9) * g[i];
                                second[i] = 0.999 * second[i] + (1 - 0.999) * g[i] * g[i];
                                double mHat = first[i] / (1 - Math.pow(0.9, k));
                                double vHat = second[i] / (1 - Math.pow(0.999, k));
                                yield mHat / (Math.sqrt(vHat) + 1e-8);
                            }
                            case RMSPROP -> {
                                second[i] = 0.99 * second[i] + (1 - 0.99) * g[i] * g[i];
                                yield g[i] / (Math.sqrt(second[i]) + 1e-8);
                            }
                            case ADAGRAD -> {
                                second[i] += g[i] * g[i];
                                yield g[i] / (Math.sqrt(second[i]) + 1e-10);
                            }
                            case NADAM -> {
                                first[i] = 0.9 * first[i] + (1 - 0.9) * g[i];
                                second[i] = 0.999 * second[i] + (1 - 0.999) * g[i] * g[i];
                                double root = Math.sqrt(second[i] / (1 - Math.pow(0.999, k))) + 1e-8;
                                yield (1 - mu) / (1 - product) * g[i] / root
                                        + muNext / (1 - product * muNext) * first[i] / root;
                            }
                            case AMSGRAD -> {
                                first[i] = 0.9 * first[i] + (1 - 0.9) * g[i];
                                second[i] = 0.999 * second[i] + (1 - 0.999) * g[i] * g[i];
                                largest[i] = Math.max(largest[i], second[i]);
                                double root = Math.sqrt(largest[i]) / Math.sqrt(1 - Math.pow(0.999, k));
                                yield first[i] / (1 - Math.pow(0.9, k)) / (root + 1e-8);
                            }
                            case LBFGS -> throw new AssertionError("is no chain");
                        };
                expected[i] -= stepSize * update;
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

    /** Blocks of a long vector are updated at the same time: each as if it were all there is. */
    @ParameterizedTest
    @EnumSource(names = "LBFGS", mode = EnumSource.Mode.EXCLUDE)
    void update_ofALongVector_isThatOfItsPieces(OptimizerKind kind) {
        int size = 250_003;
        int piece = 1_000;
        Random random = new Random(12);
        OptimizerSpec spec = spec(kind.toString().toLowerCase(Locale.ROOT), 0.01, 0, 0.1);
        Optimizer whole = spec.create(size, 3);
        float[] theta = random(random, size);
        float[] expected = theta.clone();
        Map<Integer, Optimizer> pieces = new TreeMap<>();
        for (int iteration = 1; iteration <= 3; iteration++) {
            float[] gradient = random(random, size);
            for (int from = 0; from < size; from += piece) {
                int to = Math.min(size, from + piece);
                float[] part = Arrays.copyOfRange(expected, from, to);
                pieces.computeIfAbsent(from, f -> spec.create(part.length, 3))
                        .step(part, is(Arrays.copyOfRange(gradient, from, to)), iteration);
                System.arraycopy(part, 0, expected, from, part.length);
            }
            whole.step(theta, is(gradient), iteration);
            assertEquals(ParameterHash.of(expected), ParameterHash.of(theta), "iteration " + iteration);
        }
    }

    /** Training continues with theta, whatever average is kept of it; and the average of a long vector is that of its pieces. */
    @ParameterizedTest
    @EnumSource(names = "LBFGS", mode = EnumSource.Mode.EXCLUDE)
    void average_changesNoBitOfTheta(OptimizerKind kind) {
        int size = 250_003;
        double decay = 0.9;
        Random random = new Random(14);
        Optimizer plain = spec(kind.key(), 0.01, 1, 0.1).create(size, 9);
        Optimizer averaging = new OptimizerSpec(kind.key(), 0.01, "constant", 1, 0.1, decay).create(size, 9);
        float[] expected = random(random, size);
        float[] theta = expected.clone();
        float[] average = new float[size];
        for (int k = 1; k <= 9; k++) {
            float[] gradient = random(random, size);
            plain.step(expected, is(gradient.clone()), k);
            averaging.step(theta, is(gradient.clone()), k);
            for (int i = 0; i < size; i++) {
                average[i] = k == 1 ? theta[i] : average[i] + (float) (1 - decay) * (theta[i] - average[i]);
            }
            assertEquals(ParameterHash.of(expected), ParameterHash.of(theta), "iteration " + k);
            assertSame(expected, plain.averaged(expected));
            assertEquals(ParameterHash.of(average), ParameterHash.of(averaging.averaged(theta)), "iteration " + k);
        }
    }

    @Test
    void clipping_limitsTheNormAndKeepsTheDirection() {
        ClipNorm clip = new ClipNorm(1);
        float[] gradient = {3, 0, -4};
        clip.apply(gradient);
        assertEquals(5, clip.norm());
        assertEquals(1, Norms.l2(gradient), 1e-7);
        assertEquals(0.6f, gradient[0], 1e-7f);
        assertEquals(-0.8f, gradient[2], 1e-7f);

        float[] small = {0.3f, 0, -0.4f};
        clip.apply(small);
        assertEquals("[0.3, 0.0, -0.4]", Arrays.toString(small)); // not one bit of a short gradient changes
    }

    /** Guards against a clip behind the decay, which would then be limited too. */
    @Test
    void clipping_comesBeforeWeightDecay() {
        float[] theta = {10, 10};
        spec("sgd", 1, 1, 0.5).create(2, 1).step(theta, is(new float[] {30, 40}), 1);
        assertEquals(10 - 0.6 - 5, theta[0], 1e-6);
        assertEquals(10 - 0.8 - 5, theta[1], 1e-6);
    }

    /** A smooth function of any number of variables, for what needs the same function at every step. */
    private static LossFunction.Point bowl(float[] theta) {
        double loss = 0;
        float[] gradient = new float[theta.length];
        for (int i = 0; i < theta.length; i++) {
            double x = theta[i] - 1.0;
            double curvature = 1 + i % 7;
            loss += curvature / 2 * x * x + x * x * x * x;
            gradient[i] = (float) (curvature * x + 4 * x * x * x);
        }
        return new LossFunction.Point(loss, gradient);
    }

    @ParameterizedTest
    @EnumSource
    void restoredState_givesTheSameBits(OptimizerKind kind) {
        int size = 1001;
        int updates = kind.isFullBatch() ? 10 : 40; // before the bowl's minimum
        OptimizerSpec spec = new OptimizerSpec(
                kind.key(), 0.01, "constant", kind.isFullBatch() ? 0 : 1, 0.01, kind.isFullBatch() ? 0 : 0.9);
        IntFunction<LossFunction> loss =
                k -> kind.isFullBatch() ? OptimizerTest::bowl : is(random(new Random(k), size));
        float[] theta = random(new Random(1), size);
        Optimizer whole = spec.create(size, updates);
        Map<String, float[]> saved = new TreeMap<>();
        float[] savedTheta = null;
        for (int k = 1; k <= updates; k++) {
            whole.step(theta, loss.apply(k), k);
            if (k == updates / 2) {
                whole.state().forEach((name, values) -> saved.put(name, values.clone()));
                savedTheta = theta.clone();
            }
        }
        Optimizer resumed = spec.create(size, updates);
        resumed.restore(saved);
        saved.forEach((name, values) -> assertNotSame(values, resumed.state().get(name)));
        float[] forgetful = savedTheta.clone();
        Optimizer fresh = spec.create(size, updates);
        for (int k = updates / 2 + 1; k <= updates; k++) {
            resumed.step(savedTheta, loss.apply(k), k);
            fresh.step(forgetful, loss.apply(k), k);
        }
        assertEquals(ParameterHash.of(theta), ParameterHash.of(savedTheta));
        assertEquals(ParameterHash.of(whole.averaged(theta)), ParameterHash.of(resumed.averaged(savedTheta)));
        if (kind != OptimizerKind.SGD) {
            assertNotEquals(ParameterHash.of(theta), ParameterHash.of(forgetful));
        }
    }

    /** Guards the memory that {@code plan} counts, and the loop, which asks the optimiser and not its spec. */
    @ParameterizedTest
    @EnumSource
    void registry_saysWhatTheOptimizerDoes(OptimizerKind kind) {
        registrySaysWhatItDoes(kind, 0);
        if (!kind.isFullBatch()) {
            registrySaysWhatItDoes(kind, 0.5);
        }
    }

    private static void registrySaysWhatItDoes(OptimizerKind kind, double ema) {
        OptimizerSpec spec = new OptimizerSpec(kind.key(), 0.01, "constant", 0, 0, ema);
        assertEquals(kind, spec.kind());
        Optimizer optimizer = spec.create(3, 20);
        assertEquals(kind.isFullBatch(), optimizer.isFullBatch());
        float[] theta = {3, -2, 4};
        for (int k = 1; k <= 3; k++) {
            optimizer.step(theta, OptimizerTest::bowl, k);
        }
        assertEquals(optimizer.state().size(), spec.stateArrays(3));
        optimizer.state().forEach((name, values) -> assertEquals(3, values.length, name));
    }

    @Test
    void lbfgs_remembersTenPairsAtMost() {
        OptimizerSpec spec = spec("lbfgs", 1, 0, 0);
        assertEquals(
                List.of(0, 2, 18, 20, 20),
                LongStream.of(0, 1, 9, 10, 1_000_000_000_000L)
                        .mapToObj(spec::stateArrays)
                        .toList());
    }

    /** Guards checkpoints that exist: the text is part of their fingerprint. */
    @Test
    void text_isThatOfExistingCheckpoints() {
        for (String optimizer : List.of("sgd", "momentum", "adam", "adamw")) {
            assertEquals(
                    "OptimizerSpec[optimizer=" + optimizer
                            + ", stepSize=0.003, schedule=warmup:5,cosine, clipNorm=1.0, weightDecay=0.01]",
                    new OptimizerSpec(optimizer, 0.003, "warmup:5,cosine", 1, 0.01).toString());
        }
        assertEquals(
                "OptimizerSpec[optimizer=adam, stepSize=0.003, schedule=constant, clipNorm=1.0, weightDecay=0.0, ema=0.9]",
                new OptimizerSpec("adam", 0.003, "constant", 1, 0, 0.9).toString());
        assertEquals(
                "OptimizerSpec[optimizer=lbfgs, stepSize=1.0, schedule=constant, clipNorm=0.0, weightDecay=0.0]",
                spec("lbfgs", 1, 0, 0).toString());
    }

    @Test
    void foreignState_isRefusedAndChangesNothing() {
        Optimizer adam = spec("adam", 0.01, 0, 0).create(3, 1);
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
        "lbfgz, 0.1,  constant, 1,  0,   0,    optimizer",
        "adam,  0,    constant, 1,  0,   0,    step-size",
        "adam,  NaN,  constant, 1,  0,   0,    step-size",
        "adam,  0.1,  cosin,    1,  0,   0,    schedule",
        "adam,  0.1,  constant, -1, 0,   0,    clip-norm",
        "adam,  0.1,  constant, 1,  NaN, 0,    weight-decay",
        "adam,  0.1,  constant, 1,  0,   1,    ema",
        "adam,  0.1,  constant, 1,  0,   -0.1, ema",
        "adam,  0.1,  constant, 1,  0,   NaN,  ema",
    })
    void impossibleSetting_isRefusedWithKeyValueAndAllowed(
            String optimizer,
            double stepSize,
            String schedule,
            double clipNorm,
            double weightDecay,
            double ema,
            String key) {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new OptimizerSpec(optimizer, stepSize, schedule, clipNorm, weightDecay, ema))
                .getMessage();
        assertTrue(message.startsWith(key + " is ") && message.contains("allowed"), message);
    }
}
