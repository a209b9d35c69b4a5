package dev.unroll.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import breeze.linalg.DenseVector;
import breeze.linalg.DenseVector$;
import breeze.optimize.ApproximateGradientFunction;
import breeze.optimize.LBFGS;
import breeze.storage.Zero;
import breeze.storage.Zero$;
import dev.unroll.param.ParameterHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.$less$colon$less$;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

class LbfgsTest {

    private static Lbfgs lbfgs(int size) {
        return lbfgs(size, 0);
    }

    private static Lbfgs lbfgs(int size, double weightDecay) {
        return new Lbfgs(size, 1, weightDecay);
    }

    /** What counts evaluations and remembers the latest, as the contract of {@link LossFunction} has it. */
    private static final class Counted implements LossFunction {
        private final LossFunction function;
        private final List<Double> losses = new ArrayList<>();
        private float[] latestTheta;
        private Point latest;

        Counted(LossFunction function) {
            this.function = function;
        }

        @Override
        public Point at(float[] theta) {
            if (!Arrays.equals(theta, latestTheta)) {
                latest = function.at(theta);
                latestTheta = theta.clone();
                losses.add(latest.loss());
            }
            return new Point(latest.loss(), latest.gradient().clone());
        }
    }

    /** Steps until no lower loss is found; how many. */
    private static int minimise(Lbfgs lbfgs, float[] theta, LossFunction function, int atMost) {
        for (int k = 1; k <= atMost; k++) {
            if (!lbfgs.step(theta, function, k).improved()) {
                return k;
            }
        }
        return atMost;
    }

    /** Smooth problems with a known kind of minimum, in double; the gradient is rounded as training's is. */
    enum Problem {
        /** Curvatures from 1 to 1000. */
        QUADRATIC(20) {
            @Override
            double evaluate(double[] x, double[] gradient) {
                double loss = 0;
                for (int i = 0; i < x.length; i++) {
                    double curvature = Math.pow(1000, (double) i / (x.length - 1));
                    double error = x[i] - 1 - 0.1 * i;
                    loss += curvature / 2 * error * error;
                    gradient[i] = curvature * error;
                }
                return loss;
            }
        },
        ROSENBROCK(10) {
            @Override
            double evaluate(double[] x, double[] gradient) {
                Arrays.fill(gradient, 0);
                double loss = 0;
                for (int i = 0; i < x.length; i += 2) {
                    double up = x[i + 1] - x[i] * x[i];
                    loss += (1 - x[i]) * (1 - x[i]) + 100 * up * up;
                    gradient[i] += -2 * (1 - x[i]) - 400 * x[i] * up;
                    gradient[i + 1] += 200 * up;
                }
                return loss;
            }
        },
        /** 200 points in 12 dimensions of unlike scales, two overlapping classes, a little L2. */
        LOGISTIC(12) {
            @Override
            double evaluate(double[] x, double[] gradient) {
                int points = 200;
                Random random = new Random(42);
                double loss = 0;
                for (int i = 0; i < x.length; i++) {
                    loss += 0.005 * x[i] * x[i];
                    gradient[i] = 0.01 * x[i];
                }
                double[] point = new double[x.length];
                for (int n = 0; n < points; n++) {
                    int label = n % 2 == 0 ? 1 : -1;
                    double margin = 0;
                    for (int i = 0; i < x.length; i++) {
                        point[i] = (random.nextGaussian() + 0.3 * label) * (i + 1) / 4.0;
                        margin += label * point[i] * x[i];
                    }
                    loss += Math.log1p(Math.exp(-margin)) / points;
                    for (int i = 0; i < x.length; i++) {
                        gradient[i] -= label * point[i] / (1 + Math.exp(margin)) / points;
                    }
                }
                return loss;
            }
        };

        private final int size;

        Problem(int size) {
            this.size = size;
        }

        abstract double evaluate(double[] x, double[] gradient);

        double[] start() {
            double[] start = new double[size];
            Arrays.setAll(start, i -> i % 2 == 0 ? -1.25 : 1);
            return start;
        }

