package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.math.CounterRandom;
import dev.unroll.reference.GradientCheck.Worst;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Equations (2) to (5) against equation (1): the gradient of every cell, activation, input, head and loss reduction against finite
 * differences of its loss, over ragged sequences with unequal weights.
 */
class ReferenceGradientTest {

    private static final double TOLERANCE = 1e-7;
    private static final int DIRECTIONS = 5;

    static Stream<Case> cases() {
        return Case.all();
    }

    static Stream<Case> reluCases() {
        return cases().filter(c -> c.f() == Activation.RELU);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradient_everyParameter_agreesWithFiniteDifferences(Case c) {
        long seed = c.seed();
        assertAgrees(c, seed, c.sequences(), Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradient_randomDirections_agreesWithFiniteDifferences(Case c) {
        long seed = c.seed();
        List<Sequence> sequences = c.sequences();
        double[] theta = c.theta(seed);
        Worst worst = GradientCheck.ofDoubles(c.layout())
                .alongDirections(
                        p -> c.network().meanLoss(p, sequences),
                        theta,
                        c.network().evaluate(theta, sequences).meanGradient(),
                        DIRECTIONS,
                        seed);
        assertTrue(worst.relativeError() < TOLERANCE, () -> "seed " + seed + ": " + worst);
    }

    /** One step has no way back in time: W_hh meets h_0 = 0 only. */
    @ParameterizedTest
    @MethodSource("cases")
    void gradient_oneStep_agreesWithFiniteDifferences(Case c) {
        List<Sequence> one = List.of(c.sequence(1, 1, new CounterRandom(5)));
        assertAgrees(c, c.seed(one), one, 4);
    }

    /** Guards the tests of relu: near its kink a finite difference says nothing, and on one side of it relu is linear. */
    @ParameterizedTest
    @MethodSource("reluCases")
    void seed_relu_keepsPreActivationsOnBothSidesOfTheKinkAndAwayFromIt(Case c) {
        assertTrue(c.faithful(c.seed(), c.sequences()), () -> "seed " + c.seed());
    }

    private static void assertAgrees(Case c, long seed, List<Sequence> sequences, int perTensor) {
        double[] theta = c.theta(seed);
        Worst worst = GradientCheck.ofDoubles(c.layout())
                .someParameters(
                        p -> c.network().meanLoss(p, sequences),
                        theta,
                        c.network().evaluate(theta, sequences).meanGradient(),
                        perTensor,
                        seed);
        assertTrue(worst.relativeError() < TOLERANCE, () -> "seed " + seed + ": " + worst);
    }
}
