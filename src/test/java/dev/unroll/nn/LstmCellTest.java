package dev.unroll.nn;

import static dev.unroll.nn.OneStep.sigmoid;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Each gate of the LSTM apart: a mistake in the cell fails here first, and under the name of its gate. */
@Order(1)
class LstmCellTest {

    /** {@code c_t = f c_{t-1} + i g, h_t = o tanh(c_t)}; the blocks are i, f, g, o. */
    private final OneStep step = new OneStep(new LstmCell(), (a, hPrevious, cPrevious) -> {
        double c = sigmoid(a[1]) * cPrevious + sigmoid(a[0]) * Math.tanh(a[2]);
        return new OneStep.State(sigmoid(a[3]) * Math.tanh(c), c);
    });

    @Test
    void forward_agreesWithTheEquations() {
        step.requireForward();
    }

    @Test
    void backward_ofTheCellStateBefore_agreesWithTheEquations() {
        step.requireStateBefore();
    }

    @Test
    void backward_ofGate_i_agreesWithTheEquations() {
        step.requireGate("i", 0);
    }

    @Test
    void backward_ofGate_f_agreesWithTheEquations() {
        step.requireGate("f", 1);
    }

    @Test
    void backward_ofGate_g_agreesWithTheEquations() {
        step.requireGate("g", 2);
    }

    @Test
    void backward_ofGate_o_agreesWithTheEquations() {
        step.requireGate("o", 3);
    }
}
