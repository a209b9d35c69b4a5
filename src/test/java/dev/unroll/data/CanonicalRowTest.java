package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The canonical bytes decide the order of the data and so every bit after it. */
class CanonicalRowTest {

    private static final String EMOJI = "\uD83D\uDE00"; // one code point, two chars, four bytes of UTF-8

    private static List<String> tokensOf(CanonicalRow row) {
        List<String> tokens = new ArrayList<>();
        row.forEachToken(tokens::add);
        return tokens;
    }

    /** Written out by hand from the layout in the class comment: a changed byte is a changed order. */
    @Test
    void bytes_areTheLayoutOfTheComment() {
        assertHex(
                "00 00000006 61 c3a9 e282ac" // characters: 6 bytes of a, e acute, euro sign
                        + "00 00000001 00 00000002 6465" // one label: text, de
                        + "3f800000", // weight 1
                CanonicalRow.ofCharacters("a\u00e9\u20ac", List.of("de"), 1f));
        assertHex(
                "01 00000002 00000002 6162 00000004 f09f9880" // tokens: ab, emoji
                        + "00 00000002 01 3ff8000000000000 00 00000000" // labels: 1.5, empty text
                        + "40000000",
                CanonicalRow.ofTokens(List.of("ab", EMOJI), List.of(1.5, ""), 2f));
        assertHex(
                "02 00000002 00000001 3f800000 80000000" // numbers: 2 steps of width 1: 1, -0
                        + "00 00000000" // no label
                        + "00000000",
                CanonicalRow.ofValues(new double[] {1, -0.0}, 1, RowOutcome.NONE, 0f));
    }

    private static void assertHex(String expected, CanonicalRow row) {
        assertEquals(
                expected.replace(" ", "").toLowerCase(Locale.ROOT),
                HexFormat.of().formatHex(row.bytes()));
    }

    @Test
    void characters_supplementaryOnesToo_roundTripByCodePoint() {
        CanonicalRow row = CanonicalRow.ofCharacters("a" + EMOJI + "\u00e9z", List.of("x"), 0.5f);
        assertEquals(List.of("a", EMOJI, "\u00e9", "z"), tokensOf(row));
        assertEquals(4, row.length());
        assertFalse(row.hasValues());
        assertEquals(List.of("x"), row.labels());
        Vocabulary vocabulary = Vocabulary.ofTokens(List.of(EMOJI, "z"));
        Sequence sequence = row.decode(new Encoding(vocabulary, Labels.ofText(List.of("w", "x"))));
        assertArrayEquals(new int[] {0, 1, 0, 2}, sequence.tokens());
        assertArrayEquals(new int[] {1}, sequence.labels());
        assertEquals(0.5f, sequence.weight());
    }

    @Test
    void tokens_roundTrip() {
        List<String> tokens = List.of("the", "", EMOJI + "x", "the");
        List<String> labels = List.of("DET", "NIL", "SYM", "DET");
        CanonicalRow row = CanonicalRow.ofTokens(tokens, labels, 3f);
        assertEquals(tokens, tokensOf(row));
        assertEquals(4, row.length());
        assertEquals(labels, row.labels());
        Sequence sequence =
                row.decode(new Encoding(Vocabulary.ofTokens(List.of("the", EMOJI + "x")), Labels.ofText(labels)));
        assertArrayEquals(new int[] {1, 0, 2, 1}, sequence.tokens());
        assertArrayEquals(new int[] {0, 1, 2, 0}, sequence.labels());
        assertEquals(3f, sequence.weight());
    }

    @Test
    void numbers_roundTripBitForBit() {
        float[] values = {1f, -0f, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, 0.1f};
        CanonicalRow row = CanonicalRow.ofValues(Doubles.of(values), 2, RowOutcome.labels(List.of(3.0, -1.0, 3.0)), 1f);
        assertTrue(row.hasValues());
        assertEquals(2, row.width());
        assertEquals(3, row.length());
        assertEquals(List.of(), tokensOf(row));
        assertEquals(List.of(3.0, -1.0, 3.0), row.labels());
        Sequence sequence = row.decode(new Encoding(null, Labels.ofNumbers(List.of(3, -1, 7))));
        assertArrayEquals(new int[] {1, 0, 1}, sequence.labels());
        assertEquals(2, sequence.width());
        for (int i = 0; i < values.length; i++) {
            assertEquals(Float.floatToIntBits(values[i]), Float.floatToRawIntBits(sequence.values()[i]));
        }
    }

    @Test
    void label_neverSeenInTraining_isNotTakenForAMissingOne() {
        CanonicalRow row = CanonicalRow.ofCharacters("a", List.of("new"), 1f);
        Encoding encoding = new Encoding(Vocabulary.ofTokens(List.of("a")), Labels.ofText(List.of("old")));
        assertThrows(IllegalStateException.class, () -> row.decode(encoding));
    }

