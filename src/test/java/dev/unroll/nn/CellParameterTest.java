package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import dev.unroll.param.Start;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A cell's own parameters in the layout, and what is refused. */
class CellParameterTest {

    @Test
    void parameters_followTheBiasesOfTheirLayerAndDirection() {
        ParameterLayout layout = new NetworkSpec(
                        new NetworkSpec.Dense(2), "peephole", "tanh", 4, 2, true, new NetworkSpec.HeadSpec(3, true))
                .layout();
        List<String> names = List.copyOf(layout.names());
        int at = names.indexOf("rnn.bias_hh_l1_reverse");
        assertEquals(
                List.of(
                        "rnn.weight_ci_l1_reverse",
                        "rnn.weight_cf_l1_reverse",
                        "rnn.weight_co_l1_reverse",
                        "head.weight"),
                names.subList(at + 1, at + 5));
        Slot slot = layout.slot("rnn.weight_cf_l0");
        assertEquals(List.of(4), slot.shape());
        assertEquals(new Start.Range(-0.5f, 0.5f), slot.start());
        assertEquals(new Start.ForgetGate(1), layout.slot("rnn.bias_hh_l0").start());
    }

    @Test
    void wrongOnes_areRefused() {
        refused("is called weight_ih", () -> CellParameter.constant("weight_ih", 0, 3));
        refused("is called Gain", () -> CellParameter.constant("Gain", 0, 3));
        refused("gain has shape []", () -> CellParameter.constant("gain", 0));
        refused("gain has shape [2, 0]", () -> CellParameter.constant("gain", 0, 2, 0));
        refused("gain begins between 1.0 and 0.0", () -> CellParameter.uniform("gain", 1, 0, 3));
        refused("gain begins between NaN and NaN", () -> CellParameter.constant("gain", Float.NaN, 3));
    }

    private static void refused(String words, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(words), message);
    }
}
