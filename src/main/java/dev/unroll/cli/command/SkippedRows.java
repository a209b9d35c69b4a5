package dev.unroll.cli.command;

import dev.unroll.cli.frame.Settings;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rows that cannot be used: whether they are left out, as {@code handle-invalid} says, and how many were, by reason.
 */
final class SkippedRows {

    static final String KEY = "handle-invalid";

    private SkippedRows() {}

    /** Whether rows that cannot be used are left out instead of being an error. */
    static boolean areAllowed(Settings settings) {
        return settings.require(KEY).equals("skip");
    }

    /** Counts by reason, added. */
    static Map<String, Long> sum(Map<String, Long> some, Map<String, Long> others) {
        Map<String, Long> sum = new TreeMap<>(some);
        others.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
        return sum;
    }
}
