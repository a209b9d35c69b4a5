package dev.unroll.cli.frame;

import dev.unroll.ml.ParamDocs;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * Keys of a command and their values as text, from a config file and the command line, which wins. This is the one
 * place where the value of a key is read: by the key's {@link Option}, whose default holds where nothing is given.
 */
public final class Settings {

    private final Map<String, Option> options;
    private final Map<String, String> values;

    private Settings(Map<String, Option> options, Map<String, String> values) {
        this.options = options;
        this.values = values;
    }

    /**
     * Joins both, and reads every value of the command's own keys. Those of Params are read where a stage takes them.
     *
     * @param own keys of the command itself
     * @param ofStages keys of Params that the command takes too
     * @param given from the command line
     * @param config a file of {@code key = value} lines; null for none
     * @throws UsageException for a file that cannot be read, an unknown key in it, or a value that is not allowed
     */
    public static Settings of(
            Collection<Option> own, Collection<Option> ofStages, Map<String, String> given, String config) {
        Map<String, Option> options = new LinkedHashMap<>();
        own.forEach(option -> options.put(option.name(), option));
        ofStages.forEach(option -> options.putIfAbsent(option.name(), option));
        Map<String, String> values = new LinkedHashMap<>();
        if (config != null) {
            values.putAll(ConfigFile.read(config, options));
        }
        given.forEach((key, value) -> {
            Option option = options.get(key);
            String ofFile = values.get(key);
            values.put(key, option == null || ofFile == null ? value : option.join(ofFile, value));
        });
        for (Option option : own) {
            if (values.containsKey(option.name())) {
                option.parse(values.get(option.name()));
            }
        }
        return new Settings(options, values);
    }

    /** Whether the key is given; its default does not count. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** The value that is given, or the default; empty where there is neither. */
    public Optional<String> get(String key) {
        String value = values.getOrDefault(key, option(key).byDefault().value());
        return has(key) || !value.isEmpty() ? Optional.of(value) : Optional.empty();
    }

    /**
     * The value that is given, or the default.
     *
     * @throws UsageException where there is neither
     */
    public String require(String key) {
        return get(key).orElseThrow(() -> new UsageException("key " + key + " is missing"));
    }

    public boolean flag(String key) {
        return (Boolean) value(key);
    }

    public int integer(String key) {
        return Math.toIntExact(whole(key));
    }

    public long whole(String key) {
        return ((Number) value(key)).longValue();
    }

    public double number(String key) {
        return ((Number) value(key)).doubleValue();
    }

    /** Values of a key of type {@link Option.Type#PAIRS}. */
    @SuppressWarnings("unchecked") // what such an option makes of its text
    public Map<String, String> pairs(String key) {
        return get(key).isEmpty() ? Map.of() : (Map<String, String>) value(key);
    }

    private Object value(String key) {
        return option(key).parse(require(key));
    }

    private Option option(String key) {
        Option option = options.get(key);
        if (option == null) {
            throw new IllegalStateException("the command has no key " + key);
        }
        return option;
    }

    /** These settings, with other defaults for what is not given. */
    public Settings withDefaults(Map<String, String> defaults) {
        Map<String, String> merged = new HashMap<>(defaults);
        merged.putAll(values);
        return new Settings(options, merged);
    }

    /** Sets every Param of the stage whose key is given. */
    public <S extends Params> S applyTo(S stage) {
        ParamDocs.of(stage).forEach((name, key) -> {
            if (has(name)) {
                set(stage, key.param(), key.parse(values.get(name)));
            }
        });
        return stage;
    }

    private static void set(Params stage, Param<?> param, Object value) {
        stage.set(param.name(), value);
    }
}
