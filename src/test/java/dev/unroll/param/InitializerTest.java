package dev.unroll.param;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.param.Initializer.Scheme;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The distributions of initial parameters, gate by gate. */
class InitializerTest {

    private static final int HIDDEN = 40;
    private static final int INPUTS = 30;
    private static final ParameterLayout LAYOUT = new ParameterLayout.Builder()
            .hiddenSize(HIDDEN)
            .matrix("embedding.weight", 50, INPUTS)
            .matrix("rnn.weight_ih_l0", 4 * HIDDEN, INPUTS)
            .matrix("rnn.weight_hh_l0", 4 * HIDDEN, HIDDEN)
            .add("rnn.bias_ih_l0", List.of(4 * HIDDEN), new Initialization.ForgetGate(1))
            .add("rnn.bias_hh_l0", List.of(4 * HIDDEN), new Initialization.ForgetGate(1))
            .add("rnn.gain_l0", List.of(HIDDEN), new Initialization.Uniform(1, 1))
            .add("rnn.decay_l0", List.of(2, HIDDEN), new Initialization.Uniform(-0.5f, 2))
            .matrix("head.weight", 6, HIDDEN)
            .vector("head.bias", 6)
            .build();

    private static float[] theta(Scheme scheme, double forgetBias) {
        return new Initializer(scheme, forgetBias).parameters(LAYOUT, 3);
    }

    private static double largest(float[] theta, String name) {
        Slot slot = LAYOUT.slot(name);
        double largest = 0;
        for (int i = slot.offset(); i < slot.offset() + slot.size(); i++) {
            largest = Math.max(largest, Math.abs(theta[i]));
        }
        return largest;
    }

