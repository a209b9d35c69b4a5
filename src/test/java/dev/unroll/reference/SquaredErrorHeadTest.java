package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.Loss.SquaredError;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Dense;
import dev.unroll.param.ParameterLayout;
import org.junit.jupiter.api.Test;

/** Squared error in equations (1) and (2), by hand: outputs are (1, -2) at every step. */
class SquaredErrorHeadTest {

    private static final int COMPONENTS = 2;

    /** Errors (1, -2) and (-2, 1): (1 + 4) / 2 each. No 1/2 besides that of the mean over components. */
    @Test
    void loss_knownOutputs_isTheMeanOfSquares() {
        assertEquals(2.5, graph(true, LossReduction.SEQUENCE, 0, 0, 3, -3).forward(), 1e-15);
        assertEquals(5, graph(true, LossReduction.STEP, 0, 0, 3, -3).forward(), 1e-15);
    }

    @Test
    void loss_outputsAreTheTargets_isZero() {
        assertEquals(0, graph(true, LossReduction.STEP, 1, -2, 1, -2).forward());
    }

    /** (2): l' = 2/C (o - y), and 1/T in front of it when the loss is the note's. */
    @Test
    void outputGradient_knownOutputs_isScaledDifference() {
        UnrolledHead head = backward(graph(true, LossReduction.SEQUENCE, 0, 0, 3, -3));
        assertArrayEquals(new double[] {0.5, -1}, head.dO[1].toArray(), 1e-15);
        assertArrayEquals(new double[] {-1, 0.5}, head.dO[2].toArray(), 1e-15);
        assertArrayEquals(new double[] {-0.5, -0.5}, head.biasGradient().toArray(), 1e-15);
    }

    /** A target of the last state stands at place T, not at place 1. */
    @Test
    void outputGradient_lastStateHead_isZeroBeforeTheLastStep() {
        UnrolledHead head = backward(graph(false, LossReduction.SEQUENCE, 0, 0));
        assertArrayEquals(new double[COMPONENTS], head.dO[1].toArray());
        assertArrayEquals(new double[COMPONENTS], head.dO[2].toArray());
        assertArrayEquals(new double[] {1, -2}, head.dO[3].toArray(), 1e-15);
    }

    private static UnrolledHead backward(UnrolledNetwork graph) {
        graph.forward();
        graph.backward();
        return graph.head;
    }

    /** A network whose outputs are b_q at every step, three steps long for a last-state head. */
    private static UnrolledNetwork graph(boolean everyStep, LossReduction reduction, float... targets) {
        HeadSpec head = new HeadSpec(new SquaredError(), COMPONENTS, everyStep);
        NetworkSpec spec = new NetworkSpec(new Dense(1), "elman", "tanh", 3, head);
        ParameterLayout layout = spec.layout();
        double[] theta = new double[layout.size()];
        theta[layout.slot("head.bias").offset()] = 1;
        theta[layout.slot("head.bias").offset() + 1] = -2;
        int steps = everyStep ? targets.length / COMPONENTS : 3;
        Sequence sequence =
                Sequence.ofValues(new float[steps], 1, new int[0], 1).withTargets(targets, COMPONENTS);
        return new ReferenceNetwork(spec, reduction).unroll(theta, sequence);
    }
}
