package dev.unroll.nn;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Levels of quantiles, and their text, such as {@code 0.1,0.5,0.9}. */
public final class QuantileLevels {

    /** Those of a distribution where nobody sets any. */
    public static final String DEFAULT = "0.1,0.5,0.9";

    /** So many that a double and its text are one and the same. */
    private static final int DECIMALS = 15;

    private static final Pattern LEVEL = Pattern.compile("0?\\.[0-9]{1," + DECIMALS + "}");

    /** What {@link #of} takes, in words. */
    public static final String ALLOWED =
            "levels above 0 and below 1, each above the one before, with " + DECIMALS + " decimals at most";

    private QuantileLevels() {}

    /**
     * Levels of a text.
     *
     * @throws IllegalArgumentException for a text that is none of {@link #ALLOWED}, naming the first that is not
     */
    public static List<Double> of(String text) {
        List<Double> levels = parse(text);
        require(levels);
        return levels;
    }

    /** Whether a text is {@link #ALLOWED}. */
    public static boolean accepts(String text) {
        try {
            return text != null && !of(text).isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** @throws IllegalArgumentException for no levels, or one that is not between 0 and 1 or not above the one before */
    public static void require(List<Double> levels) {
        if (levels.isEmpty()) {
            throw refused("no level");
        }
        for (int k = 0; k < levels.size(); k++) {
            double level = levels.get(k);
            if (!(level > 0 && level < 1) || Double.parseDouble(text(level)) != level) {
                throw refused("the level " + level);
            }
            if (k > 0 && level <= levels.get(k - 1)) {
                throw refused("the level " + level + " after " + levels.get(k - 1));
            }
        }
    }

    /** @throws IllegalArgumentException for a text that is no level, naming it */
    private static List<Double> parse(String texts) {
        return Arrays.stream(texts.split(",", -1))
                .map(text -> {
                    if (!LEVEL.matcher(text).matches()) {
                        throw refused("the level " + text);
                    }
                    return Double.valueOf(text);
                })
                .toList();
    }

    static String text(List<Double> levels) {
        return levels.stream().map(QuantileLevels::text).collect(Collectors.joining(","));
    }

    /** The same on every JDK. */
    private static String text(double level) {
        return new BigDecimal(level)
                .setScale(DECIMALS, RoundingMode.HALF_EVEN)
                .stripTrailingZeros()
                .toPlainString();
    }

    private static IllegalArgumentException refused(String what) {
        return new IllegalArgumentException(
                "quantiles have " + what + "; allowed are " + ALLOWED + ", such as 0.1,0.5,0.9");
    }
}
