package dev.unroll.cli.command;

import dev.unroll.cli.frame.Rounding;
import dev.unroll.preflight.TimeEstimate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The phases of an update's predicted time, for people and as JSON. */
final class PhaseTimes {

    private PhaseTimes() {}

    static String sentence(TimeEstimate time) {
        return String.format(
                Locale.ROOT,
                "broadcast %.1f, compute %.1f, Spark and sending %.1f, merge %.1f, optimiser %.1f",
                time.broadcastMs(),
                time.computeMs(),
                time.waitMs(),
                time.mergeMs(),
                time.updateMs());
    }

    static Map<String, ?> json(TimeEstimate time) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("broadcast", Rounding.rounded(time.broadcastMs(), 2));
        json.put("compute", Rounding.rounded(time.computeMs(), 2));
        json.put("wait", Rounding.rounded(time.waitMs(), 2));
        json.put("merge", Rounding.rounded(time.mergeMs(), 2));
        json.put("update", Rounding.rounded(time.updateMs(), 2));
        json.put("total", Rounding.rounded(time.totalMs(), 2));
        return json;
    }
}
