package dev.unroll.nn;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Elman's cell with both activations: a mistake in the cell fails here first. */
@Order(1)
class ElmanCellTest {

    private final OneStep tanh =
            new OneStep(new ElmanCell(false), (a, hPrevious, cPrevious) -> new OneStep.State(Math.tanh(a[0])));
    private final OneStep relu =
            new OneStep(new ElmanCell(true), (a, hPrevious, cPrevious) -> new OneStep.State(Math.max(0, a[0])));

    @Test
    void forward_agreesWithTheEquations() {
        tanh.requireForward();
        relu.requireForward();
    }

    @Test
    void backward_handsNothingPastTheProduct() {
        tanh.requireStateBefore();
        relu.requireStateBefore();
    }

    @Test
    void backward_ofTanh_agreesWithTheEquation() {
        tanh.requireGate("tanh", 0);
    }

    @Test
    void backward_ofRelu_agreesWithTheEquation() {
        relu.requireGate("relu", 0);
    }
}
