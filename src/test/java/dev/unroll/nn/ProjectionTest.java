package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of projected states; their numbers are checked with those of all networks. */
class ProjectionTest {

    private static NetworkSpec spec(String cell) {
        return new NetworkSpec(new NetworkSpec.Tokens(7, 6), cell, "tanh", 9, 2, true, new HeadSpec(3, false));
    }

    @Test
    void layout_hasThePyTorchShapes() {
        NetworkSpec spec = spec("lstm").withProjection(4);
        assertEquals(List.of(36, 6), spec.layout().slot("rnn.weight_ih_l0").shape());
        assertEquals(
                List.of(36, 4), spec.layout().slot("rnn.weight_hh_l0_reverse").shape());
        assertEquals(List.of(4, 9), spec.layout().slot("rnn.weight_hr_l0").shape());
        assertEquals(List.of(36, 8), spec.layout().slot("rnn.weight_ih_l1").shape());
        assertEquals(List.of(3, 8), spec.layout().slot("head.weight").shape());
        List<String> names = List.copyOf(spec.layout().names()).subList(1, 7);
        assertEquals(
                List.of(
                        "rnn.weight_ih_l0",
                        "rnn.weight_hh_l0",
                        "rnn.bias_ih_l0",
                        "rnn.bias_hh_l0",
                        "rnn.weight_hr_l0",
                        "rnn.weight_ih_l0_reverse"),
                names);
    }

    /** Fingerprints of checkpoints have this text: without a projection it is that of before. */
    @Test
    void text_namesAProjection_whereThereIsOne() {
        NetworkSpec spec = spec("lstm");
        assertEquals(
                "NetworkSpec[input=" + spec.input() + ", cell=lstm, activation=tanh, hiddenSize=9, numLayers=2,"
                        + " bidirectional=true, head=" + spec.head() + "]",
                spec.toString());
        assertTrue(spec.withProjection(4).toString().contains(", hiddenSize=9, projSize=4, numLayers=2,"));
    }

    /** A state is the sum of H numbers below 1, each times a weight. */
    @Test
    void projectedStates_areNotBounded() {
        assertTrue(new Network(spec("lstm")).hasBoundedStates());
        assertFalse(new Network(spec("lstm").withProjection(4)).hasBoundedStates());
    }

    @Test
    void newState_hasTheNumbersOfEach() {
        State state = new Network(spec("lstm").withProjection(4)).newState(3);
        assertEquals(12, state.h()[1].length);
        assertEquals(27, state.c()[1].length);
    }

    /** 6 P G in place of 6 H G, and 6 P H more; above the first layer and in the head D P inputs in place of D H. */
    @Test
    void flops_countBothProducts() {
        double g = 4 * 9;
        double first = (4 * 6 + 2 * 6) * g + 6 * 4 * g + 6 * 4 * 9;
        double second = 6 * 8 * g + 6 * 4 * g + 6 * 4 * 9;
        double head = 6 * 8 * 3;
        NetworkCost cost = new NetworkCost(spec("lstm").withProjection(4));
        assertEquals(10 * 2 * (first + second) + 5 * head, cost.flops(5, 10));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lstm | 9 | proj-size is 9 and hidden-size is 9; allowed is 0 (no projection), or at least 1 and less than hidden-size",
                "lstm | -1 | proj-size is -1 and hidden-size is 9; allowed is 0 (no projection), or at least 1 and less than hidden-size",
                "gru | 4 | proj-size is 4, which goes with cell lstm only, and cell is gru; allowed is 0 (no projection)",
                "peephole | 4 | proj-size is 4, which goes with cell lstm only, and cell is peephole; allowed is 0 (no projection)",
                "layernormlstm | 4 | proj-size is 4, which goes with cell lstm only, and cell is layernormlstm; allowed is 0 (no projection)"
            })
    void projection_thatDoesNotGo_isRefused(String cell, int size, String message) {
        NetworkSpec spec = spec(cell);
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> spec.withProjection(size))
                        .getMessage());
    }
}
