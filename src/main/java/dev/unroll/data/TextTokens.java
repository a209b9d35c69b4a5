package dev.unroll.data;

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

    /** @param tokenizer the value of the key: char for characters; words otherwise, also where rows are arrays of tokens */
    public static List<String> of(String text, String tokenizer) {
        return tokenizer.equals("char") ? characters(text) : words(text);
    }
}