        float[] startInFloat() {
            float[] theta = new float[size];
            for (int i = 0; i < size; i++) {
                theta[i] = (float) start()[i];
            }
            return theta;
        }

        LossFunction.Point at(float[] theta) {
            double[] x = new double[size];
            Arrays.setAll(x, i -> theta[i]);
            double[] gradient = new double[size];
            double loss = evaluate(x, gradient);
            float[] rounded = new float[size];
            for (int i = 0; i < size; i++) {
                rounded[i] = (float) gradient[i];
            }
            return new LossFunction.Point(loss, rounded);
        }
    }

    /** Where Breeze's minimiser ends, and the loss at every place where it asked for the gradient. */
    private record Breeze(double[] end, List<Double> losses) {

        /**
         * Java can neither implement Breeze's DiffFunction nor extend a class that does. The one that is there makes a gradient out of
         * differences of the loss: size + 1 calls, the first of them at the place itself.
         */
        static Breeze minimise(Problem problem) {
            int[] calls = new int[1];
            List<Double> losses = new ArrayList<>();
            scala.Function1<DenseVector<Object>, Object> loss = new AbstractFunction1<>() {
                @Override
                public Object apply(DenseVector<Object> at) {
                    double value = problem.evaluate((double[]) at.data(), new double[problem.size]);
                    if (calls[0]++ % (problem.size + 1) == 0) {
                        losses.add(value);
                    }
                    return value;
                }
            };
            ClassTag<Object> number = type(ClassTag$.MODULE$.Double());
            Zero<Object> zero = type(Zero$.MODULE$.DoubleZero());
            ApproximateGradientFunction<Object, DenseVector<Object>> function = new ApproximateGradientFunction<>(
                    loss,
                    1e-7,
                    DenseVector$.MODULE$.canCreateZerosLike(number, zero),
                    type($less$colon$less$.MODULE$.refl()),
                    DenseVector$.MODULE$.canCopyDenseVector(number));
            LBFGS<DenseVector<Object>> lbfgs =
                    new LBFGS<>(1000, Lbfgs.HISTORY, 1e-9, type(DenseVector$.MODULE$.space_Double()));
            DenseVector<Object> end = lbfgs.minimize(function, new DenseVector<>(problem.start()));
            return new Breeze((double[]) end.data(), losses);
        }

        @SuppressWarnings("unchecked")
        private static <T> T type(Object scala) {
            return (T) scala;
        }
    }

    /**
     * Guards against a rule that descends but takes the long way: the oracle is Breeze's L-BFGS with the same history. (Measured:
     * quadratic 67 and Breeze 68, Rosenbrock 42 and 54, logistic 25 and 26 evaluations.)
     */
    @ParameterizedTest
    @EnumSource
    void minimumAndNumberOfEvaluations_areBreezes(Problem problem) {
        Breeze breeze = Breeze.minimise(problem);
        float[] theta = problem.startInFloat();
        Counted ours = new Counted(problem::at);
        minimise(lbfgs(problem.size), theta, ours, 1000);

        double start = ours.losses.get(0);
        double minimum = Math.min(least(ours.losses), least(breeze.losses()));
        double near = minimum + 1e-6 * (start - minimum);
        int needed = first(ours.losses, near);
        int breezeNeeded = first(breeze.losses(), near);
        assertTrue(needed <= 1.3 * breezeNeeded, needed + " evaluations, Breeze needs " + breezeNeeded);
        for (int i = 0; i < problem.size; i++) {
            assertEquals(breeze.end()[i], theta[i], 2e-3, "parameter " + i);
        }
    }

    private static double least(List<Double> losses) {
        return losses.stream().mapToDouble(loss -> loss).min().orElseThrow();
    }

    /** The number of evaluations up to the first loss that is near the minimum. */
    private static int first(List<Double> losses, double near) {
        for (int i = 0; i < losses.size(); i++) {
            if (losses.get(i) <= near) {
                return i + 1;
            }
        }
        throw new AssertionError("the loss never came down to " + near);
    }

