package dev.unroll.data;

import java.util.Comparator;

/**
 * The order of text by Unicode code points, which is also the order of its UTF-8 bytes. {@link String#compareTo} orders
 * by UTF-16 units instead and puts an emoji (surrogates, U+D800 and up) before U+FF21, so it is never used where order
 * reaches theta.
 */
public final class CodePointOrder {

    /** Ascending by code point; a prefix comes before what it begins. */
    public static final Comparator<String> ASCENDING = CodePointOrder::compare;

    private CodePointOrder() {}

    /** Negative, zero or positive, as {@code a} comes before, with or after {@code b}. */
    public static int compare(String a, String b) {
        int shared = Math.min(a.length(), b.length());
        for (int i = 0; i < shared; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                // Half of a pair encodes a code point above all that need no pair; between two halves, units decide.
                boolean pair = Character.isSurrogate(x);
                return pair == Character.isSurrogate(y) ? Character.compare(x, y) : pair ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
