package dev.unroll.data;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** How often each token occurs. Single characters are counted without an object for each. */
public final class TokenCounts {

    private long[] characters = new long[128]; // of the tokens that are one code point of the basic plane, by it
    private final Map<String, Long> others = new HashMap<>();
    private int distinctCharacters;

    public void add(String token) {
        if (token.length() == 1) {
            addCharacter(token.charAt(0));
        } else {
            others.merge(token, 1L, Long::sum);
        }
    }

    void addCharacter(int codePoint) {
        if (codePoint > Character.MAX_VALUE) {
            others.merge(Character.toString(codePoint), 1L, Long::sum);
            return;
        }
        if (codePoint >= characters.length) {
            characters = Arrays.copyOf(characters, Math.max(codePoint + 1, 2 * characters.length));
        }
        if (characters[codePoint]++ == 0) {
            distinctCharacters++;
        }
    }

    /** Number of different tokens. */
    public int distinct() {
        return distinctCharacters + others.size();
    }

    /** Adds these counts to others. */
    public void addTo(Map<String, Long> counts) {
        for (int c = 0; c < characters.length; c++) {
            if (characters[c] > 0) {
                counts.merge(String.valueOf((char) c), characters[c], Long::sum);
            }
        }
        others.forEach((token, count) -> counts.merge(token, count, Long::sum));
    }
}
