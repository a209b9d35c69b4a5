package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.math.CounterRandom;
import org.junit.jupiter.api.Test;

/** What dropout draws, and by which key. */
class DropoutTest {

    private static final Unrolling THIRD = new Unrolling(1.0 / 3, Truncation.NONE);

    @Test
    void dropoutFactor_isScaled_soThatTheMeanStaysOne() {
        CounterRandom random = new Draws(1, 0, 1).dropout(7, 1, 3);
        int draws = 100_000;
        double sum = 0;
        int dropped = 0;
        for (int unit = 0; unit < draws; unit++) {
            float factor = THIRD.dropoutFactor(random.uniform(unit));
            dropped += factor == 0 ? 1 : 0;
            sum += factor;
        }
        double error = Math.sqrt(1.0 / 3 * 2 / 3 / draws);
        assertEquals(1.0 / 3, (double) dropped / draws, 5 * error);
        assertEquals(1, sum / draws, 5 * 1.5 * error);
    }

    @Test
    void draws_dependOnSeedEpochSequenceLayerAndStep_andNothingElse() {
        long first = new Draws(1, 2, 8).dropout(3, 1, 4).bits(0);
        assertEquals(first, new Draws(1, 2, 3).dropout(3, 1, 4).bits(0)); // however many shards
        long[] others = {
            new Draws(2, 2, 8).dropout(3, 1, 4).bits(0),
            new Draws(1, 3, 8).dropout(3, 1, 4).bits(0),
            new Draws(1, 2, 8).dropout(4, 1, 4).bits(0),
            new Draws(1, 2, 8).dropout(3, 2, 4).bits(0),
            new Draws(1, 2, 8).dropout(3, 1, 5).bits(0),
        };
        assertArrayEquals(
                new long[0],
                java.util.Arrays.stream(others).filter(x -> x == first).toArray());
    }

    @Test
    void dropout_outOfRange_isRefused() {
        for (double p : new double[] {-0.1, 1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> new Unrolling(p, Truncation.NONE));
        }
    }
}
