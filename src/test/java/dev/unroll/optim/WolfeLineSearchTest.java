package dev.unroll.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.optim.WolfeLineSearch.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WolfeLineSearchTest {

    /** A function of one variable, and all that was asked of it. */
    private static final class Line implements WolfeLineSearch.Line {
        private final DoubleUnaryOperator loss;
        private final DoubleUnaryOperator slope;
        private final List<Trial> asked = new ArrayList<>();

        Line(DoubleUnaryOperator loss, DoubleUnaryOperator slope) {
            this.loss = loss;
            this.slope = slope;
        }

        Trial look(double step) {
            return new Trial(step, loss.applyAsDouble(step), slope.applyAsDouble(step), null, null);
        }

        @Override
        public Trial at(double step) {
            asked.add(look(step));
            return asked.get(asked.size() - 1);
        }

        Trial search(double first) {
            return WolfeLineSearch.search(this, look(0), first);
        }
    }

    private static void assertStrongWolfe(Trial start, Trial end, String of) {
        assertTrue(end.loss() <= start.loss() + 1e-4 * end.step() * start.slope(), "decrease: " + of);
        assertTrue(Math.abs(end.slope()) <= 0.9 * Math.abs(start.slope()), "curvature: " + of);
    }

    /** Sums of waves over a bowl have many minima on the way, and first steps from far too short to far too long. */
    @Test
    void bothConditionsHold_whereverTheFirstStepFalls() {
        Random random = new Random(1);
        int trials = 0;
        int searches = 0;
        for (int n = 0; n < 2000; n++) {
            double bowl = 0.01 + random.nextDouble();
            double down = 0.1 + 3 * random.nextDouble();
            double height = 0.5 * random.nextDouble();
            double wave = 0.5 + 5 * random.nextDouble();
            Line line = new Line(
                    t -> bowl * t * t - down * t + height * Math.cos(wave * t),
                    t -> 2 * bowl * t - down - height * wave * Math.sin(wave * t));
            double first = Math.pow(10, -4 + 8 * random.nextDouble());
            Trial end = line.search(first);
            assertStrongWolfe(line.look(0), end, "function " + n + " from " + first);
            trials += line.asked.size();
            searches++;
        }
        assertTrue(trials < 6 * searches, "trials per search: " + (double) trials / searches);
    }

    /** More and Thuente's hard cases 1 to 3 (1994, section 5), with their starts. */
    @ParameterizedTest
    @CsvSource({"1, 0.001", "1, 0.1", "1, 10", "1, 1000", "2, 0.001", "2, 0.1", "2, 10", "2, 1000"})
    void moreAndThuentesFunctions(int number, double first) {
        double beta = number == 1 ? 2 : 0.004;
        Line line = number == 1
                ? new Line(t -> -t / (t * t + beta), t -> (t * t - beta) / ((t * t + beta) * (t * t + beta)))
                : new Line(
                        t -> Math.pow(t + beta, 5) - 2 * Math.pow(t + beta, 4),
                        t -> 5 * Math.pow(t + beta, 4) - 8 * Math.pow(t + beta, 3));
        assertStrongWolfe(line.look(0), line.search(first), number + " from " + first);
    }

    @Test
    void fullStepOfAQuadratic_isTakenAtOnce() {
        Line line = new Line(t -> (t - 1) * (t - 1), t -> 2 * (t - 1));
        assertEquals(1, line.search(1).step());
        assertEquals(1, line.asked.size());
    }

    /** Guards training: a step into infinity or NaN shrinks. */
    @Test
    void nonFinitePlaces_areLeftAlone() {
        Line line = new Line(
                t -> t > 0.3 ? Double.POSITIVE_INFINITY : (t - 0.25) * (t - 0.25),
                t -> t > 0.3 ? Double.NaN : 2 * (t - 0.25));
        Trial end = line.search(1000);
        assertStrongWolfe(line.look(0), end, "cliff");
        assertTrue(end.step() <= 0.3);
    }

    @Test
    void nothingLower_givesTheStart() {
        Line wrongSlope = new Line(t -> 1 + t, t -> -1);
        Trial start = wrongSlope.look(0);
        assertSame(start, WolfeLineSearch.search(wrongSlope, start, 1));
        Line flat = new Line(t -> 1, t -> -1e-30);
        start = flat.look(0);
        assertSame(start, WolfeLineSearch.search(flat, start, 1));
        assertTrue(wrongSlope.asked.size() <= WolfeLineSearch.TRIALS);
        assertTrue(flat.asked.size() <= WolfeLineSearch.TRIALS);
    }

    /** A loss that falls for ever: the lowest place of all trials. */
    @Test
    void noFlatPlace_givesTheLowestThatDescends() {
        Line line = new Line(t -> -t, t -> -1);
        Trial end = line.search(1);
        assertEquals(WolfeLineSearch.TRIALS, line.asked.size());
        assertTrue(line.asked.stream().allMatch(trial -> trial.loss() >= end.loss()));
    }
}
