package dev.unroll.data;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

/** The tokens of a text: of rows to train on, and of a prompt. */
public final class TextTokens {

    private TextTokens() {}

    /** Every character, which is a code point of Unicode. */
    public static List<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString).toList();
    }

    /** What is between white space. */
    public static List<String> words(String text) {
        return Arrays.stream(text.split("\\s+")).filter(word -> !word.isEmpty()).toList();
    }

    /**
     * The digits of a whole number, whatever its type.
     *
     * @throws ArithmeticException for a number that is not whole
     */
    public static String ofNumber(Number number) {
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return number.toString();
        }
        boolean single = number instanceof Double || number instanceof Float;
        if (single && !Double.isFinite(number.doubleValue())) {
            throw new ArithmeticException(number + " is not a whole number");
        }
        BigDecimal exact = single ? new BigDecimal(number.doubleValue()) : new BigDecimal(number.toString());
        return exact.toBigIntegerExact().toString();
    }

    /** @param tokenizer the value of the key: char for characters; words otherwise, also where rows are arrays of tokens */
    public static List<String> of(String text, String tokenizer) {
        return tokenizer.equals("char") ? characters(text) : words(text);
    }
}
