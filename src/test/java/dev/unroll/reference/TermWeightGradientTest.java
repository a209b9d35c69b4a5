package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.RandomSequence;
import dev.unroll.reference.GradientCheck.Worst;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradient where loss terms weigh 0, 0.3, 1 or 2, or are missing, against finite differences of its loss. */
class TermWeightGradientTest {

    static Stream<Case> cases() {
        return Case.all().filter(c -> c.head().everyStep() && c.f() == Activation.TANH);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradient_everyParameter_agreesWithFiniteDifferences(Case c) {
        List<Sequence> sequences = new ArrayList<>();
        for (Sequence s : c.sequences()) {
            sequences.add(RandomSequence.withTermWeights(c.head().loss(), s, new CounterRandom(3, sequences.size())));
        }
        double[] theta = c.theta(c.seed());
        Worst worst = GradientCheck.ofDoubles(c.layout())
                .someParameters(
                        p -> c.network().meanLoss(p, sequences),
                        theta,
                        c.network().evaluate(theta, sequences).meanGradient(),
                        Integer.MAX_VALUE,
                        1);
        assertTrue(worst.relativeError() < 1e-7, () -> worst.toString());
    }

    /** By hand: two terms of weights 0.5 and 2, and one that is missing. */
    @Test
    void loss_isTheWeightedMeanOfTheTerms() {
        Case c = cases().filter(some -> some.head().loss().scoresClasses())
                .findFirst()
                .orElseThrow();
        double[] theta = c.theta(1);
        Sequence s = c.sequence(3, 1, new CounterRandom(5));
        double[] terms = new double[2];
        for (int t = 0; t < 2; t++) {
            terms[t] = c.network().meanLoss(theta, List.of(s.withTermWeights(t == 0 ? 1 : 0, t == 1 ? 1 : 0, 0)));
        }
        double mean = c.network().meanLoss(theta, List.of(s.withTermWeights(0.5f, 2, 0)));
        assertEquals((0.5 * terms[0] + 2 * terms[1]) / 2.5, mean, 1e-15);
    }
}
