package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Dense;
import dev.unroll.param.ParameterLayout;
import org.junit.jupiter.api.Test;

/** The head's part of equations (1), (2) and (5). */
class SoftmaxHeadTest {

    private static final int CLASSES = 4;

    @Test
    void loss_equalOutputs_isTheLogarithmOfTheClasses() {
        UnrolledNetwork graph = graph(true, LossReduction.SEQUENCE, new double[CLASSES], 0, 1, 2);
        assertEquals(Math.log(CLASSES), graph.forward(), 1e-15);
    }

    @Test
    void loss_hugeOutputs_neitherOverflowsNorLosesTheLabel() {
        UnrolledNetwork graph = graph(true, LossReduction.SEQUENCE, new double[] {2000, 0, -2000, 0}, 0, 1, 2);
        assertEquals((0 + 2000 + 4000) / 3.0, graph.forward(), 1e-9);
        graph.backward();
        assertArrayEquals(new double[] {1 / 3.0, -1 / 3.0, 0, 0}, graph.head.dO[2].toArray(), 1e-15);
    }

    /** (2): l' = softmax(o) - e_y, and 1/T in front of it when the loss is the note's. */
    @Test
    void outputGradient_knownOutputs_isScaledProbabilityMinusLabel() {
        double[] logits = {Math.log(1), Math.log(2), Math.log(3), Math.log(4)};
        UnrolledNetwork graph = graph(true, LossReduction.SEQUENCE, logits, 3, 0);
        graph.forward();
        graph.backward();
        assertArrayEquals(new double[] {0.05, 0.1, 0.15, -0.3}, graph.head.dO[1].toArray(), 1e-15);
        assertArrayEquals(new double[] {-0.45, 0.1, 0.15, 0.2}, graph.head.dO[2].toArray(), 1e-15);
        assertArrayEquals(
                new double[] {-0.4, 0.2, 0.3, -0.1}, graph.head.biasGradient().toArray(), 1e-15);
    }

    /** By hand, of probabilities 0.1 to 0.4 and q = (0.1, 0.1, 0.1, 0.7): l = sum_c -q_c log p_c. */
    @Test
    void loss_andGradient_ofSmoothedLabels_areOfTheirDistribution() {
        double[] logits = {Math.log(1), Math.log(2), Math.log(3), Math.log(4)};
        UnrolledNetwork graph = graph(true, LossReduction.STEP, 0.4, logits, 3);
        double expected = -(0.1 * Math.log(0.1) + 0.1 * Math.log(0.2) + 0.1 * Math.log(0.3) + 0.7 * Math.log(0.4));
        assertEquals(expected, graph.forward(), 1e-15);
        graph.backward();
        assertArrayEquals(new double[] {0, 0.1, 0.2, -0.3}, graph.head.dO[1].toArray(), 1e-15);
    }

    /** STEP leaves out 1/T here; the number of terms is divided out after all sequences. */
    @Test
    void outputGradient_stepReduction_isNotDividedByLength() {
        double[] logits = {Math.log(1), Math.log(2), Math.log(3), Math.log(4)};
        UnrolledNetwork graph = graph(true, LossReduction.STEP, logits, 3, 0);
        graph.forward();
        graph.backward();
        assertArrayEquals(new double[] {0.1, 0.2, 0.3, -0.6}, graph.head.dO[1].toArray(), 1e-15);
    }

    @Test
    void outputGradient_lastStateHead_isZeroBeforeTheLastStep() {
        UnrolledNetwork graph = graph(false, LossReduction.SEQUENCE, new double[CLASSES], 2);
        graph.forward();
        graph.backward();
        assertArrayEquals(new double[CLASSES], graph.head.dO[1].toArray());
        assertArrayEquals(new double[CLASSES], graph.head.dO[2].toArray());
        assertTrue(graph.head.dO[3].get(2, 0) < 0);
    }

    /** A network whose outputs are b_q at every step, three steps long for a last-state head. */
    private static UnrolledNetwork graph(boolean everyStep, LossReduction reduction, double[] bQ, int... labels) {
        return graph(everyStep, reduction, 0, bQ, labels);
    }

    private static UnrolledNetwork graph(
            boolean everyStep, LossReduction reduction, double labelSmoothing, double[] bQ, int... labels) {
        NetworkSpec spec = new NetworkSpec(new Dense(1), "elman", "tanh", 2, new HeadSpec(CLASSES, everyStep));
        ParameterLayout layout = spec.layout();
        double[] theta = new double[layout.size()];
        System.arraycopy(bQ, 0, theta, layout.slot("head.bias").offset(), CLASSES);
        int steps = everyStep ? labels.length : 3;
        return new ReferenceNetwork(spec, reduction)
                .withLabelSmoothing(labelSmoothing)
                .unroll(theta, Sequence.ofValues(new float[steps], 1, labels, 1));
    }
}