    /** The conditions that make a pair useful, seen from outside: at every accepted step, in float32. */
    @ParameterizedTest
    @EnumSource
    void acceptedSteps_satisfyTheStrongWolfeConditions(Problem problem) {
        float[] theta = problem.startInFloat();
        Lbfgs lbfgs = lbfgs(problem.size);
        double first = problem.at(theta).loss();
        int steps = 0;
        for (int k = 1; k <= 200; k++) {
            float[] before = theta.clone();
            LossFunction.Point start = problem.at(before);
            if (!lbfgs.step(theta, problem::at, k).improved()) {
                break;
            }
            LossFunction.Point end = problem.at(theta);
            if (start.loss() - end.loss() < 1e-9 * first) {
                break; // from here on float32 decides
            }
            double[] way = new double[problem.size];
            Arrays.setAll(way, i -> (double) theta[i] - before[i]);
            double slope = Norms.dot(start.gradient(), way);
            double slopeThere = Norms.dot(end.gradient(), way);
            assertTrue(slope < 0, "step " + k);
            assertTrue(end.loss() <= start.loss() + 1e-4 * slope, "decrease of step " + k);
            assertTrue(Math.abs(slopeThere) <= (0.9 + 1e-3) * Math.abs(slope), "curvature of step " + k);
            steps++;
        }
        assertTrue(steps >= 5, "only " + steps + " steps were looked at");
    }

    @Test
    void secondRun_hasTheSameBits() {
        String[] hashes = new String[2];
        for (int run = 0; run < 2; run++) {
            float[] theta = Problem.LOGISTIC.startInFloat();
            minimise(lbfgs(theta.length), theta, Problem.LOGISTIC::at, 20);
            hashes[run] = ParameterHash.of(theta);
        }
        assertEquals(hashes[0], hashes[1]);
    }

    /** Guards resume: theta and the named arrays are all there is to go on from, before and after the history is full. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 10, 17})
    void restoredState_givesTheSameBits(int savedAfter) {
        Problem problem = Problem.ROSENBROCK;
        float[] theta = problem.startInFloat();
        Lbfgs whole = lbfgs(problem.size);
        Map<String, float[]> saved = new TreeMap<>();
        float[] resumedTheta = theta.clone();
        for (int k = 1; k <= 25; k++) {
            whole.step(theta, problem::at, k);
            if (k == savedAfter) {
                whole.state().forEach((name, values) -> saved.put(name, values.clone()));
                resumedTheta = theta.clone();
            }
        }
        assertEquals(2 * Math.min(savedAfter, Lbfgs.HISTORY), saved.size());
        Lbfgs resumed = lbfgs(problem.size);
        resumed.restore(saved);
        for (int k = savedAfter + 1; k <= 25; k++) {
            resumed.step(resumedTheta, problem::at, k);
        }
        assertEquals(ParameterHash.of(theta), ParameterHash.of(resumedTheta));
    }

    @Test
    void foreignState_isRefusedAndChangesNothing() {
        Lbfgs lbfgs = lbfgs(3);
        float[] theta = {0, 0, 0};
        LossFunction bowl = at -> new LossFunction.Point(
                at[0] * at[0] + (at[1] - 1) * (at[1] - 1), new float[] {2 * at[0], 2 * (at[1] - 1), 0});
        lbfgs.step(theta, bowl, 1);
        String before = lbfgs.state().keySet().toString();
        float[] three = {1, 1, 1};
        List<Map<String, float[]>> foreign = List.of(
                Map.of("momentum.buffer", three),
                Map.of("lbfgs.step.0", three),
                Map.of("lbfgs.step.0", three, "lbfgs.change.1", three),
                Map.of("lbfgs.step.1", three, "lbfgs.change.1", three),
                Map.of("lbfgs.step.0", three, "lbfgs.change.0", new float[2]),
                Map.of("lbfgs.step.0", three, "lbfgs.change.0", three, "lbfgs.step.1", three));
        for (Map<String, float[]> saved : foreign) {
            assertThrows(IllegalArgumentException.class, () -> lbfgs.restore(saved), saved.keySet()::toString);
        }
        assertEquals("[lbfgs.change.0, lbfgs.step.0]", before);
        assertEquals(before, lbfgs.state().keySet().toString());
        assertNotEquals(1f, lbfgs.state().get("lbfgs.step.0")[0]);
    }

    @Test
    void minimumOfFloats_stopsWithoutMoving() {
        float[] theta = {-1.2f, 1};
        Lbfgs lbfgs = lbfgs(2);
        Counted rosenbrock = new Counted(Functions::rosenbrock);
        int steps = minimise(lbfgs, theta, rosenbrock, 1000);
        assertTrue(steps < 60, "stopped after " + steps);
        assertArrayEquals(new float[] {1, 1}, theta, 1e-5f);
        float[] end = theta.clone();
        StepReport again = lbfgs.step(theta, rosenbrock, steps + 1);
        assertFalse(again.improved());
        assertEquals(0, again.stepSize());
        assertArrayEquals(end, theta);

        float[] atMinimum = {1, 1};
        Counted fresh = new Counted(Functions::rosenbrock);
        assertFalse(lbfgs(2).step(atMinimum, fresh, 1).improved(), "the gradient is 0 here");
        assertEquals(1, fresh.losses.size());
    }

    /** Guards the cost: what a step has ended with is not evaluated again by the next one. */
    @Test
    void eachStep_beginsWhereTheLastOneLookedLast() {
        float[] theta = Problem.QUADRATIC.startInFloat();
        Lbfgs lbfgs = lbfgs(theta.length);
        int[] asked = new int[1];
        float[][] last = new float[1][];
        for (int k = 1; k <= 20; k++) {
            boolean[] first = {true};
            int step = k;
            lbfgs.step(
                    theta,
                    at -> {
                        if (first[0] && step > 1) {
                            assertArrayEquals(last[0], at, "step " + step + " begins where the one before looked last");
                        }
                        first[0] = false;
                        last[0] = at.clone();
                        asked[0]++;
                        return Problem.QUADRATIC.at(at);
                    },
                    k);
        }
        assertTrue(asked[0] - 20 < 30, asked[0] - 20 + " evaluations beyond the first of each of 20 steps");
    }

