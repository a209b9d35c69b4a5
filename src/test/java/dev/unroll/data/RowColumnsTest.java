package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rows whose steps are columns: their bytes, and what they become. */
class RowColumnsTest {

    private static final double NONE = Double.NaN;

    private static CanonicalRow row(RowColumns columns) {
        return CanonicalRow.ofColumns(columns, RowOutcome.labels(List.of("de")), 1f);
    }

    /** Two steps of two numbers and of a category, a static number and two static categories. */
    private static RowColumns columns(double second) {
        return new RowColumns(
                new double[] {1, second, NONE, -0.0},
                2,
                List.of(Arrays.asList("ab", null)),
                new double[] {0.5},
                Arrays.asList(null, "\u20ac"));
    }

    /** Written out by hand from the layout in the comment of CanonicalRow. */
    @Test
    void bytes_areTheLayoutOfTheComment() {
        String outcome = "00 00000001 00 00000002 6465" + "3f800000";
        assertHex(
                "04 00000002 00000002 3f800000 40000000 7fc00000 80000000" // 2 steps of 2 numbers
                        + "00000001 00000002 6162 ffffffff" // 1 column of categories: ab, none
                        + "00000001 3f000000" // 1 static number
                        + "00000002 ffffffff 00000003 e282ac" // 2 static categories: none, euro sign
                        + outcome,
                row(columns(2)));
        assertHex(
                "05 00000002 00000002 3ff0000000000000 3ff199999999999a 7ff8000000000000 8000000000000000"
                        + "00000001 00000002 6162 ffffffff"
                        + "00000001 3fe0000000000000"
                        + "00000002 ffffffff 00000003 e282ac"
                        + outcome,
                row(columns(1.1)));
    }

    private static void assertHex(String expected, CanonicalRow row) {
        assertEquals(expected.replace(" ", ""), HexFormat.of().formatHex(row.bytes()));
    }

    @Test
    void columns_becomeIdsAndScaledNumbers() {
        CanonicalRow row = row(columns(2));
        assertEquals(2, row.length());
        assertEquals(2, row.width());
        assertEquals(1, row.missingNumbers());
        assertEquals(3, row.vocabularies());
        Columns names = new Columns(
                List.of("a", "b"),
                List.of(new Columns.Category("page", Vocabulary.ofTokens(List.of("z", "ab")))),
                List.of("size"),
                List.of(
                        new Columns.Category("town", Vocabulary.ofTokens(List.of("x"))),
                        new Columns.Category("sign", Vocabulary.ofTokens(List.of("\u20ac")))));
        Scaling scaling = new Scaling(Standardization.of(new float[] {3, 4}, new float[] {2, 8}), Standardization.NONE)
                .withStatics(Standardization.of(new float[] {1}, new float[] {0.25f}));
        Labels labels = Labels.ofText(List.of("de", "en"));
        Steps.Mixed steps = (Steps.Mixed)
                row.decode(new Encoding(null, labels, scaling, names)).steps();
        assertArrayEquals(new float[] {-1, -0.25f, Float.NaN, -0.5f}, steps.values());
        assertArrayEquals(new int[][] {{2, 0}}, steps.ids());
        assertArrayEquals(new float[] {-2}, steps.staticValues());
        assertArrayEquals(new int[] {0, 1}, steps.staticIds());
        assertEquals(List.of("de"), row.labels());
    }

    @Test
    void categoriesAlone_areARowWithoutNumbers() {
        CanonicalRow row =
                row(new RowColumns(new double[0], 0, List.of(Arrays.asList("ab", null)), new double[0], List.of()));
        assertHex(
                "04 00000002 00000000 00000001 00000002 6162 ffffffff 00000000 00000000"
                        + "00 00000001 00 00000002 6465 3f800000",
                row);
        assertEquals(List.of(2, 0, 1), List.of(row.length(), row.width(), row.vocabularies()));
        assertEquals(0, row.missingNumbers());
        ColumnRanges steps = new ColumnRanges();
        ColumnRanges statics = new ColumnRanges();
        row.addTo(steps, statics, new ColumnRanges());
        assertEquals(Standardization.NONE, Standardization.coarse(steps));
        assertEquals(Standardization.NONE, Standardization.coarse(statics));
        Vocabulary pages = Vocabulary.ofTokens(List.of("z", "ab"));
        Columns names = new Columns(List.of(), List.of(new Columns.Category("page", pages)), List.of(), List.of());
        Labels labels = Labels.ofText(List.of("de", "en"));
        Steps.Mixed decoded = (Steps.Mixed)
                row.decode(new Encoding(null, labels, Scaling.NONE, names)).steps();
        assertArrayEquals(new int[][] {{2, 0}}, decoded.ids());
        assertEquals(2, decoded.length());
        assertEquals(0, decoded.values().length + decoded.staticValues().length + decoded.staticIds().length);
    }

