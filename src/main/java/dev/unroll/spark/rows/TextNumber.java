package dev.unroll.spark.rows;

import java.util.regex.Pattern;

/**
 * Which text is a number: decimal digits with an optional exponent. Java would also take hexadecimal ones, suffixes and
 * names.
 */
final class TextNumber {

    static final String PATTERN = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?";

    private static final Pattern COMPILED = Pattern.compile(PATTERN);

    private TextNumber() {}

    static boolean matches(String text) {
        return COMPILED.matcher(text).matches();
    }
}
