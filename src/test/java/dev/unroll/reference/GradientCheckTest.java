package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.param.ParameterLayout;
import dev.unroll.reference.GradientCheck.Worst;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The judge judged: right gradients pass, and a wrong one is found where it is. */
class GradientCheckTest {

    private static final ParameterLayout LAYOUT =
            new ParameterLayout.Builder().matrix("w", 2, 3).vector("b", 4).build();
    private static final double[] THETA = {0.1, -0.2, 0.3, 0.4, -0.5, 0.6, -0.7, 0.8, 0.9, -1};

    private final GradientCheck check = GradientCheck.ofDoubles(LAYOUT);

    @Test
    void everyParameter_rightGradient_isWithinRounding() {
        Worst worst = check.everyParameter(GradientCheckTest::objective, THETA, gradient(THETA));
        assertTrue(worst.relativeError() < 1e-10, worst::toString);
    }

    @Test
    void everyParameter_oneWrongNumber_isNamed() {
        double[] wrong = gradient(THETA);
        wrong[8] *= 1.001;
        Worst worst = check.everyParameter(GradientCheckTest::objective, THETA, wrong);
        assertEquals("b", worst.tensor());
        assertEquals(2, worst.index());
        assertEquals(wrong[8], worst.analytic(), 1e-12);
        assertEquals(gradient(THETA)[8], worst.numeric(), 1e-10);
        assertEquals(1e-3, worst.relativeError(), 1e-5);
        assertTrue(worst.toString().contains("b[2]"), worst::toString);
    }

    @Test
    void alongDirections_rightAndWrongGradient_differ() {
        double[] gradient = gradient(THETA);
        Worst right = check.alongDirections(GradientCheckTest::objective, THETA, gradient, 5, 1);
        gradient[8] *= 1.001;
        Worst wrong = check.alongDirections(GradientCheckTest::objective, THETA, gradient, 5, 1);
        assertTrue(right.relativeError() < 1e-10, right::toString);
        assertTrue(wrong.relativeError() > 1e-5, wrong::toString);
        assertEquals("direction", wrong.tensor());
    }

    @Test
    void someParameters_twoPerTensor_costsFourEvaluationsEach() {
        AtomicInteger calls = new AtomicInteger();
        check.someParameters(
                p -> {
                    calls.incrementAndGet();
                    return objective(p);
                },
                THETA,
                gradient(THETA),
                2,
                1);
        assertEquals(2 * 2 * 4, calls.get());
    }

    /** A float objective sees only the float nearest to each point; judged by the points that were really taken, it passes. */
    @Test
    void ofFloats_objectiveInFloat_passesAtFloatPrecision() {
        Worst worst = GradientCheck.ofFloats(LAYOUT)
                .everyParameter(GradientCheckTest::floatObjective, floats(THETA), gradient(floats(THETA)));
        assertTrue(worst.relativeError() < 1e-3, worst::toString);
    }

    @Test
    void everyParameter_objectiveIsNotANumber_isTheWorstOfAll() {
        Worst worst = check.everyParameter(p -> p[4] == THETA[4] ? objective(p) : Double.NaN, THETA, gradient(THETA));
        assertTrue(Double.isNaN(worst.relativeError()), worst::toString);
        assertEquals("w", worst.tensor());
        assertEquals(4, worst.index());
    }

    /** A derivative that is zero would give an infinite relative error by rounding alone. */
    @Test
    void floor_zeroDerivative_isJudgedByAbsoluteError() {
        Worst worst = check.everyParameter(p -> 1 + p[0], THETA, new double[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        assertTrue(worst.relativeError() < 1e-7, worst::toString);
        Worst strict = check.with(0x1p-11, 1e-20)
                .everyParameter(p -> 1 + p[0] + 1e-13 * p[9], THETA, new double[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        assertTrue(strict.relativeError() > 0.5, strict::toString);
    }

    @Test
    void sizes_thatDoNotFitTheLayout_areRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> check.everyParameter(GradientCheckTest::objective, THETA, new double[3]));
    }

    private static double objective(double[] p) {
        double sum = 0;
        for (int k = 0; k < p.length; k++) {
            sum += (k + 1) * Math.sin(p[k]) * p[(k + 1) % p.length];
        }
        return sum;
    }

    private static double[] gradient(double[] p) {
        int n = p.length;
        double[] gradient = new double[n];
        for (int k = 0; k < n; k++) {
            gradient[k] += (k + 1) * Math.cos(p[k]) * p[(k + 1) % n];
            gradient[(k + 1) % n] += (k + 1) * Math.sin(p[k]);
        }
        return gradient;
    }

    private static double floatObjective(double[] p) {
        float sum = 0;
        for (int k = 0; k < p.length; k++) {
            sum += (k + 1) * (float) Math.sin((float) p[k]) * (float) p[(k + 1) % p.length];
        }
        return sum;
    }

    private static double[] floats(double[] p) {
        double[] rounded = new double[p.length];
        for (int k = 0; k < p.length; k++) {
            rounded[k] = (float) p[k];
        }
        return rounded;
    }

    /** Whichever comes first: what is broken never looks right. */
    @Test
    void notANumber_isWorseThanAnyNumber() {
        Worst number = new Worst(0.5, "w", 0, 1, 2);
        Worst broken = new Worst(Double.NaN, "w", 1, Double.NaN, 2);
        assertEquals(broken, broken.or(number));
        assertEquals(broken, number.or(broken));
        assertEquals(number, number.or(new Worst(0.4, "w", 2, 1, 2)));
    }
}