    @Test
    void numbersOfOneColumnOfFeatures_mayBeMissing() {
        CanonicalRow row = CanonicalRow.ofValues(new double[] {1, NONE, NONE, 4}, 2, RowOutcome.NONE, 1f);
        assertEquals(2, row.missingNumbers());
        Encoding encoding = new Encoding(null, null, Scaling.NONE, Columns.OF_FEATURES);
        Steps.Mixed steps = (Steps.Mixed) row.decode(encoding).steps();
        assertArrayEquals(new float[] {1, Float.NaN, Float.NaN, 4}, steps.values());
        assertEquals(0, steps.ids().length + steps.staticIds().length + steps.staticValues().length);
    }

    @Test
    void scaleByWindow_leavesStaticsToTheTrainingPart() {
        RowColumns columns = new RowColumns(new double[] {1, 3, NONE}, 1, List.of(), new double[] {6}, List.of());
        Scaling scaling = Scaling.BY_WINDOW.withStatics(Standardization.of(new float[] {4}, new float[] {2}));
        Columns names = new Columns(List.of("a"), List.of(), List.of("size"), List.of());
        Sequence sequence = CanonicalRow.ofColumns(columns, RowOutcome.targets(new double[] {5}, 1), 1f)
                .decode(new Encoding(null, null, scaling, names));
        Steps.Mixed steps = (Steps.Mixed) sequence.steps();
        assertArrayEquals(new float[] {-1, 1, Float.NaN}, steps.values());
        assertArrayEquals(new float[] {1}, steps.staticValues());
        assertArrayEquals(new float[] {3}, sequence.targets());
    }

    @Test
    void rangesAndTokens_areThoseOfEachColumn() {
        ColumnRanges steps = new ColumnRanges();
        ColumnRanges statics = new ColumnRanges();
        row(columns(1.1)).addTo(steps, statics, new ColumnRanges());
        assertEquals(List.of(1.0, -0.0), List.of(steps.minimum(0), steps.minimum(1)));
        assertEquals(List.of(1.0, 1.1), List.of(steps.maximum(0), steps.maximum(1)));
        assertEquals(0.5, statics.maximum(0));
        ColumnRanges never = new ColumnRanges(); // a column without a number in one part, or in all
        ColumnRanges other = new ColumnRanges();
        never.widen(2);
        other.widen(2);
        other.add(0, 3);
        other.merge(never);
        assertEquals(List.of(3.0, 3.0), List.of(other.minimum(0), other.maximum(0)));
        assertEquals(Standardization.NONE, Standardization.coarse(other));
        List<TokenCounts> counts = Stream.generate(TokenCounts::new).limit(3).toList();
        row(columns(2)).countTokens(counts);
        assertEquals(
                List.of(1, 0, 1), counts.stream().map(TokenCounts::distinct).toList());
    }

    /** The order of rows is that of their numbers as float32: numbers that round to the same have one hash. */
    @Test
    void hash_isThatOfTheNumbersAsFloats() {
        long seed = 20261129;
        Random random = new Random(seed);
        for (int n = 0; n < 200; n++) {
            RowColumns exact = random(random);
            RowColumns rounded = new RowColumns(
                    floats(exact.numbers()),
                    exact.width(),
                    exact.categories(),
                    floats(exact.staticNumbers()),
                    exact.statics());
            assertEquals(row(rounded).hash(3), row(exact).hash(3), "seed " + seed + ", row " + n);
            assertEquals(row(rounded).splitPosition(), row(exact).splitPosition());
            assertEquals(List.of("de"), row(exact).labels());
            assertTrue(row(exact).outcome().weights() == null);
        }
        assertNotEquals(row(columns(2)).hash(3), row(columns(3)).hash(3));
    }

    private static double[] floats(double[] numbers) {
        return Arrays.stream(numbers).map(number -> (float) number).toArray();
    }

    private static RowColumns random(Random random) {
        int length = 1 + random.nextInt(4);
        int width = random.nextInt(4);
        List<List<String>> categories = new ArrayList<>();
        for (int k = random.nextInt(3) + (width == 0 ? 1 : 0); k > 0; k--) {
            categories.add(texts(random, length));
        }
        return new RowColumns(
                numbers(random, length * width),
                width,
                categories,
                numbers(random, random.nextInt(3)),
                texts(random, random.nextInt(3)));
    }

    private static double[] numbers(Random random, int count) {
        return random.doubles(count).map(x -> x < 0.2 ? NONE : x).toArray();
    }

    private static List<String> texts(Random random, int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(random.nextInt(3) == 0 ? null : "t" + random.nextInt(300));
        }
        return texts;
    }
}
