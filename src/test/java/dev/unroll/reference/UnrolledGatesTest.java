package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.Sequence;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Dense;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Equation (1) of LSTM and GRU against PyTorch's documented formulas, and of minGRU against the paper's, written out for one unit with plain numbers. With one unit, gate
 * k's weight is simply number k, so the order of the gates is in plain sight.
 */
class UnrolledGatesTest {

    private static final int STEPS = 4;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void lstm_oneUnit_equalsFormulas(long seed) {
        double[] p = theta(seed, 4);
        double[] h = states("lstm", p);
        double hidden = 0;
        double c = 0;
        for (int t = 1; t <= STEPS; t++) {
            double x = x(t);
            double i = sigmoid(p[0] * x + p[8] + p[4] * hidden + p[12]);
            double f = sigmoid(p[1] * x + p[9] + p[5] * hidden + p[13]);
            double g = Math.tanh(p[2] * x + p[10] + p[6] * hidden + p[14]);
            double o = sigmoid(p[3] * x + p[11] + p[7] * hidden + p[15]);
            c = f * c + i * g;
            hidden = o * Math.tanh(c);
            assertEquals(hidden, h[t], 1e-15, "seed " + seed + ", t " + t);
        }
    }

    /** One number of two units: weight_hr follows the biases, and W_hh has one column. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void projectedLstm_twoUnitsToOne_equalsFormulas(long seed) {
        double[] p = numbers(seed, 4 * 8 + 2 + 4);
        double[] h =
                states(new NetworkSpec(new Dense(1), "lstm", "tanh", 2, new HeadSpec(2, false)).withProjection(1), p);
        double projected = 0;
        double[] c = new double[2];
        for (int t = 1; t <= STEPS; t++) {
            double sum = 0;
            for (int k = 0; k < 2; k++) {
                double[] a = new double[4];
                for (int gate = 0; gate < 4; gate++) {
                    int row = 2 * gate + k;
                    a[gate] = p[row] * x(t) + p[16 + row] + p[8 + row] * projected + p[24 + row];
                }
                c[k] = sigmoid(a[1]) * c[k] + sigmoid(a[0]) * Math.tanh(a[2]);
                sum += p[32 + k] * sigmoid(a[3]) * Math.tanh(c[k]);
            }
            projected = sum;
            assertEquals(projected, h[t], 1e-15, "seed " + seed + ", t " + t);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void gru_oneUnit_equalsFormulasWithResetAfterTheProduct(long seed) {
        double[] p = theta(seed, 3);
        double[] h = states("gru", p);
        double hidden = 0;
        for (int t = 1; t <= STEPS; t++) {
            double x = x(t);
            double r = sigmoid(p[0] * x + p[6] + p[3] * hidden + p[9]);
            double z = sigmoid(p[1] * x + p[7] + p[4] * hidden + p[10]);
            double n = Math.tanh(p[2] * x + p[8] + r * (p[5] * hidden + p[11]));
            hidden = (1 - z) * n + z * hidden;
            assertEquals(hidden, h[t], 1e-15, "seed " + seed + ", t " + t);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void minGru_oneUnit_equalsFormulas(long seed) {
        double[] p = theta(seed, 2);
        double[] h = states("mingru", Arrays.copyOf(p, 8)); // without a recurrent side: four numbers, then the head's
        double hidden = 0;
        for (int t = 1; t <= STEPS; t++) {
            double z = sigmoid(p[0] * x(t) + p[2]);
            double n = p[1] * x(t) + p[3];
            hidden = (1 - z) * hidden + z * n;
            assertEquals(hidden, h[t], 1e-15, "seed " + seed + ", t " + t);
        }
    }

    private static double[] states(String cell, double[] theta) {
        return states(new NetworkSpec(new Dense(1), cell, "tanh", 1, new HeadSpec(2, false)), theta);
    }

    private static double[] states(NetworkSpec spec, double[] theta) {
        float[] values = new float[STEPS];
        for (int t = 1; t <= STEPS; t++) {
            values[t - 1] = (float) x(t);
        }
        UnrolledNetwork graph = new ReferenceNetwork(spec, LossReduction.STEP)
                .unroll(theta, Sequence.ofValues(values, 1, new int[] {0}, 1));
        graph.forward();
        double[] h = new double[STEPS + 1];
        for (int t = 1; t <= STEPS; t++) {
            h[t] = graph.layer().h[t].get(0, 0);
        }
        return h;
    }

    /** weight_ih, weight_hh, bias_ih, bias_hh: one number per gate each; then two classes of the head. */
    private static double[] theta(long seed, int gates) {
        return numbers(seed, 4 * gates + 4);
    }

    private static double[] numbers(long seed, int count) {
        CounterRandom random = new CounterRandom(seed);
        double[] theta = new double[count];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = random.normal(k);
        }
        return theta;
    }

    private static double x(int t) {
        return t % 2 == 0 ? -0.75 * t : 0.5 * t;
    }

    private static double sigmoid(double a) {
        return 1 / (1 + Math.exp(-a));
    }
}
