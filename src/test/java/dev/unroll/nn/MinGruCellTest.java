package dev.unroll.nn;

import static dev.unroll.nn.OneStep.sigmoid;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Each gate of the minGRU apart: a mistake in the cell fails here first, and under the name of its gate. */
@Order(1)
class MinGruCellTest {

    /** {@code h_t = (1 - z) h_{t-1} + z n}; the blocks are z and n. */
    private final OneStep step = new OneStep(
            new MinGruCell(),
            (a, hPrevious, cPrevious) -> new OneStep.State((1 - sigmoid(a[0])) * hPrevious + sigmoid(a[0]) * a[1]));

    @Test
    void forward_agreesWithTheEquations() {
        step.requireForward();
    }

    @Test
    void backward_ofTheStateBefore_agreesWithTheEquations() {
        step.requireStateBefore();
    }

    @Test
    void backward_ofGate_z_agreesWithTheEquations() {
        step.requireGate("z", 0);
    }

    @Test
    void backward_ofGate_n_agreesWithTheEquations() {
        step.requireGate("n", 1);
    }
}
