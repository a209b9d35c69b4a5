package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec.Dense;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.reference.ReferenceNetwork.Sums;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums over sequences, what they are divided by, and what is refused. */
class ReferenceNetworkTest {

    private static final Case TAGGER =
            new Case("lstm", Activation.TANH, new Dense(2), Case.SOFTMAX_EVERY, LossReduction.STEP);

    static Stream<Case> cases() {
        return Case.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sums_severalSequences_addUpAndDivideOnce(Case c) {
        List<Sequence> sequences = c.sequences();
        double[] theta = c.theta(1);
        double lossSum = 0;
        double weightSum = 0;
        double[] gradientSum = new double[theta.length];
        for (Sequence sequence : sequences) {
            Sums one = c.network().evaluate(theta, sequence);
            lossSum += one.lossSum();
            weightSum += one.weightSum();
            for (int k = 0; k < theta.length; k++) {
                gradientSum[k] += one.gradientSum()[k];
            }
        }
        Sums all = c.network().evaluate(theta, sequences);
        assertEquals(lossSum, all.lossSum(), 1e-12);
        assertEquals(weightSum, all.weightSum(), 1e-12);
        assertArrayEquals(gradientSum, all.gradientSum(), 1e-12);
        assertEquals(lossSum / weightSum, all.meanLoss(), 1e-12);
        assertEquals(all.meanLoss(), c.network().meanLoss(theta, sequences), 1e-15);
        assertEquals(gradientSum[3] / weightSum, all.meanGradient()[3], 1e-12);
    }

    /** Guards against a mean of means: a long sequence has more terms than a short one, and STEP weighs terms. */
    @Test
    void weightSum_eachReduction_countsTermsOrSequences() {
        List<Sequence> sequences = TAGGER.sequences(); // lengths 4, 1, 6, 2, 1; weights 0.5, 1, 1.5, 2, 2.5
        double[] theta = TAGGER.theta(1);
        assertEquals(
                4 * 0.5 + 1 + 6 * 1.5 + 2 * 2 + 2.5,
                TAGGER.network().evaluate(theta, sequences).weightSum(),
                1e-12);
        Case sequence = new Case("lstm", Activation.TANH, new Dense(2), Case.SOFTMAX_EVERY, LossReduction.SEQUENCE);
        assertEquals(7.5, sequence.network().evaluate(theta, sequences).weightSum(), 1e-12);
    }

    /** For one sequence both reductions are 1/T sum_t l: equation (1). */
    @Test
    void mean_oneSequence_isTheSameForBothReductions() {
        Case sequence = new Case("lstm", Activation.TANH, new Dense(2), Case.SOFTMAX_EVERY, LossReduction.SEQUENCE);
        List<Sequence> one = List.of(TAGGER.sequence(5, 1, new CounterRandom(1)));
        double[] theta = TAGGER.theta(1);
        Sums byStep = TAGGER.network().evaluate(theta, one);
        Sums bySequence = sequence.network().evaluate(theta, one);
        assertEquals(byStep.meanLoss(), bySequence.meanLoss(), 1e-15);
        assertArrayEquals(byStep.meanGradient(), bySequence.meanGradient(), 1e-15);
    }

    /** A one-hot network is an embedding whose table is the identity. */
    @Test
    void loss_embeddingIsIdentity_equalsOneHot() {
        Case embedded = new Case("gru", Activation.TANH, new Tokens(5, 5), Case.SOFTMAX_LAST, LossReduction.STEP);
        Case oneHot = new Case("gru", Activation.TANH, new Tokens(5, 0), Case.SOFTMAX_LAST, LossReduction.STEP);
        double[] theta = oneHot.theta(1);
        double[] withTable = new double[embedded.layout().size()];
        System.arraycopy(Matrix.identity(5).toArray(), 0, withTable, 0, 25);
        System.arraycopy(theta, 0, withTable, 25, theta.length);
        List<Sequence> sequences = oneHot.sequences();
        assertEquals(
                oneHot.network().meanLoss(theta, sequences), embedded.network().meanLoss(withTable, sequences), 1e-15);
    }

    @Test
    void input_thatDoesNotFitTheSpec_isRefusedByName() {
        double[] theta = TAGGER.theta(1);
        assertRefused("2 labels", theta, Sequence.ofValues(new float[6], 2, new int[2], 1));
        assertRefused(
                "targets of 4",
                theta,
                Sequence.ofValues(new float[6], 2, new int[0], 1).withTargets(new float[12], 4));
        assertRefused("tokens", theta, Sequence.ofTokens(new int[3], new int[3], 1));
        assertRefused("theta has 3", new double[3], Sequence.ofValues(new float[6], 2, new int[3], 1));
    }

    private static void assertRefused(String part, double[] theta, Sequence sequence) {
        Exception e = assertThrows(
                IllegalArgumentException.class, () -> TAGGER.network().evaluate(theta, sequence));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
