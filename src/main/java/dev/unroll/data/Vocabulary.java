package dev.unroll.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Maps a token to its id. Id 0 is every token that is not in the vocabulary; ids 1, 2, ... are its tokens by descending
 * frequency in the training data, equally frequent ones by {@link CodePointOrder}. Immutable.
 */
public final class Vocabulary implements Serializable {

    private static final long serialVersionUID = 1L;

    /** The id of all tokens outside the vocabulary. */
    public static final int UNKNOWN = 0;

    /** The token before and after every document of a language model. */
    public static final String END = "\u0000";

    /** The largest number of ids; it keeps {@code spec.json} readable within its own limits. */
    public static final int MAX_SIZE = 1 << 22;

    /** Descending frequency; equally frequent tokens by code point. */
    public static final Comparator<Map.Entry<String, Long>> BY_FREQUENCY = Map.Entry.<String, Long>comparingByValue(
                    Comparator.reverseOrder())
            .thenComparing(Map.Entry::getKey, CodePointOrder.ASCENDING);

    private static final long MAX_CHARACTERS = 1 << 26;
    private static final String REPLACEMENT = "\uFFFD";

    private final String[] tokens; // element i has id i + 1
    private final HashMap<String, Integer> ids;
    private final int[] characterIds; // of the tokens that are one character, by it; UNKNOWN for no such token

    private Vocabulary(List<String> tokens) {
        requireSize(tokens.size());
        this.tokens = tokens.toArray(new String[0]);
        this.ids = new HashMap<>(2 * tokens.size());
        long characters = 0;
        int last = -1;
        for (String token : this.tokens) {
            requireText(token);
            characters += token.length();
            last = token.length() == 1 ? Math.max(last, token.charAt(0)) : last;
            if (ids.put(token, ids.size() + 1) != null) {
                throw new IllegalArgumentException("the vocabulary holds token " + quoted(token) + " twice");
            }
        }
        characterIds = new int[last + 1];
        for (int i = 0; i < this.tokens.length; i++) {
            if (this.tokens[i].length() == 1) {
                characterIds[this.tokens[i].charAt(0)] = i + 1;
            }
        }
        if (characters > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "the vocabulary's tokens have " + characters + " characters together; allowed are " + MAX_CHARACTERS
                            + ": ask for a smaller one or use another tokenizer");
        }
    }

    /** @throws IllegalArgumentException if that many tokens are more than a vocabulary holds */
    public static void requireSize(long tokens) {
        if (tokens >= MAX_SIZE) {
            throw new IllegalArgumentException("the vocabulary has " + tokens + " tokens; allowed are at most "
                    + (MAX_SIZE - 1) + ": ask for a smaller one or use another tokenizer");
        }
    }

    /** Every token that was counted. */
    public static Vocabulary of(Map<String, Long> counts) {
        return of(counts, MAX_SIZE, 1);
    }

    /**
     * The most frequent tokens.
     *
     * @param counts how often each token occurs
     * @param maximumSize largest {@link #size()}, so the reserved id is counted in
     * @param minimumCount tokens that occur less often are left out
     */
    public static Vocabulary of(Map<String, Long> counts, int maximumSize, long minimumCount) {
        if (maximumSize < 1) {
            throw new IllegalArgumentException(
                    "the vocabulary's size is limited to " + maximumSize + "; allowed is at least 1");
        }
        List<Map.Entry<String, Long>> frequent = new ArrayList<>();
        for (Map.Entry<String, Long> entry : counts.entrySet()) {
            if (entry.getValue() >= minimumCount) {
                frequent.add(entry);
            }
        }
        frequent.sort(BY_FREQUENCY);
        return new Vocabulary(
                frequent.stream().limit(maximumSize - 1L).map(Map.Entry::getKey).toList());
    }

    /** The tokens of ids 1, 2, ... in that order, as {@link #tokens()} gave them. */
    public static Vocabulary ofTokens(List<String> tokens) {
        return new Vocabulary(tokens);
    }

    /** V, the number of ids, the reserved one included. */
    public int size() {
        return tokens.length + 1;
    }

    /** The token's id; {@link #UNKNOWN} for one that is not in the vocabulary. */
    public int id(String token) {
        return ids.getOrDefault(token, UNKNOWN);
    }

    /** The id of the token that is this code point. */
    int id(int codePoint) {
        if (codePoint < characterIds.length) {
            return characterIds[codePoint];
        }
        return codePoint <= Character.MAX_VALUE ? UNKNOWN : id(Character.toString(codePoint));
    }

    /** The token of that id; U+FFFD, the replacement character, for {@link #UNKNOWN}. */
    public String token(int id) {
        return id == UNKNOWN ? REPLACEMENT : tokens[id - 1];
    }

    /** The tokens of ids 1, 2, ... in that order, for a file. */
    public List<String> tokens() {
        return Collections.unmodifiableList(Arrays.asList(tokens));
    }

    /** Refuses text that UTF-8 cannot write, such as half of a surrogate pair. */
    static void requireText(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int point = text.codePointAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException("a text of " + text.length()
                        + " characters holds half of a surrogate pair at " + i + "; allowed is well-formed Unicode");
            }
        }
    }

    /** At most 80 characters of the text, for a message. */
    static String quoted(String text) {
        return '"' + (text.length() <= 80 ? text : text.substring(0, 80) + "...") + '"';
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Vocabulary that && Arrays.equals(tokens, that.tokens);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(tokens);
    }

    @Override
    public String toString() {
        return "vocabulary of " + size() + " ids";
    }
}
