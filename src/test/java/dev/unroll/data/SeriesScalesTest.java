package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.math.CounterRandom;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences scaled by their series: against exact arithmetic and plain loops. */
class SeriesScalesTest {

    private static final int WIDTH = 3;
    private static final List<String> KEY = List.of("north, \"1\"", "Ａ");

    private static CanonicalRow row(int seed, double level) {
        CounterRandom random = new CounterRandom(43, seed);
        double[] values = new double[WIDTH * (2 + seed % 5)];
        for (int i = 0; i < values.length; i++) {
            boolean missing = i % WIDTH == 1 && random.below(4, 2L * i) == 0;
            values[i] = missing ? Double.NaN : level + random.normal(2L * i + 1);
        }
        return CanonicalRow.ofValues(values, WIDTH, RowOutcome.targets(new double[] {level + 2, Double.NaN}, 1), 1f);
    }

    private static Standardization scale(List<CanonicalRow> rows) {
        byte[] sum = SeriesSum.none(WIDTH).toBytes();
        for (CanonicalRow row : rows) {
            sum = SeriesSum.merge(sum, SeriesSum.of(row, WIDTH).toBytes());
        }
        return SeriesSum.read(sum).scale();
    }

    @ParameterizedTest
    @CsvSource({"0", "1e3", "-1e9", "1e30"})
    void scale_isThatOfExactArithmetic_inEveryOrder(double level) {
        List<CanonicalRow> rows = new ArrayList<>();
        for (int n = 0; n < 30; n++) {
            rows.add(row(n, level));
        }
        Standardization scale = scale(rows);
        for (int j = 0; j < WIDTH; j++) {
            List<BigDecimal> column = new ArrayList<>();
            for (CanonicalRow row : rows) {
                for (int i = j; i < row.numbers().length; i += WIDTH) {
                    if (!Double.isNaN(row.numbers()[i])) {
                        column.add(new BigDecimal(row.numbers()[i]));
                    }
                }
            }
            BigDecimal count = BigDecimal.valueOf(column.size());
            MathContext digits = new MathContext(80);
            BigDecimal mean =
                    column.stream().reduce(BigDecimal.ZERO, BigDecimal::add).divide(count, digits);
            BigDecimal variance = column.stream()
                    .map(x -> x.subtract(mean).pow(2))
                    .reduce(BigDecimal.ZERO, BigDecimal::add)
                    .divide(count, digits);
            assertEquals(mean.doubleValue(), scale.means()[j]);
            double deviation = Math.sqrt(variance.doubleValue());
            boolean constant = deviation <= 1e-10 * Math.abs(mean.doubleValue());
            assertEquals(constant ? Math.abs(scale.means()[j]) : deviation, scale.deviations()[j]);
        }
        for (int seed = 1; seed < 5; seed++) {
            Collections.shuffle(rows, new Random(seed));
            assertArrayEquals(scale.means(), scale(rows).means(), "seed " + seed);
            assertArrayEquals(scale.deviations(), scale(rows).deviations(), "seed " + seed);
        }
    }

    /** What is never there keeps mean 0 and deviation 1; what never changes is measured in its own size. */
    @Test
    void scale_ofConstantsAndOfNothing_isThatOfWindows() {
        double[] values = {5, Double.NaN, 0, 5, Double.NaN, 0};
        Standardization scale = scale(List.of(CanonicalRow.ofValues(values, WIDTH, RowOutcome.NONE, 1f)));
        assertArrayEquals(new double[] {5, 0, 0}, scale.means());
        assertArrayEquals(new double[] {5, 1, 1}, scale.deviations());
        assertFalse(SeriesSum.none(WIDTH).hasLevel());
        assertTrue(SeriesSum.of(row(1, 0), WIDTH).hasLevel());
    }

    private static SeriesScales scales(int series) {
        Map<List<String>, Standardization> all = new HashMap<>();
        for (int s = 0; s < series; s++) {
            double[] means = {s, 10 * s};
            double[] deviations = {1 + s, 2 + s};
            all.put(List.of("shop " + s % 7, Integer.toString(s)), new Standardization(means, deviations, true));
        }
        return SeriesScales.of(List.of("shop", "item"), all);
    }

