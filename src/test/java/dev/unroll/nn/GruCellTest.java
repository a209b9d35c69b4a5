package dev.unroll.nn;

import static dev.unroll.nn.OneStep.sigmoid;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Each gate of the GRU apart: a mistake in the cell fails here first, and under the name of its gate. */
@Order(1)
class GruCellTest {

    /** {@code n = tanh(a_nx + r a_nh), h_t = n + z (h_{t-1} - n)}; the blocks are n's input part, r, z, n's recurrent part. */
    private final OneStep step = new OneStep(new GruCell(), (a, hPrevious, cPrevious) -> {
        double n = Math.tanh(a[0] + sigmoid(a[1]) * a[3]);
        return new OneStep.State(n + sigmoid(a[2]) * (hPrevious - n));
    });

    @Test
    void forward_agreesWithTheEquations() {
        step.requireForward();
    }

    @Test
    void backward_ofTheStateBefore_agreesWithTheEquations() {
        step.requireStateBefore();
    }

    @Test
    void backward_ofGate_r_agreesWithTheEquations() {
        step.requireGate("r", 1);
    }

    @Test
    void backward_ofGate_z_agreesWithTheEquations() {
        step.requireGate("z", 2);
    }

    @Test
    void backward_ofGate_n_inItsInputPart_agreesWithTheEquations() {
        step.requireGate("nx", 0);
    }

    @Test
    void backward_ofGate_n_inItsRecurrentPart_agreesWithTheEquations() {
        step.requireGate("nh", 3);
    }
}
