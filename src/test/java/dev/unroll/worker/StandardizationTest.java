package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.ColumnRanges;
import dev.unroll.data.Encoding;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Standardization;
import dev.unroll.data.Vocabulary;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Means, deviations and scaled numbers of columns at any level, compared with exact arithmetic. */
class StandardizationTest {

    private static final int ROWS = 200;

    /** The scaling of some steps of numbers, as a training finds it. */
    private static Standardization found(CanonicalRow row) {
        ColumnRanges ranges = new ColumnRanges();
        row.addTo(ranges, new ColumnRanges(), new ColumnRanges());
        Scaling coarse = new Scaling(Standardization.coarse(ranges), Standardization.NONE);
        StatisticsSum sum = new StatisticsSum(row.width(), 0);
        sum.add(row.decode(new Encoding(null, null, coarse)));
        return sum.scaling(coarse).inputs();
    }

    private static CanonicalRow row(double[] values, int width) {
        return CanonicalRow.ofValues(values, width, RowOutcome.NONE, 1f);
    }

    private static double[] column(double level, double spread) {
        double[] values = new double[ROWS];
        for (int i = 0; i < ROWS; i++) {
            values[i] = level + spread * StrictMath.sin(0.7 * i);
        }
        return values;
    }

    @ParameterizedTest(name = "{0} + {1} sin, in double {2}")
    @CsvSource({
        "0, 1, false",
        "100, 10, false",
        "-5, 0.1, false",
        "10000, 1500, false",
        "1000, 1, true",
        "1e6, 1, true",
        "16777216, 0.5, true",
        "1e8, 14, true",
        "1e9, 10, true",
        "-1e9, 10, true",
        "1700000000, 43200, true",
        "5800000, 250, true",
        "1e12, 1, true",
        "1e15, 3, true",
        "0, 1e-30, false",
        "0, 1e-40, true",
        "0, 1e-60, true",
        "1e-45, 1e-50, true",
        "1e30, 1e20, true",
        "0, 1e38, false"
    })
    void scaledNumbers_areThoseOfExactArithmetic(double level, double spread, boolean inDouble) {
        double[] values = column(level, spread);
        CanonicalRow row = row(values, 1);
        Standardization scaling = found(row);
        assertEquals(inDouble, scaling.inDouble());
        BigDecimal mean = BigDecimal.ZERO;
        for (double value : values) {
            mean = mean.add(new BigDecimal(value));
        }
        mean = mean.divide(BigDecimal.valueOf(ROWS), new MathContext(60));
        BigDecimal squares = BigDecimal.ZERO;
        for (double value : values) {
            squares = squares.add(new BigDecimal(value).subtract(mean).pow(2));
        }
        BigDecimal deviation =
                squares.divide(BigDecimal.valueOf(ROWS), new MathContext(60)).sqrt(new MathContext(40));
        assertEquals(
                1,
                new BigDecimal(scaling.deviations()[0])
                        .divide(deviation, MathContext.DECIMAL64)
                        .doubleValue(),
                1e-6);
        float[] scaled = row.decode(new Encoding(null, null, new Scaling(scaling, Standardization.NONE)))
                .values();
        for (int i = 0; i < ROWS; i++) {
            double exact = new BigDecimal(values[i])
                    .subtract(mean)
                    .divide(deviation, MathContext.DECIMAL64)
                    .doubleValue();
            // Float32 where it is fine: 2^-17 of the range; otherwise double, as which the mean is stored.
            assertEquals(exact, scaled[i], 2e-5 + Math.ulp(values[i]) / spread);
            double back = scaling.undo(scaled[i], 0);
            assertEquals(values[i], back, 2e-5 * spread + Math.ulp(values[i]));
        }
    }

    @Test
    void columnThatNeverChanges_isZero() {
        for (double constant : new double[] {0, 1, 0.1, 1e9 + 0.3, 1e-60, -7}) {
            CanonicalRow row = row(new double[] {constant, constant, constant}, 1);
            float[] scaled = row.decode(new Encoding(null, null, new Scaling(found(row), Standardization.NONE)))
                    .values();
            assertArrayEquals(new float[3], scaled, "of " + constant);
        }
    }

    @Test
    void oneColumnAtAHighLevel_leavesTheOthersAsExact() {
        double[] values = new double[2 * ROWS];
        double[] high = column(1e9, 10);
        double[] low = column(0, 10);
        for (int i = 0; i < ROWS; i++) {
            values[2 * i] = high[i];
            values[2 * i + 1] = low[i];
        }
        CanonicalRow row = row(values, 2);
        float[] scaled = row.decode(new Encoding(null, null, new Scaling(found(row), Standardization.NONE)))
                .values();
        for (int i = 0; i < ROWS; i++) {
            assertEquals(scaled[2 * i + 1], scaled[2 * i], 1e-6);
        }
    }

    @Test
    void rowsOfDoubles_haveTheHashOfRowsOfFloats() {
        double[] values = column(3, 1);
        double[] rounded = new double[ROWS];
        for (int i = 0; i < ROWS; i++) {
            rounded[i] = (float) values[i];
        }
        RowOutcome exact = RowOutcome.targets(new double[] {0.1, 0.2}, 2);
        RowOutcome floats = RowOutcome.targets(new double[] {0.1f, 0.2f}, 2);
        for (CanonicalRow row : List.of(
                CanonicalRow.ofValues(values, 2, exact, 0.5f),
                CanonicalRow.ofValues(values, 2, floats, 0.5f),
                CanonicalRow.ofValues(rounded, 2, exact, 0.5f))) {
            CanonicalRow before = CanonicalRow.ofValues(rounded, 2, floats, 0.5f);
            assertEquals(before.hash(7), row.hash(7));
            assertEquals(before.splitPosition(), row.splitPosition());
            assertEquals(before.length(), row.length());
            assertEquals(2, row.width());
            assertEquals(2, row.targetWidth());
        }
        CanonicalRow text = CanonicalRow.ofTokens(List.of("a", "b"), exact, 1f);
        assertEquals(CanonicalRow.ofTokens(List.of("a", "b"), floats, 1f).hash(1), text.hash(1));
        assertArrayEquals(
                new double[] {0.1, 0.2},
                text.decode(new Encoding(vocabulary(), null)).exactTargets());
    }

    private static Vocabulary vocabulary() {
        return Vocabulary.ofTokens(List.of("a", "b"));
    }

    /** A mark for what is not known, in a target that weighs 0, is not a target. */
    @Test
    void targetsThatWeighNothing_areLeftOut() {
        float[] values = {1, 2, 3, 4};
        StatisticsSum marked = new StatisticsSum(1, 1);
        marked.add(Sequence.ofValues(values, 1, new int[0], 1f)
                .withTargets(new float[] {3.5f, -9999, 3, -9999}, null, 1)
                .withTermWeights(1, 0, 2, 0));
        StatisticsSum missing = new StatisticsSum(1, 1);
        missing.add(Sequence.ofValues(values, 1, new int[0], 1f)
                .withTargets(new float[] {3.5f, Float.NaN, 3, Float.NaN}, null, 1));
        Standardization expected = missing.scaling(Scaling.NONE).targets();
        Standardization actual = marked.scaling(Scaling.NONE).targets();
        assertArrayEquals(new double[] {3.25}, expected.means());
        assertArrayEquals(expected.means(), actual.means());
        assertArrayEquals(expected.deviations(), actual.deviations());
    }
}
