package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelsTest {

    @Test
    void textLabels_ascendByCodePoint() {
        Labels labels = Labels.ofText(List.of("\uD83D\uDE00", "b", "\uFF21", "10", "9", "b"));
        assertFalse(labels.numeric());
        assertEquals(List.of("10", "9", "b", "\uFF21", "\uD83D\uDE00"), labels.values());
        assertEquals(4, labels.index("\uD83D\uDE00"));
        assertEquals(Labels.UNKNOWN, labels.index("B"));
        assertEquals(Labels.UNKNOWN, labels.index(10));
        assertThrows(IllegalStateException.class, () -> labels.number(0));
    }

    @Test
    void numericLabels_ascendByValue() {
        Labels labels = Labels.ofNumbers(List.of(10, 9L, 2.5, -1.0f, 9.0, 0.1f));
        assertTrue(labels.numeric());
        assertEquals(List.of("-1", "0.1", "2.5", "9", "10"), labels.values());
        assertEquals(3, labels.index(9));
        assertEquals(3, labels.index("9.00"));
        assertEquals(2, labels.index("25e-1"));
        assertEquals(1, labels.index(0.1f));
        assertEquals(1, labels.index(0.1));
        assertEquals(-1.0, labels.number(0));
        for (Number unseen : new Number[] {11, Double.NaN, Double.POSITIVE_INFINITY, new BigDecimal("1e-900")}) {
            assertEquals(Labels.UNKNOWN, labels.index(unseen));
        }
        for (String unseen : new String[] {"nine", "", "1e999999999", "NaN", "1".repeat(5000)}) {
            assertEquals(Labels.UNKNOWN, labels.index(unseen));
        }
    }

    @Test
    void numbers_areWrittenInTheirShortestForm() {
        assertEquals("0", Labels.canonical(-0.0));
        assertEquals("3", Labels.canonical(3.0));
        assertEquals("300", Labels.canonical(300f));
        assertEquals("9223372036854775807", Labels.canonical(Long.MAX_VALUE));
        assertEquals("0.1", Labels.canonical(0.1f));
        assertEquals("1E+300", Labels.canonical(1e300));
        assertEquals(
                "2E+23",
                Labels.canonical(
                        Double.parseDouble("2e23"))); // JDK 17's Double.toString has more digits than it needs for such
        assertEquals("5E-324", Labels.canonical(Double.MIN_VALUE));
        assertEquals("1.5", Labels.canonical(new BigDecimal("1.500")));
        assertThrows(IllegalArgumentException.class, () -> Labels.canonical(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Labels.canonical(Float.NEGATIVE_INFINITY));
        assertThrows(IllegalArgumentException.class, () -> Labels.canonical(new BigDecimal("1e999999999")));
    }

    @Test
    void shortestForm_readsBackAsTheSameDouble() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertEquals(value, Double.parseDouble(Labels.canonical(value)));
                float single = (float) random.nextGaussian();
                assertEquals(single, Float.parseFloat(Labels.canonical(single)));
            }
        }
    }

    @Test
    void values_giveTheSameLabelsBack() {
        Labels text = Labels.ofText(List.of("de", "en"));
        Labels numbers = Labels.ofNumbers(List.of(10, 2.5));
        assertEquals(text, Labels.ofValues(false, text.values()));
        assertEquals(numbers, Labels.ofValues(true, numbers.values()));
    }

    @Test
    void valuesOutOfOrderOrForm_areRefused() {
        for (List<String> values : List.<List<String>>of(
                List.of("10", "9"),
                List.of("1", "1"),
                List.of("1.0"),
                List.of("x"),
                List.of("1e999999999"),
                List.of())) {
            assertThrows(IllegalArgumentException.class, () -> Labels.ofValues(true, values));
        }
        assertThrows(IllegalArgumentException.class, () -> Labels.ofValues(false, List.of("b", "a")));
        assertThrows(IllegalArgumentException.class, () -> Labels.ofValues(false, List.of("\uD800")));
        String[] many = IntStream.rangeClosed(0, Labels.MAX_SIZE)
                .mapToObj(i -> String.format("%07d", i))
                .toArray(String[]::new);
        assertThrows(IllegalArgumentException.class, () -> Labels.ofValues(false, Arrays.asList(many)));
    }

    @Test
    void index_takesTextAndNumbersAsObjects() {
        Labels text = Labels.ofText(List.of("1", "a"));
        Labels numbers = Labels.ofNumbers(List.of(1, 10, 2.5));
        Object word = "a";
        Object ten = 10.0;
        Object digits = "10";
        assertEquals(1, text.index(word));
        assertEquals(Labels.UNKNOWN, text.index(ten));
        assertEquals(2, numbers.index(ten));
        assertEquals(2, numbers.index(digits));
        assertEquals(Labels.UNKNOWN, numbers.index(word));
    }

    @Test
    void numbersAsLabels_areDoublesOrExact() {
        for (Number same : new Number[] {(byte) 3, 300, (1L << 53) - 1, 1L << 53, 0.1, new BigDecimal("0.10")}) {
            assertEquals(same.doubleValue(), Labels.ofNumber(same), same.toString());
        }
        assertEquals((double) 0.1f, Labels.ofNumber(0.1f)); // a float is the double that it is
        for (String exact : new String[] {
            "9007199254740993",
            "-9223372036854775808",
            "18446744073709551615",
            "0.12345678901234567890123",
            "99999999999999999999999999999999999999"
        }) {
            assertEquals(new BigDecimal(exact), Labels.ofNumber(new BigDecimal(exact)));
        }
        assertEquals(new BigDecimal(Long.MIN_VALUE), Labels.ofNumber(Long.MIN_VALUE));
    }

    @Test
    void largeNumbers_areEqualAsNumbers() {
        long power = 1L << 60;
        Labels whole = Labels.ofNumbers(List.of(power, power + 1, Long.MIN_VALUE));
        assertFalse(whole.areDoubles());
        assertEquals(1, whole.index(power));
        assertEquals(1, whole.index((double) power));
        assertEquals(2, whole.index(power + 1));
        assertEquals(Labels.UNKNOWN, whole.index(power + 2));
        Labels doubles = Labels.ofNumbers(List.of((double) power, 5)); // as models had them before
        assertTrue(doubles.areDoubles());
        assertEquals(1, doubles.index(power));
        assertEquals(1, doubles.index((double) power));
        assertEquals(Labels.UNKNOWN, doubles.index(power + 1));
        assertEquals(
                "100000000000000000000",
                Labels.ofNumbers(List.of(new BigDecimal("1e20"))).digits(0));
    }

    @Test
    void textThatIsNumbers_equalsNumbersWithItsDigits() {
        Labels csv = Labels.ofText(List.of("0", "1", "007"));
        assertEquals(0, csv.index(0));
        assertEquals(0, csv.index(0.0));
        assertEquals(2, csv.index(1L));
        assertEquals("007", csv.value(csv.index(7)));
        assertEquals(Labels.UNKNOWN, csv.index(8));
        assertEquals(Labels.UNKNOWN, csv.index("7")); // text is compared as text
        Labels both = Labels.ofText(List.of("7", "007", "07.0", "1e1", "10.0"));
        assertEquals("7", both.value(both.index(7)));
        assertEquals(Labels.UNKNOWN, both.index(10)); // two labels, and neither is in its shortest form
    }

    @ParameterizedTest
    @CsvSource({
        "1.0 1.00 1.000, 1, ",
        "00 000 0000, 0, ",
        "00 000 0000 00000 0, 0, 0",
        "0 00 000 0000, 0, 0",
        "1.000 1 1.0 1.00 01, 1, 1",
        "1e1 10.0 10.00 100e-1, 10, ",
        "-1.0 -1.00 -1.000 -1, -1, -1",
        "+5 05 5.0 005 7, 5, ",
    })
    void oneNumberInManyWays_isItsShortestFormOrNone(String texts, double number, String found) {
        Labels labels = Labels.ofText(List.of(texts.split(" ")));
        assertEquals(found == null ? Labels.UNKNOWN : labels.index(found), labels.index(number));
    }
}
