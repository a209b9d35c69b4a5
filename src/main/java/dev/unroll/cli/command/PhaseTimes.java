package dev.unroll.cli.command;

import dev.unroll.cli.frame.Rounding;
import dev.unroll.preflight.TimeEstimate;
import dev.unroll.train.Phases;
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
                Phases.ALL.stream().map(phase -> phase.ms(time.phases())).toArray());
    }

    static Map<String, ?> json(TimeEstimate time) {
        Map<String, Object> json = new LinkedHashMap<>();
        Phases.ALL.forEach(phase -> json.put(phase.label(), Rounding.rounded(phase.ms(time.phases()), 2)));
        json.put("total", Rounding.rounded(time.totalMs(), 2));
        return json;
    }
}
