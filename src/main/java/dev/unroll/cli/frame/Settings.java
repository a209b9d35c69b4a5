package dev.unroll.cli.frame;

import dev.unroll.ml.ParamDocs;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** Keys and their values as text, from a config file and the command line, which wins. */
public final class Settings {

    private final Map<String, String> values;

    private Settings(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Joins both.
     *
     * @param known the keys of the command
     * @param given from the command line
     * @param config a file of {@code key = value} lines; null for none
     * @throws UsageException for a file that cannot be read or an unknown key in it
     */
    public static Settings of(Set<String> known, Map<String, String> given, String config) {
        Map<String, String> values = new LinkedHashMap<>();
        if (config != null) {
            Properties file = new Properties();
            try (Reader reader = Files.newBufferedReader(Path.of(config), StandardCharsets.UTF_8)) {
                file.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new UsageException("cannot read config " + config + ": " + reason(e));
            }
            for (String key : file.stringPropertyNames()) {
                if (!known.contains(key)) {
                    throw new UsageException("config " + config + ": unknown key " + key + "; allowed are "
                            + String.join(", ", known.stream().sorted().toList()));
                }
                String value = file.getProperty(key).strip();
                values.put(key, value.isEmpty() ? "true" : value); // a key alone, as on the command line
            }
        }
        values.putAll(given);
        return new Settings(values);
    }

    private static String reason(Exception e) {
        return e instanceof java.nio.file.NoSuchFileException ? "there is no such file" : e.toString();
    }

    public Optional<String> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    public String get(String key, String defaultValue) {
        return values.getOrDefault(key, defaultValue);
    }

    public String require(String key) {
        return get(key).orElseThrow(() -> new UsageException("key " + key + " is missing"));
    }

    public boolean flag(String key) {
        String value = get(key, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw new UsageException(key + " is " + value + "; allowed is true or false");
        }
        return value.equals("true");
    }

    /** A whole number of at least {@code least} that an int holds. */
    public long whole(String key, long defaultValue, long least) {
        return whole(key, defaultValue, least, Integer.MAX_VALUE);
    }

    /** A whole number of at least {@code least} and at most {@code most}. */
    public long whole(String key, long defaultValue, long least, long most) {
        String text = get(key, Long.toString(defaultValue));
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // refused below, like a number out of range
        }
        throw new UsageException(
                key + " is " + text + "; allowed is a whole number" + (least >= 0 ? ", at least " + least : ""));
    }

    /** A finite number of at least {@code least}. */
    public double number(String key, double defaultValue, double least) {
        String text = get(key, Double.toString(defaultValue));
        try {
            double value = Double.parseDouble(text);
            if (value >= least && value < Double.POSITIVE_INFINITY) {
                return value;
            }
        } catch (NumberFormatException e) {
            // refused below, like a number out of range
        }
        throw new UsageException(key + " is " + text + "; allowed is a number, at least " + least);
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** These settings, with defaults for what is not given. */
    public Settings withDefaults(Map<String, String> defaults) {
        Map<String, String> merged = new HashMap<>(defaults);
        merged.putAll(values);
        return new Settings(merged);
    }

    /** Sets every Param of the stage whose key is given. */
    public <S extends Params> S applyTo(S stage) {
        ParamDocs.of(stage)
                .forEach((name, key) -> get(name).ifPresent(text -> set(stage, key.param(), key.parse(text))));
        return stage;
    }

    private static void set(Params stage, Param<?> param, Object value) {
        stage.set(param.name(), value);
    }
}
