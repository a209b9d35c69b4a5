package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.math.CounterRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The note's equations for Elman's cell, one by one, each against something that is not itself. */
class UnrolledElmanTest {

    private static final double TOLERANCE = 1e-12;

    static Stream<Case> elman() {
        return Case.elman();
    }

    @ParameterizedTest
    @MethodSource("elman")
    void states_equation1_equalPlainLoops(Case c) {
        for (int steps = 1; steps <= 8; steps++) {
            UnrolledElman layer = unrolled(c, steps);
            PlainElman plain = new PlainElman(layer);
            plain.forward();
            for (int t = 1; t <= steps; t++) {
                assertArrayEquals(plain.h[t], layer.h[t].toArray(), TOLERANCE, "steps " + steps + ", t " + t);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("elman")
    void lastStateGradient_equation3_isTheHeadsAlone(Case c) {
        UnrolledNetwork graph = graph(c, 5);
        UnrolledElman layer = (UnrolledElman) graph.layer();
        assertArrayEquals(
                graph.head.wQh.transpose().times(graph.head.dO[5]).toArray(), layer.dh[5].toArray(), TOLERANCE);
    }

    /** (4) twice: the recursion against the sum over all later outputs, with factors in ascending j. */
    @ParameterizedTest
    @MethodSource("elman")
    void closedForm_everyActivation_equalsRecursion(Case c) {
        for (int steps = 1; steps <= 8; steps++) {
            UnrolledElman layer = unrolled(c, steps);
            for (int t = 1; t <= steps; t++) {
                assertArrayEquals(
                        layer.dh[t].toArray(),
                        layer.closedStateGradient(t).toArray(),
                        TOLERANCE,
                        "steps " + steps + ", t " + t);
            }
        }
    }

    /** The note's own form, in powers of W_hh'. */
    @Test
    void closedFormOfIdentity_identity_equalsRecursion() {
        for (int steps = 1; steps <= 8; steps++) {
            for (int t = 1; t <= steps; t++) {
                assertTrue(
                        distanceOfIdentityForm(Activation.IDENTITY, steps, t) < TOLERANCE,
                        "steps " + steps + ", t " + t);
            }
        }
    }

    /** Guards against a test that cannot fail: with any other f the powers of W_hh' are wrong, except at t = T. */
    @Test
    void closedFormOfIdentity_tanh_misses() {
        for (int steps = 2; steps <= 8; steps++) {
            for (int t = 1; t < steps; t++) {
                assertTrue(distanceOfIdentityForm(Activation.TANH, steps, t) > 1e-6, "steps " + steps + ", t " + t);
            }
        }
    }

    private static double distanceOfIdentityForm(Activation f, int steps, int t) {
        UnrolledElman layer =
                unrolled(elman().filter(c -> c.f() == f).findFirst().orElseThrow(), steps);
        double[] difference =
                layer.closedStateGradientOfIdentity(t).minus(layer.dh[t]).toArray();
        return Arrays.stream(difference).map(Math::abs).max().orElseThrow();
    }

    /**
     * Why (5) is a sum: give every place of the unrolled graph its own copy of W_hh. The loss's derivative with respect to the copy
     * at place t, by finite differences over plain loops, is the term {@code da_t h_{t-1}'}; and the gradient of the shared W_hh is
     * the sum of all of them.
     */
    @ParameterizedTest
    @MethodSource("elman")
    void recurrentWeightGradient_oneCopyPerPlace_isTheSumOverPlaces(Case c) {
        int steps = 5;
        double step = 1e-5;
        UnrolledNetwork graph = graph(c, steps);
        UnrolledElman layer = (UnrolledElman) graph.layer();
        SoftmaxHead head = (SoftmaxHead) graph.head;
        int size = layer.hidden * layer.hidden;
        double[] sum = new double[size];
        for (int t = 1; t <= steps; t++) {
            double[] term = layer.da[t].times(layer.h[t - 1].transpose()).toArray();
            for (int k = 0; k < size; k++) {
                PlainElman up = new PlainElman(layer);
                PlainElman down = new PlainElman(layer);
                up.wHh[t][k] += step;
                down.wHh[t][k] -= step;
                double numeric = (up.loss(head) - down.loss(head)) / (2 * step);
                assertEquals(numeric, term[k], 1e-8, "place " + t + ", element " + k);
                sum[k] += term[k];
            }
        }
        assertArrayEquals(sum, layer.recurrentWeightGradient().toArray(), TOLERANCE);
    }

    /** A last state that nothing reads but the head at T still hears from T, through every step between. */
    @ParameterizedTest
    @MethodSource("elman")
    void closedForm_lastStateHead_keepsTheLongestTermOnly(Case c) {
        Case last = new Case(c.cell(), c.f(), c.input(), Case.SOFTMAX_LAST, c.reduction());
        UnrolledElman layer = unrolled(last, 5);
        for (int t = 1; t <= 5; t++) {
            assertArrayEquals(layer.dh[t].toArray(), layer.closedTerm(t, 5).toArray(), TOLERANCE, "t " + t);
            assertTrue(IntStream.range(0, layer.hidden).anyMatch(k -> layer.dh[5].get(k, 0) != 0));
        }
    }

    private static UnrolledElman unrolled(Case c, int steps) {
        return (UnrolledElman) graph(c, steps).layer();
    }

    private static UnrolledNetwork graph(Case c, int steps) {
        Sequence sequence = c.sequence(steps, 1, new CounterRandom(steps, 3));
        UnrolledNetwork graph = c.network().unroll(c.theta(c.seed(List.of(sequence))), sequence);
        graph.forward();
        graph.backward();
        return graph;
    }

    /** Equation (1) in plain loops over arrays, with a W_hh of its own at every place. */
    private static final class PlainElman {
        private final UnrolledElman layer;
        private final double[] wHx;
        private final double[][] wHh; // one per place
        private final double[][] h;

        PlainElman(UnrolledElman layer) {
            this.layer = layer;
            this.wHx = layer.wHx.toArray();
            this.wHh = new double[layer.steps + 1][];
            this.h = new double[layer.steps + 1][layer.hidden];
            for (int t = 1; t <= layer.steps; t++) {
                wHh[t] = layer.wHh.toArray();
            }
        }

        void forward() {
            for (int t = 1; t <= layer.steps; t++) {
                double[] x = layer.x[t].toArray();
                for (int j = 0; j < layer.hidden; j++) {
                    double a = layer.bIh.get(j, 0) + layer.bHh.get(j, 0);
                    for (int i = 0; i < x.length; i++) {
                        a += wHx[j * x.length + i] * x[i];
                    }
                    for (int i = 0; i < layer.hidden; i++) {
                        a += wHh[t][j * layer.hidden + i] * h[t - 1][i];
                    }
                    h[t][j] = layer.f == Activation.TANH ? Math.tanh(a) : layer.f == Activation.RELU && a < 0 ? 0 : a;
                }
            }
        }

        /** 1/T of the sum of cross-entropies. */
        double loss(SoftmaxHead head) {
            forward();
            double sum = 0;
            for (int t = 1; t <= layer.steps; t++) {
                double all = 0;
                double own = 0;
                for (int k = 0; k < head.bQ.rows(); k++) {
                    double o = head.bQ.get(k, 0);
                    for (int j = 0; j < layer.hidden; j++) {
                        o += head.wQh.get(k, j) * h[t][j];
                    }
                    all += Math.exp(o);
                    own = k == head.label(t) ? Math.exp(o) : own;
                }
                sum -= Math.log(own / all);
            }
            return sum / layer.steps;
        }
    }
}
