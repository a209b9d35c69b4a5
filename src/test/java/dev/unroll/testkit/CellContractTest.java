package dev.unroll.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CellContractTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "elman",
                "lstm",
                "gru",
                "mingru",
                "layernorm",
                "rightlyscaled",
                "rootofgain",
                "peephole",
                "layernormlstm"
            })
    void goodCells_keepIt(String cell) {
        CellContract.check(cell);
    }

    @ParameterizedTest
    @CsvSource({
        "slopeforgotten, look at backward",
        "seesothers, a row must not see the others",
        "hidesstate, outputs than alone",
        "forgetscellstate, look at backward",
        "unbounded, although isBounded is true",
        "flowson, backward",
        "wronggain, along a random direction of rnn.gain_l0",
        "noshift, along a random direction of rnn.shift_l0",
        "littleshift, along a random direction of rnn.shift_l0",
        "shiftaddsup, along a random direction of rnn.shift_l0",
        "notfinite, the loss is NaN; forward must give finite numbers",
        "gainpassedby, along a random direction of embedding.weight"
    })
    void wrongCells_areFound(String cell, String advice) {
        AssertionError error = assertThrows(AssertionError.class, () -> CellContract.check(cell));
        assertTrue(
                error.getMessage().startsWith("cell " + cell + ": ")
                        && error.getMessage().contains(advice),
                error.getMessage());
    }

    /** Whoever reads the message must see whether the cell or the check is to blame. */
    @Test
    void wrongGradient_isShownWithItsErrorByStep() {
        String message = assertThrows(AssertionError.class, () -> CellContract.check("slopeforgotten"))
                .getMessage();
        assertTrue(
                message.matches(
                        "cell slopeforgotten: along a random direction of \\S+ the gradient says \\S+, and differences of the"
                                + " loss say (\\S+ at step \\S+ \\(relative error \\S+\\)(, |; )){5}the error does not fall with the step;"
                                + " look at backward \\(1 layer, the head reads the last state\\)"),
                message);
    }

    @Test
    void unknownCell_isNamed_withThoseThatThereAre() {
        String message = assertThrows(IllegalArgumentException.class, () -> CellContract.check("eyehole"))
                .getMessage();
        assertTrue(
                message.startsWith(
                        "cell is eyehole; allowed are elman, lstm, gru and mingru, and on this class path [flowson,"),
                message);
    }
}
