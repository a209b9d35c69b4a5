package dev.unroll.cli.command;

import dev.unroll.cli.frame.Settings;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Defaults that hold under a condition alone, in place of those of the keys.
 *
 * @param where the condition, as docs/keys.md says it
 * @param values by key
 */
public record ConditionalDefaults(String where, Predicate<Settings> condition, Map<String, String> values) {

    /** The settings with these defaults, if the condition holds. */
    Settings applyTo(Settings settings) {
        return condition.test(settings) ? settings.withDefaults(values) : settings;
    }
}
