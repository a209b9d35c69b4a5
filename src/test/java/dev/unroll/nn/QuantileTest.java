package dev.unroll.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.Standardization;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Loss.Quantile;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Levels as text, and outputs as quantiles: in the units of the targets, ascending, and no worse for that. */
class QuantileTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            quantile:        | quantiles have the level ; allowed are levels above 0 and below 1, each above the one before
            quantile:0.1,    | quantiles have the level ; allowed
            quantile:0.5,0.5 | quantiles have the level 0.5 after 0.5; allowed
            quantile:0.9,0.1 | quantiles have the level 0.1 after 0.9; allowed
            quantile:0       | quantiles have the level 0; allowed
            quantile:0.0     | quantiles have the level 0.0; allowed
            quantile:0.5,1.0 | quantiles have the level 1.0; allowed
            quantile:-0.5    | quantiles have the level -0.5; allowed
            quantile:5e-1    | quantiles have the level 5e-1; allowed
            quantile:half    | quantiles have the level half; allowed
            quantile:0.1234567890123456 | quantiles have the level 0.1234567890123456; allowed
            quantile         | loss is quantile, and task is regression; allowed are squared, absolute, huber, quantile:LEVELS
            huber:0.5        | loss is huber:0.5, and task is regression; allowed are squared
            """)
    void levels_thatAreNone_areRefusedByName(String setting, String message) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> LossNames.of(LearningTask.REGRESSION, setting));
        assertTrue(e.getMessage().startsWith(message), e.getMessage());
    }

    /** The key goes to files: it is one text for one loss, however the levels were written. */
    @Test
    void levels_keepTheirValues_inOneText() {
        Loss loss = LossNames.of(LearningTask.REGRESSION, "quantile:.10,0.500,0.900000000000001");
        assertEquals("quantile:0.1,0.5,0.900000000000001", loss.key());
        assertEquals(loss, LossNames.of(loss.key()));
        assertEquals(new Loss.Quantile(List.of(0.1, 0.5, 0.900000000000001)), loss);
        assertThrows(IllegalArgumentException.class, () -> new Loss.Quantile(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Loss.Quantile(List.of(1.0 / 3)));
        assertThrows(IllegalArgumentException.class, () -> new Loss.Quantile(List.of(Double.NaN)));
    }

    @Test
    void prediction_isOfTheLevelNearestToAHalf() {
        assertEquals(1, new Loss.Quantile(List.of(0.1, 0.5, 0.9)).point());
        assertEquals(2, new Loss.Quantile(List.of(0.1, 0.2, 0.4, 0.9)).point());
        assertEquals(0, new Loss.Quantile(List.of(0.25, 0.75)).point());
    }

    /** Two numbers, of which the outputs of the first cross. By hand: 10 + 2 o and -1 + 3 o. */
    @Test
    void read_outputsThatCross_ascendInTheUnitsOfTheirTarget() {
        Readout readout = new Readout(HeadSpec.ofTargets(Losses.quantiles(), 2, false));
        Standardization units = new Standardization(new double[] {10, -1}, new double[] {2, 3}, true);
        double[] numbers = new double[readout.width()];
        readout.read(new float[] {9, 1.5f, -0.5f, 1, 0, 1, 2}, 1, units, numbers);
        assertArrayEquals(new double[] {9, 12, 13, -1, 2, 5}, numbers);
        assertEquals(12, readout.prediction(numbers, 0));
        assertEquals(2, readout.prediction(numbers, 1));
    }

    @Test
    void pinballLoss_ofAscendingOutputs_isNoneTheWorse() {
        Quantile loss = Losses.quantiles();
        for (int seed = 0; seed < 500; seed++) {
            CounterRandom random = new CounterRandom(seed);
            float[] o = {(float) random.normal(0), (float) random.normal(1), (float) random.normal(2)};
            float[] ascending = o.clone();
            Arrays.sort(ascending);
            float y = (float) random.normal(3);
            assertTrue(loss.ofTarget(ascending, 0, y, 1) <= loss.ofTarget(o, 0, y, 1) + 1e-7, "seed " + seed);
        }
    }

    @Test
    void slope_atTheKink_isZero() {
        float[] o = {1, 1.5f, -1};
        assertEquals((0.6 * 0.5 + 0.9 * 2) / 3, Losses.quantiles().ofTarget(o, 0, 1, 1), 1e-7);
        assertArrayEquals(new float[] {0, 0.6f / 3, -0.9f / 3}, o, 1e-7f);
    }
}
