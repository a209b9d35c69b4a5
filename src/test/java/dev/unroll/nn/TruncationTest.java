package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;
import dev.unroll.param.Initializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Truncated back-propagation through time: borders, and that drawn borders leave the mean of the gradient where it was. */
class TruncationTest {

    private static final int LONGEST = 8;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "full",
                "fixed",
                "fixed:0",
                "fixed:x",
                "fixed:-1",
                "randomized:0",
                "randomized:1.5",
                "randomized:NaN"
            })
    void parse_anythingElse_isRefusedWithWhatIsAllowed(String text) {
        assertFalse(Truncation.accepts(text));
        String message = assertThrows(IllegalArgumentException.class, () -> Truncation.parse(text))
                .getMessage();
        assertTrue(message.contains(Truncation.ALLOWED), message);
    }

    @Test
    void parse_knowsItsForms() {
        assertEquals(Truncation.NONE, Truncation.parse("none"));
        assertEquals(new Truncation(35, 1), Truncation.parse("fixed:35"));
        assertEquals(new Truncation(0, 0.25), Truncation.parse("randomized:0.25"));
    }

    @ParameterizedTest
    @CsvSource({"elman, 1, false", "lstm, 2, false", "gru, 2, true", "mingru, 2, false"})
    void fixed_atLeastAsLongAsTheSequences_isFullToTheBit(String cell, int layers, boolean bidirectional) {
        Case c = new Case(cell, layers, bidirectional);
        float[] full = c.gradient(Truncation.NONE, 0);
        assertArrayEquals(full, c.gradient(Truncation.parse("fixed:" + LONGEST), 0));
        assertArrayEquals(full, c.gradient(Truncation.parse("randomized:1"), 0));
        assertFalse(Arrays.equals(full, c.gradient(Truncation.parse("fixed:" + (LONGEST - 1)), 0)));
    }

    /**
     * The mean over many draws lies where the full gradient is: for every parameter within 5.5 standard errors, which fails by chance for
     * one of some 26 million parameters.
     */
    @ParameterizedTest
    @CsvSource({"elman, 1, false", "lstm, 2, true", "gru, 1, false"})
    void randomized_isUnbiased(String cell, int layers, boolean bidirectional) {
        Case c = new Case(cell, layers, bidirectional);
        float[] full = c.gradient(Truncation.NONE, 0);
        Truncation truncation = Truncation.parse("randomized:0.6");
        int draws = 4000;
        double[] sum = new double[full.length];
        double[] squares = new double[full.length];
        for (int epoch = 0; epoch < draws; epoch++) {
            float[] one = c.gradient(truncation, epoch);
            for (int k = 0; k < one.length; k++) {
                sum[k] += one[k];
                squares[k] += (double) one[k] * one[k];
            }
        }
        double spread = 0;
        for (int k = 0; k < full.length; k++) {
            double mean = sum[k] / draws;
            double error = Math.sqrt(Math.max(0, squares[k] / draws - mean * mean) / draws);
            spread = Math.max(spread, error);
            assertEquals(full[k], mean, 5.5 * error + 1e-5, "parameter " + k);
        }
        assertTrue(spread > 1e-4, "nothing was drawn");
    }

    /** A network and some ragged sequences. */
    private record Case(NetworkSpec spec, float[] theta, SequenceBatch batch) {

        Case(String cell, int layers, boolean bidirectional) {
            this(
                    new NetworkSpec(
                            new NetworkSpec.Tokens(5, 3),
                            cell,
                            "tanh",
                            4,
                            layers,
                            bidirectional,
                            new HeadSpec(3, true)),
                    null,
                    new SequenceBatch());
        }

        Case {
            long seed = 21;
            if (theta == null) {
                theta = Initializer.initialize(spec.layout(), seed);
                List<Sequence> sequences = new ArrayList<>();
                for (int s = 0; s < 4; s++) {
                    sequences.add(RandomSequence.of(spec, LONGEST - s, 1f, new CounterRandom(seed, s)));
                }
                batch.pack(sequences);
            }
        }

        float[] gradient(Truncation truncation, long epoch) {
            Network network = new Network(spec);
            float[] gradient = new float[theta.length];
            network.accumulate(
                    network.bind(theta),
                    batch,
                    new LossSpec(LossReduction.STEP),
                    null,
                    new Unrolling(0, truncation),
                    new Draws(1, epoch, 1),
                    network.newWorkspace(),
                    List.of(new PartialSum(gradient, new LossSum())),
                    null);
            return gradient;
        }
    }
}