    /** Sets become 1 for each of their labels; the order and repetitions of labels leave no trace. */
    @Test
    void setsOfLabels_roundTrip() {
        BigDecimal large = new BigDecimal("9007199254740993");
        for (List<?> labels : List.of(List.of("v", "n", "v"), List.of(large, 2.0, 2.0))) {
            RowOutcome outcome = RowOutcome.labels(Arrays.asList(new LabelSet(labels), null, new LabelSet(List.of())));
            CanonicalRow row = CanonicalRow.ofCharacters("abc", outcome, 1f);
            assertEquals(outcome.labels(), row.labels());
            assertEquals(List.of(labels.get(1), labels.get(0)), row.outcome().labelsOf(0));
            assertEquals(List.of(), row.outcome().labelsOf(1));
            Labels known = labels.get(0) instanceof String
                    ? Labels.ofText(List.of("m", "n", "v"))
                    : Labels.ofNumbers(List.of(1, 2.0, large));
            Sequence decoded = row.decode(new Encoding(Vocabulary.ofTokens(List.of("a", "b", "c")), known));
            assertEquals(3, decoded.targetWidth());
            float none = Float.NaN;
            assertArrayEquals(new float[] {0, 1, 1, none, none, none, 0, 0, 0}, decoded.targets());
            assertArrayEquals(new float[] {1, 0, 1}, decoded.termWeights());
        }
    }

    @Test
    void missingLabelsAndWeights_roundTrip() {
        RowOutcome outcome = RowOutcome.labels(Arrays.asList("n", null, "v")).weighted(new float[] {0.3f, 1, 0});
        CanonicalRow row = CanonicalRow.ofCharacters("abc", outcome, 1f);
        assertEquals(Arrays.asList("n", null, "v"), row.labels());
        assertEquals(1, row.outcome().missing());
        assertArrayEquals(new float[] {0.3f, 1, 0}, row.outcome().weights());
        Sequence decoded =
                row.decode(new Encoding(Vocabulary.ofTokens(List.of("a", "b", "c")), Labels.ofText(List.of("n", "v"))));
        assertArrayEquals(new int[] {0, -1, 1}, decoded.labels());
        assertArrayEquals(new float[] {0.3f, 0, 0}, decoded.termWeights());
        assertEquals((double) 0.3f, decoded.termWeight());
        assertEquals(1, decoded.weight());
    }

    /** Targets that float32 does not hold, and weights behind them: the hash is that of the rounded row, weights included. */
    @Test
    void missingTargetsAndWeights_roundTrip_andAreInTheHash() {
        double[] targets = {0.1, 0.2, Double.NaN, Double.NaN, 0.5, 0.6};
        RowOutcome outcome = RowOutcome.targets(targets, 2).weighted(new float[] {2, 1, 0.5f});
        CanonicalRow row = CanonicalRow.ofCharacters("abc", outcome, 1f);
        Sequence decoded = row.decode(new Encoding(Vocabulary.ofTokens(List.of("a", "b", "c")), null));
        assertArrayEquals(new float[] {2, 0, 0.5f}, decoded.termWeights());
        assertArrayEquals(targets, decoded.exactTargets());
        assertEquals(2.5, decoded.termWeight());
        double[] rounded = new double[targets.length];
        Arrays.setAll(rounded, i -> (float) targets[i]);
        RowOutcome floats = RowOutcome.targets(rounded, 2);
        assertEquals(
                CanonicalRow.ofCharacters("abc", floats.weighted(outcome.weights()), 1f)
                        .hash(1),
                row.hash(1));
        assertNotEquals(CanonicalRow.ofCharacters("abc", floats, 1f).hash(1), row.hash(1));
        ColumnRanges ranges = new ColumnRanges();
        row.addTo(new ColumnRanges(), new ColumnRanges(), ranges);
        assertEquals(0.1, ranges.minimum(0));
        assertEquals(0.6, ranges.maximum(1));
    }

    @Test
    void weightsOfOne_leaveNoTrace() {
        RowOutcome outcome = RowOutcome.labels(List.of("n", "v"));
        assertEquals(
                CanonicalRow.ofCharacters("ab", outcome, 1f),
                CanonicalRow.ofCharacters("ab", outcome.weighted(new float[] {1, 1}), 1f));
    }