    @Test
    void uniform_isBoundedByTheHiddenSize() {
        float[] theta = theta(Scheme.UNIFORM, 0);
        for (String name : new String[] {"rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "head.weight"}) {
            assertEquals(1 / Math.sqrt(HIDDEN), largest(theta, name), 0.02, name);
        }
    }

    @Test
    void glorot_isBoundedByInputsAndOutputs_withoutBiases() {
        float[] theta = theta(Scheme.GLOROT, 0);
        assertEquals(Math.sqrt(6.0 / (INPUTS + HIDDEN)), largest(theta, "rnn.weight_ih_l0"), 0.005);
        assertEquals(Math.sqrt(6.0 / (2 * HIDDEN)), largest(theta, "rnn.weight_hh_l0"), 0.005);
        assertEquals(0, largest(theta, "rnn.bias_ih_l0"));
    }

    @Test
    void orthogonal_everyGateKeepsLengths() {
        float[] theta = theta(Scheme.ORTHOGONAL, 0);
        for (int gate = 0; gate < 4; gate++) {
            int at = LAYOUT.slot("rnn.weight_hh_l0").offset() + gate * HIDDEN * HIDDEN;
            for (int i = 0; i < HIDDEN; i++) {
                for (int j = 0; j <= i; j++) {
                    double dot = 0;
                    for (int k = 0; k < HIDDEN; k++) {
                        dot += (double) theta[at + i * HIDDEN + k] * theta[at + j * HIDDEN + k];
                    }
                    assertEquals(i == j ? 1 : 0, dot, 1e-6, gate + ", " + i + ", " + j);
                }
            }
        }
    }

    /** Of W_hh (4 H, P) the columns of each gate, and of W_hr (P, H) the rows, are orthonormal. */
    @Test
    void orthogonal_projectedStates_keepLengths() {
        int size = 12;
        ParameterLayout layout = projected(size);
        float[] theta = new Initializer(Scheme.ORTHOGONAL, 0).parameters(layout, 3);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double[] dots = new double[5];
                for (int k = 0; k < HIDDEN; k++) {
                    for (int gate = 0; gate < 4; gate++) {
                        int row = layout.slot("rnn.weight_hh_l0").offset() + (gate * HIDDEN + k) * size;
                        dots[gate] += (double) theta[row + i] * theta[row + j];
                    }
                    int at = layout.slot("rnn.weight_hr_l0").offset() + k;
                    dots[4] += (double) theta[at + i * HIDDEN] * theta[at + j * HIDDEN];
                }
                for (double dot : dots) {
                    assertEquals(i == j ? 1 : 0, dot, 1e-6, i + ", " + j);
                }
            }
        }
    }

    @Test
    void everyScheme_ofProjectedStates_isOfTheirSizes() {
        ParameterLayout layout = projected(10);
        Slot weight = layout.slot("rnn.weight_hr_l0");
        double bound = Math.sqrt(6.0 / (10 + HIDDEN));
        float[] glorot = new Initializer(Scheme.GLOROT, 0).parameters(layout, 3);
        float[] identity = new Initializer(Scheme.IDENTITY, 0).parameters(layout, 3);
        float[] uniform = new Initializer(Scheme.UNIFORM, 0).parameters(layout, 3);
        double largest = 0;
        double largestOfUniform = 0;
        for (int i = 0; i < weight.size(); i++) {
            largest = Math.max(largest, Math.abs(glorot[weight.offset() + i]));
            largestOfUniform = Math.max(largestOfUniform, Math.abs(uniform[weight.offset() + i]));
            boolean diagonal = i / HIDDEN == i % HIDDEN;
            assertEquals(diagonal ? 1 : 0, identity[weight.offset() + i], "element " + i);
        }
        assertEquals(bound, largest, 0.02);
        assertEquals(1 / Math.sqrt(HIDDEN), largestOfUniform, 0.02);
    }

    private static ParameterLayout projected(int size) {
        return new ParameterLayout.Builder()
                .hiddenSize(HIDDEN)
                .matrix("rnn.weight_hh_l0", 4 * HIDDEN, size)
                .matrix("rnn.weight_hr_l0", size, HIDDEN)
                .matrix("head.weight", 6, size)
                .vector("head.bias", 6)
                .build();
    }

    @Test
    void identity_carriesTheStateOn() {
        float[] theta = theta(Scheme.IDENTITY, 0);
        Slot recurrent = LAYOUT.slot("rnn.weight_hh_l0");
        for (int row = 0; row < recurrent.rows(); row++) {
            for (int column = 0; column < HIDDEN; column++) {
                float weight = theta[recurrent.offset() + row * HIDDEN + column];
                assertEquals(row % HIDDEN == column ? 1f : 0f, weight);
            }
        }
        assertTrue(largest(theta, "rnn.weight_ih_l0") < 0.006);
    }

    @Test
    void uniform_ofItsOwn_holdsWhateverTheScheme() {
        for (Scheme scheme : Scheme.values()) {
            float[] theta = theta(scheme, 0);
            Slot gain = LAYOUT.slot("rnn.gain_l0");
            Slot decay = LAYOUT.slot("rnn.decay_l0");
            for (int i = 0; i < gain.size(); i++) {
                assertEquals(1f, theta[gain.offset() + i]);
            }
            double least = Double.POSITIVE_INFINITY;
            double most = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < decay.size(); i++) {
                least = Math.min(least, theta[decay.offset() + i]);
                most = Math.max(most, theta[decay.offset() + i]);
            }
            assertTrue(least >= -0.5 && least < -0.3 && most <= 2 && most > 1.8, least + " to " + most);
        }
    }

    @Test
    void forgetBias_withoutAForgetGate_isRefused() {
        ParameterLayout layout = new ParameterLayout.Builder()
                .matrix("rnn.weight_ih_l0", HIDDEN, INPUTS)
                .vector("rnn.bias_ih_l0", HIDDEN)
                .matrix("head.weight", 6, HIDDEN)
                .build();
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new Initializer(Scheme.UNIFORM, 1).parameters(layout, 1))
                .getMessage();
        assertEquals("forget-bias is 1.0, and the cell has no forget gate; allowed is 0", message);
    }

    @Test
    void forgetBias_isThatOfTheForgetGateAlone() {
        float[] theta = theta(Scheme.UNIFORM, 1.5);
        float[] plain = theta(Scheme.UNIFORM, 0);
        Slot slot = LAYOUT.slot("rnn.bias_ih_l0");
        int recurrent = LAYOUT.slot("rnn.bias_hh_l0").offset();
        for (int i = 0; i < slot.size(); i++) {
            boolean forget = i / HIDDEN == 1;
            assertEquals(forget ? 1.5f : plain[slot.offset() + i], theta[slot.offset() + i]);
            assertEquals(forget ? 0f : plain[recurrent + i], theta[recurrent + i]);
        }
    }
}
