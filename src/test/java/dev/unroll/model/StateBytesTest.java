package dev.unroll.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Labels;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Tokens;
import dev.unroll.param.Initializer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state of a stepper as bytes: another stepper continues with the same bits, and that of another model refuses it. */
class StateBytesTest {

    private static final List<String> TOKENS = List.of("a", "b", "c", "a", "a", "?", "b");

    private static Predictor predictor(String cell, long seed) {
        NetworkSpec spec = new NetworkSpec(new Tokens(4, 3), cell, "tanh", 5, 2, false, new HeadSpec(2, true));
        float[] theta = Initializer.initialize(spec.layout(), seed);
        return new Predictor(new Model(
                spec, theta, Vocabulary.ofTokens(List.of("a", "b", "c")), Labels.ofText(List.of("n", "y")), Map.of()));
    }

    /** A new process after every step. */
    @ParameterizedTest
    @ValueSource(strings = {"elman", "lstm", "gru", "mingru"})
    void resume_afterEveryStep_predictsTheBitsOfTheWholeSequence(String cell) {
        float[] whole = predictor(cell, 3).predict(TOKENS).raw();
        byte[] saved = predictor(cell, 3).stepper().state();
        for (int t = 0; t < TOKENS.size(); t++) {
            Predictor.Stepper stepper = predictor(cell, 3).stepper();
            stepper.resume(saved);
            Prediction step = stepper.step(TOKENS.get(t));
            assertArrayEquals(Arrays.copyOfRange(whole, 2 * t, 2 * t + 2), step.raw(), "the same bits");
            saved = stepper.state();
        }
    }

    @Test
    void state_ofAnotherModel_orDamaged_isRefused() {
        byte[] saved = predictor("lstm", 3).stepper().state();
        Predictor.Stepper other = predictor("lstm", 4).stepper();
        String message = assertThrows(IllegalArgumentException.class, () -> other.resume(saved))
                .getMessage();
        assertTrue(message.contains(predictor("lstm", 3).model().parameterHash()), message);
        assertTrue(message.contains(predictor("lstm", 4).model().parameterHash()), message);
        Predictor.Stepper same = predictor("lstm", 3).stepper();
        assertThrows(IllegalArgumentException.class, () -> same.resume(Arrays.copyOf(saved, saved.length - 1)));
        assertThrows(IllegalArgumentException.class, () -> same.resume(new byte[0]));
        saved[0] = 2;
        assertThrows(IllegalArgumentException.class, () -> same.resume(saved));
    }
}