    /** The penalty is part of the function: its minimum is that of the penalised loss, and the reported norm is without it. */
    @Test
    void weightDecay_isAnL2PenaltyOfLossAndGradient() {
        float[] theta = {5, 5};
        LossFunction bowl = at -> new LossFunction.Point(
                (at[0] - 1.0) * (at[0] - 1.0) + 10 * (at[1] - 1.0) * (at[1] - 1.0),
                new float[] {2 * (at[0] - 1), 20 * (at[1] - 1)});
        Lbfgs lbfgs = lbfgs(2, 2);
        StepReport first = lbfgs.step(theta, bowl, 1);
        assertEquals(Math.sqrt(8 * 8 + 80 * 80), first.gradientNorm(), 1e-4);
        minimise(lbfgs, theta, bowl, 100);
        assertEquals(2.0 / 4, theta[0], 1e-5); // 2 (x - 1) + 2 x = 0
        assertEquals(20.0 / 22, theta[1], 1e-5);
    }

    @ParameterizedTest
    @CsvSource({"NaN, 1", "Infinity, 1", "1, NaN", "1, Infinity"})
    void nonFiniteStart_passesThrough(double loss, float gradient) {
        float[] theta = {3};
        int[] asked = new int[1];
        StepReport report = lbfgs(1).step(
                        theta,
                        at -> {
                            asked[0]++;
                            return new LossFunction.Point(loss, new float[] {gradient});
                        },
                        1);
        assertEquals(Math.abs(gradient), report.gradientNorm());
        assertEquals(3f, theta[0]);
        assertEquals(1, asked[0]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cosine   | 0 | optimizer lbfgs needs schedule constant (its line search finds the step); schedule is cosine",
                "constant | 1 | optimizer lbfgs needs clip-norm 0 (no clipping); clip-norm is 1.0",
            })
    void whatDoesNotGoTogether_isRefused(String schedule, double clipNorm, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> new OptimizerSpec("lbfgs", 1, schedule, clipNorm, 0))
                        .getMessage());
    }
}
