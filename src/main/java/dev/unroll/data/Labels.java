package dev.unroll.data;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Maps a label to its class index. Classes are in ascending order: numbers by value, text by {@link CodePointOrder}. A
 * number is stored as its shortest exact text (3, not 3.0), so that 3, 3.0 and "3" are one label, and whole numbers of
 * any size keep their digits. Where all labels are text that is a number, a number is the label with its digits.
 * Immutable.
 */
public final class Labels implements Serializable {

    private static final long serialVersionUID = 1L;

    /** What {@link #index} gives for a label that was never seen. */
    public static final int UNKNOWN = -1;

    /** The most labels there can be. */
    public static final int MAX_SIZE = 1_000_000;

    private static final long MAX_CHARACTERS = 1 << 26;
    private static final int MAX_EXPONENT = 400; // beyond any double, and short enough to write out
    private static final int PLAIN_DIGITS = 19; // integers as long as a long are written without an exponent

    private static final long EXACT = 1L << 53; // below it a double is every whole number
    private static final int DOUBLE_DIGITS = 15;

    private final boolean numeric;
    private final String[] values;
    private final HashMap<String, Integer> indices;
    private final HashMap<String, Integer> byNumber; // by canonical text; empty where the labels are no numbers

    private Labels(boolean numeric, Collection<String> values) {
        if (values.isEmpty() || values.size() > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "there are " + values.size() + " different labels; allowed are 1 to " + MAX_SIZE);
        }
        this.numeric = numeric;
        this.values = values.toArray(new String[0]);
        this.indices = new HashMap<>(2 * values.size());
        long characters = 0;
        for (String value : this.values) {
            Vocabulary.requireText(value);
            characters += value.length();
            indices.put(value, indices.size());
        }
        if (characters > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "the labels have " + characters + " characters together; allowed are " + MAX_CHARACTERS);
        }
        byNumber = numeric ? indices : new HashMap<>(byNumber(this.values));
    }

    /** Text by the number that it is; a number that is written in two ways is the label in canonical form, or none. */
    private static Map<String, Integer> byNumber(String[] texts) {
        Map<String, Integer> found = new HashMap<>();
        for (int i = 0; i < texts.length; i++) {
            String number = canonicalOrNull(texts[i]);
            if (number == null) {
                return Map.of();
            }
            int index = i;
            boolean canonical = number.equals(texts[i]);
            found.merge(number, index, (one, other) -> {
                boolean kept = one != UNKNOWN && texts[one].equals(number);
                return canonical ? index : kept ? one : UNKNOWN;
            });
        }
        return found;
    }

    /** Labels that are text, in any order and with repetitions. */
    public static Labels ofText(Collection<String> labels) {
        TreeSet<String> sorted = new TreeSet<>(CodePointOrder.ASCENDING);
        sorted.addAll(labels);
        return new Labels(false, sorted);
    }

    /**
     * Labels that are numbers, in any order and with repetitions.
     *
     * @throws IllegalArgumentException for NaN and infinities
     */
    public static Labels ofNumbers(Collection<? extends Number> labels) {
        TreeSet<String> sorted = new TreeSet<>(Comparator.comparing(BigDecimal::new));
        labels.forEach(label -> sorted.add(canonical(label)));
        return new Labels(true, sorted);
    }

    /**
     * Labels as {@link #values()} gave them.
     *
     * @throws IllegalArgumentException if they are not ascending, or not numbers in canonical form where they are
     *     numeric
     */
    public static Labels ofValues(boolean numeric, List<String> values) {
        String previous = null;
        for (String value : values) {
            if (numeric && !value.equals(canonicalOrNull(value))) {
                throw new IllegalArgumentException(
                        "label " + Vocabulary.quoted(value) + " is not a number in its shortest form");
            }
            if (previous != null && !ascending(numeric, previous, value)) {
                throw new IllegalArgumentException("label " + Vocabulary.quoted(value) + " follows "
                        + Vocabulary.quoted(previous) + "; allowed is ascending order");
            }
            previous = value;
        }
        return new Labels(numeric, values);
    }

    private static boolean ascending(boolean numeric, String a, String b) {
        return numeric ? new BigDecimal(a).compareTo(new BigDecimal(b)) < 0 : CodePointOrder.compare(a, b) < 0;
    }

    /**
     * The text by which a number is stored. For a float or double it is the decimal with the fewest digits that reads
     * back as the same float or double; {@code Double.toString} is not used because its digits differ between JDKs.
     *
     * @throws IllegalArgumentException for NaN and infinities
     */
    public static String canonical(Number label) {
        String text = canonicalOrNull(label);
        if (text == null) {
            throw new IllegalArgumentException("a label is " + Vocabulary.quoted(label.toString())
                    + "; allowed are finite numbers below 1e" + MAX_EXPONENT + " in magnitude");
        }
        return text;
    }

    /**
     * A number as a label: a Double where that is the same number (in their canonical text), otherwise exactly.
     *
     * @throws IllegalArgumentException for a decimal beyond all bounds
     */
    public static Number ofNumber(Number label) {
        boolean whole =
                label instanceof Byte || label instanceof Short || label instanceof Integer || label instanceof Long;
        if (label instanceof Float
                || label instanceof Double
                || (whole && label.longValue() < EXACT && label.longValue() > -EXACT)) {
            return label.doubleValue();
        }
        String exact = canonical(label);
        double nearest = label.doubleValue();
        return exact.equals(canonical(nearest)) ? (Number) nearest : new BigDecimal(exact);
    }

    private static String canonicalOrNull(Number label) {
        if (label instanceof Float || label instanceof Double) {
            double value = label.doubleValue();
            return Double.isFinite(value) ? text(shortest(value, label instanceof Float)) : null;
        }
        return canonicalOrNull(label.toString());
    }

    private static BigDecimal shortest(double value, boolean single) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; ; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            boolean same = single ? rounded.floatValue() == (float) value : rounded.doubleValue() == value;
            if (same) {
                return rounded;
            }
        }
    }

    /** The canonical form of a number given as text; null if it is none, or out of bounds. */
    private static String canonicalOrNull(String number) {
        if (number.length() > 2 * MAX_EXPONENT) {
            return null;
        }
        BigDecimal value;
        try {
            value = new BigDecimal(number);
        } catch (NumberFormatException e) {
            return null;
        }
        boolean bounded = Math.abs((long) value.scale()) <= 2 * MAX_EXPONENT
                && (long) value.precision() - value.scale() <= MAX_EXPONENT;
        return bounded ? text(value) : null;
    }

    private static String text(BigDecimal value) {
        BigDecimal shortest = value.stripTrailingZeros();
        boolean plain = shortest.scale() < 0 && shortest.precision() - shortest.scale() <= PLAIN_DIGITS;
        return plain ? shortest.toPlainString() : shortest.toString();
    }

    /** Whether the labels are numbers. */
    public boolean numeric() {
        return numeric;
    }

    /** C, the number of classes. */
    public int size() {
        return values.length;
    }

    /**
     * The class of a label; {@link #UNKNOWN} for one that was never seen. A numeric label may be written in any form.
     */
    public int index(String label) {
        String key = numeric ? canonicalOrNull(label) : label;
        return indices.getOrDefault(key, UNKNOWN);
    }

    /** The class of a number; {@link #UNKNOWN} for one that was never seen, for NaN, and where labels are words. */
    public int index(Number label) {
        String number = canonicalOrNull(label);
        Integer index = byNumber.get(number);
        if (index == null && number != null) {
            // From 2^53 on a double has fewer digits in its canonical form than the same whole number.
            BigDecimal nearest = new BigDecimal(label.doubleValue());
            boolean single = label instanceof Float || label instanceof Double;
            if (single || nearest.compareTo(new BigDecimal(number)) == 0) {
                index = byNumber.get(single ? text(nearest) : canonical(label.doubleValue()));
            }
        }
        return index == null ? UNKNOWN : index;
    }

    /** Whether every label is a number that a double holds. */
    public boolean areDoubles() {
        return numeric
                && Arrays.stream(values)
                        .allMatch(value -> isShort(value) || value.equals(canonicalOrNull(Double.parseDouble(value))));
    }

    /** Whether a number has no more digits than every double keeps. */
    private static boolean isShort(String value) {
        return value.length() <= DOUBLE_DIGITS && value.indexOf('E') < 0;
    }

    /** The class of a label that is text or a number; {@link #UNKNOWN} for one that was never seen. */
    public int index(Object label) {
        return label instanceof Number number ? index(number) : index((String) label);
    }

    /** The label of a class, as text. */
    public String value(int index) {
        return values[index];
    }

    /** The label of a class, as text without an exponent: 100000000000000000000, not 1E+20. */
    public String digits(int index) {
        return numeric ? new BigDecimal(values[index]).toPlainString() : values[index];
    }

    /** The label of a class, as a number. */
    public double number(int index) {
        if (!numeric) {
            throw new IllegalStateException("the labels are text, such as " + Vocabulary.quoted(values[index]));
        }
        return Double.parseDouble(values[index]);
    }

    /** All labels by class, for a file. */
    public List<String> values() {
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Labels that && numeric == that.numeric && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return (numeric ? "numeric" : "text") + " labels of " + size() + " classes";
    }
}