    @Test
    void randomRows_roundTrip() {
        long seed = 21;
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            List<String> tokens = new ArrayList<>();
            for (int t = 1 + random.nextInt(8); t > 0; t--) {
                StringBuilder token = new StringBuilder();
                for (int c = random.nextInt(5); c > 0; c--) {
                    int point = random.nextInt(Character.MAX_CODE_POINT + 1);
                    token.appendCodePoint(point >= 0xD800 && point <= 0xDFFF ? 'x' : point);
                }
                tokens.add(token.toString());
            }
            List<Object> labels = new ArrayList<>();
            for (String token : tokens) {
                labels.add(random.nextBoolean() ? (Object) token : random.nextGaussian());
            }
            CanonicalRow row = CanonicalRow.ofTokens(tokens, labels, 1f);
            assertEquals(tokens, tokensOf(row), "seed " + seed + ", row " + i);
            assertEquals(labels, row.labels(), "seed " + seed + ", row " + i);
            CanonicalRow characters = CanonicalRow.ofCharacters(String.join("", tokens), labels, 1f);
            assertEquals(String.join("", tokens), String.join("", tokensOf(characters)));
        }
    }

    /** Everything that training uses takes part in the order, and nothing else. */
    @Test
    void equality_isThatOfStepsLabelsAndWeight() {
        CanonicalRow row = CanonicalRow.ofCharacters("ab", List.of("x"), 1f);
        assertEquals(row, CanonicalRow.ofCharacters(new String("ab"), new ArrayList<>(List.of("x")), 1f));
        assertEquals(
                row.hashCode(),
                CanonicalRow.ofCharacters("ab", List.of("x"), 1f).hashCode());
        for (CanonicalRow other : List.of(
                CanonicalRow.ofCharacters("ba", List.of("x"), 1f),
                CanonicalRow.ofCharacters("ab", List.of("y"), 1f),
                CanonicalRow.ofCharacters("ab", List.of("x"), 2f),
                CanonicalRow.ofCharacters("ab", List.of(), 1f),
                CanonicalRow.ofTokens(List.of("a", "b"), List.of("x"), 1f),
                CanonicalRow.ofTokens(List.of("ab"), List.of("x"), 1f))) {
            assertNotEquals(row, other);
            assertNotEquals(row.hash(1), other.hash(1));
        }
        assertEquals(
                CanonicalRow.ofValues(new double[] {Float.NaN}, 1, RowOutcome.NONE, 1f),
                CanonicalRow.ofValues(new double[] {Float.intBitsToFloat(0x7fc00001)}, 1, RowOutcome.NONE, 1f),
                "one NaN for all");
    }

    /** Murmur3 x64 128, first half, mixed with the seed: the numbers come from a few lines of Python, not from this code. */
    @Test
    void hash_ofFormatOne_keepsItsValue() {
        CanonicalRow row = CanonicalRow.ofCharacters("a", List.of(), 1f);
        assertEquals(0x14D0F70681B9AA94L, row.hash(1));
        assertEquals(0xB74BC89DBD078FA6L, row.hash(2));
        assertEquals(0x1.b6f0bfb49424ep-2, row.splitPosition());
    }

    @Test
    void hash_otherSeed_givesAnotherOrder() {
        List<CanonicalRow> rows = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            rows.add(CanonicalRow.ofCharacters("row " + i, List.of(), 1f));
        }
        assertNotEquals(order(rows, 1), order(rows, 2));
        assertEquals(order(rows, 1), order(rows, 1));
    }

    private static List<Integer> order(List<CanonicalRow> rows, long seed) {
        Integer[] order = new Integer[rows.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(
                order,
                (a, b) ->
                        Long.compareUnsigned(rows.get(a).hash(seed), rows.get(b).hash(seed)));
        return List.of(order);
    }

    /** The same string with two labels must not stand in training and in validation. */
    @Test
    void splitPosition_dependsOnStepsAlone() {
        double position = CanonicalRow.ofCharacters("Paris", List.of("fr"), 1f).splitPosition();
        assertEquals(
                position, CanonicalRow.ofCharacters("Paris", List.of("en"), 1f).splitPosition());
        assertEquals(
                position,
                CanonicalRow.ofCharacters("Paris", List.of(1.0, 2.0), 7f).splitPosition());
        assertEquals(position, CanonicalRow.ofCharacters("Paris", List.of(), 1f).splitPosition());
        assertNotEquals(
                position, CanonicalRow.ofCharacters("Pariz", List.of("fr"), 1f).splitPosition());
        double[] values = {1, 2};
        assertEquals(
                CanonicalRow.ofValues(values, 1, RowOutcome.labels(List.of("a")), 1f)
                        .splitPosition(),
                CanonicalRow.ofValues(values, 1, RowOutcome.NONE, 2f).splitPosition());
        assertNotEquals(
                CanonicalRow.ofValues(values, 1, RowOutcome.NONE, 1f).splitPosition(),
                CanonicalRow.ofValues(values, 2, RowOutcome.NONE, 1f).splitPosition());
    }

    /** A tenth held out must be a tenth, also of rows that differ in one character. */
    @Test
    void splitPosition_ofManyRows_isUniform() {
        int[] bins = new int[10];
        for (int i = 0; i < 10_000; i++) {
            double position =
                    CanonicalRow.ofCharacters("name" + i, List.of(), 1f).splitPosition();
            assertTrue(position >= 0 && position < 1);
            bins[(int) (10 * position)]++;
        }
        for (int bin : bins) {
            assertEquals(1000, bin, 150);
        }
    }

    @Test
    void targets_areDecodedWithoutLabels() {
        RowOutcome targets = RowOutcome.targets(new double[] {1, 2, 3, 4}, 2);
        CanonicalRow row = CanonicalRow.ofValues(new double[] {5, 6}, 1, targets, 0.5f);
        Sequence sequence = row.decode(new Encoding(null, null));
        assertArrayEquals(new float[] {1, 2, 3, 4}, sequence.targets());
        assertEquals(2, sequence.targetWidth());
        assertEquals(2, row.targetWidth());
        assertEquals(0, sequence.labels().length);
        assertArrayEquals(new float[] {5, 6}, sequence.values());
        assertEquals(0.5f, sequence.weight());
    }
}