    @Test
    void decodedRow_isScaledByItsSeries_butForTheLastNumbers() {
        SeriesScales scales = scales(100);
        Encoding encoding = new Encoding(null, null, Scaling.bySeries(scales, 1));
        for (int s = 0; s < 100; s++) {
            CanonicalRow plain = row(s, 50 * s);
            CanonicalRow row = plain.ofSeries(List.of("shop " + s % 7, Integer.toString(s)));
            Sequence sequence = row.decode(encoding);
            double[] x = plain.numbers();
            double[] mean = {s, 10 * s, 0};
            double[] deviation = {1 + s, 2 + s, 1};
            for (int i = 0; i < x.length; i++) {
                float expected = (float) ((x[i] - mean[i % WIDTH]) / deviation[i % WIDTH]);
                assertEquals(expected, sequence.values()[i], "series " + s);
            }
            assertEquals((float) ((50 * s + 2 - mean[0]) / deviation[0]), sequence.targets()[0]);
            assertEquals(mean[0] + 3 * deviation[0], sequence.ownScale().undo(3, 0));
            assertNull(sequence.unmeasured().ownScale());
        }
        CanonicalRow unknown = row(1, 1).ofSeries(List.of("shop 1", "2"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> unknown.decode(encoding))
                .getMessage()
                .contains("there is no series shop 1, 2 among the 100 by shop, item"));
    }

    @Test
    void series_followsTheRow_whichIsAsBeforeWithoutIt() {
        float[] weights = {0.5f, 2};
        CanonicalRow plain = row(3, 0.1);
        CanonicalRow weighted = CanonicalRow.ofValues(
                plain.numbers(),
                WIDTH,
                RowOutcome.targets(new double[] {1, 0.1}, 1).weighted(weights),
                3f);
        for (CanonicalRow row : List.of(plain, weighted)) {
            CanonicalRow ofSeries = row.ofSeries(KEY);
            assertEquals(List.of(), row.series());
            assertEquals(KEY, ofSeries.series());
            assertArrayEquals(row.numbers(), ofSeries.numbers());
            assertArrayEquals(row.outcome().targets(), ofSeries.outcome().targets());
            assertArrayEquals(row.outcome().weights(), ofSeries.outcome().weights());
            assertEquals(row.splitPosition(), ofSeries.splitPosition());
            assertFalse(row.hash(1) == ofSeries.hash(1));
            assertFalse(
                    ofSeries.hash(1) == row.ofSeries(List.of(KEY.get(0), "A")).hash(1));
        }
    }

    @Test
    void table_findsEverySeries_andNoOther() {
        for (int size : new int[] {1, 2, 3, 100, 1000}) {
            SeriesScales scales = scales(size);
            assertEquals(size, scales.size());
            assertEquals(2, scales.width());
            for (int s = 0; s < size; s++) {
                List<String> key = List.of("shop " + s % 7, Integer.toString(s));
                assertEquals(s, scales.of(key, 0).means()[0]);
                assertFalse(scales.knows(List.of(key.get(1), key.get(0))));
                assertFalse(scales.knows(List.of(key.get(0), key.get(1) + "x")));
            }
            assertFalse(scales.knows(List.of("shop 1")));
            assertFalse(scales.knows(List.of()));
        }
    }

    private static void assertRefused(String sentence, List<String> columns, List<String> keys, double... means) {
        double[] deviations = new double[means.length];
        java.util.Arrays.fill(deviations, 1);
        Standardization numbers = new Standardization(means, deviations, true);
        RuntimeException refused =
                assertThrows(IllegalArgumentException.class, () -> new SeriesScales(columns, keys, numbers));
        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
    }

    @Test
    void table_thatDoesNotFit_isRefused() {
        String sizes = "allowed is at least one of each, and as many of each key";
        assertRefused(sizes, List.of(), List.of(), 1);
        assertRefused(sizes, List.of("k"), List.of(), 1);
        assertRefused(sizes, List.of("k"), List.of("a"));
        assertRefused(sizes, List.of("k", "l"), List.of("a"), 1);
        assertRefused(sizes, List.of("k"), List.of("a", "b"), 1, 2, 3);
        assertRefused("series 0 and 1 are equal or in another order", List.of("k"), List.of("a", "a"), 1, 2);
        assertRefused("series 1 and 2 are equal or in another order", List.of("k"), List.of("a", "c", "b"), 1, 2, 3);
        List<String> wide = Collections.nCopies(SeriesScales.MAX_COLUMNS + 1, "k");
        assertRefused("there are 17 key columns; scale by-key allows 16", wide, wide, 1);
        Map<List<String>, Standardization> many = new HashMap<>();
        Standardization one = new Standardization(new double[1], new double[] {1}, true);
        for (int s = 0; s <= SeriesScales.MAX_SERIES; s++) {
            many.put(List.of("k" + s), one);
        }
        InputException refused = assertThrows(InputException.class, () -> SeriesScales.of(List.of("k"), many));
        assertTrue(
                refused.getMessage()
                        .contains("there are 131073 series with means of 1 numbers each; scale by-key allows 131072"),
                refused.getMessage());
        many.remove(List.of("k7"));
        assertEquals(
                SeriesScales.MAX_SERIES, SeriesScales.of(List.of("k"), many).size());
        assertThrows(InputException.class, () -> SeriesScales.of(wide, Map.of(wide, one)));
    }
}
