package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** When a loss counts as still falling fast: by curves whose share of the last fifth is known. */
class LossTrendTest {

    private static List<History.Update> updates(int count, IntToDoubleFunction loss) {
        List<History.Update> updates = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            Phases phases = new Phases(0, 1, 0, 0, 0);
            updates.add(new History.Update(k + 1, 0, loss.applyAsDouble(k), 1, 0.1, 10, 10, phases, 1));
        }
        return updates;
    }

    /** The loss exp(-r k / n) of n updates; its last fifth has some e^-0.7r - e^-0.9r of the descent. */
    private static IntToDoubleFunction decay(double rate, int count) {
        return k -> Math.exp(-rate * k / count);
    }

    private static IntToDoubleFunction noisy(IntToDoubleFunction loss, double deviation) {
        Random random = new Random(7);
        return k -> loss.applyAsDouble(k) + deviation * random.nextGaussian();
    }

    private static Stream<Arguments> curves() {
        return Stream.of(
                Arguments.of("even", 50, (IntToDoubleFunction) k -> 100 - k, true),
                Arguments.of("even, below zero, as of densities", 50, (IntToDoubleFunction) k -> -k, true),
                Arguments.of("even, through zero", 50, (IntToDoubleFunction) k -> 20.0 - k, true),
                Arguments.of("even and small beside its level", 50, (IntToDoubleFunction) k -> 1e6 - k, true),
                Arguments.of("constant", 50, (IntToDoubleFunction) k -> 2, false),
                Arguments.of("rising", 50, (IntToDoubleFunction) k -> k, false),
                Arguments.of("falls, then rises", 50, (IntToDoubleFunction) k -> Math.abs(k - 30), false),
                Arguments.of("falls at once, then constant", 50, (IntToDoubleFunction) k -> k == 0 ? 3 : 1, false),
                Arguments.of("constant, then falls at the end", 50, (IntToDoubleFunction) k -> k < 40 ? 3 : 1, true),
                Arguments.of("decays by e", 100, decay(1, 100), true),
                Arguments.of("decays by e^3: 0.06 of the descent", 100, decay(3, 100), true),
                Arguments.of("decays by e^4: 0.03 of the descent", 100, decay(4, 100), false),
                Arguments.of("decays by e^20, halving to the end", 900, decay(20, 900), false),
                Arguments.of("decays by e under noise", 100, noisy(decay(1, 100), 0.05), true),
                Arguments.of("constant under noise", 100, noisy(k -> 1, 0.5), false),
                Arguments.of("ten updates", 10, (IntToDoubleFunction) k -> 10 - k, true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("curves")
    void lossIsFallingFast(String name, int count, IntToDoubleFunction loss, boolean fast) {
        LossTrend trend = LossTrend.of(updates(count, loss)).orElseThrow();
        assertEquals(fast, trend.isFast(), trend::toString);
        assertTrue(trend.sentence().contains(" of " + count + " updates)"), trend::sentence);
    }

    /** Of an even fall from 100 to 51 in 50 updates: means of 61 to 70 and of 51 to 60, deviations of ten numbers in a row. */
    @Test
    void numbersAreThoseByHand() {
        LossTrend trend = LossTrend.of(updates(50, k -> 100 - k)).orElseThrow();
        assertEquals(100, trend.first());
        assertEquals(65.5, trend.before());
        assertEquals(55.5, trend.last());
        assertEquals(Math.sqrt(2 * 82.5 / 9 / 10), trend.error(), 1e-12);
        assertEquals(10 / 44.5, trend.share(), 1e-12);
    }

    /** After a resume the first loss is not the beginning of the descent. */
    @Test
    void updatesAfterAResume_tellNothing() {
        List<History.Update> updates = updates(50, k -> 100 - k);
        assertTrue(LossTrend.of(updates.subList(1, 50)).isEmpty());
        assertTrue(LossTrend.of(updates.subList(20, 50)).isEmpty());
        assertTrue(LossTrend.of(updates.subList(0, 30)).isPresent());
    }

    @Test
    void fewUpdates_tellNothing() {
        assertTrue(LossTrend.of(updates(9, k -> 10 - k)).isEmpty());
        assertTrue(LossTrend.of(List.of()).isEmpty());
    }
}
