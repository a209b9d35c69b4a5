package dev.unroll.cli.frame;

import dev.unroll.format.FormatException;
import dev.unroll.spark.source.BadRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A file of settings: lines of {@code key = value} in UTF-8, where blank lines and lines that begin with {@code #} are
 * none. A value is what the line says; nothing is escaped, and no line is continued.
 */
final class ConfigFile {

    private static final int MOST_BYTES = 1 << 20;
    private static final String MARK = "\uFEFF"; // which some editors put before the first character
    private static final Set<String> COMMAND_LINE_ALONE = Set.of("config", "verbose");

    private final String name;
    private final Map<String, Option> options;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new HashMap<>(); // of the keys

    private ConfigFile(String name, Map<String, Option> options) {
        this.name = name;
        this.options = options;
    }

    /**
     * The values by key.
     *
     * @param options the keys there are
     * @throws UsageException for a file that cannot be read, an unknown key, or one that is there twice and may not be
     */
    static Map<String, String> read(String name, Map<String, Option> options) {
        ConfigFile file = new ConfigFile(name, options);
        String[] text = file.text().split("\r\n|\r|\n");
        for (int i = 0; i < text.length; i++) {
            String line = text[i].strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                file.add(i + 1, line);
            }
        }
        return file.values;
    }

    private String text() {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(Path.of(name))) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException | InvalidPathException e) {
            throw cannotRead(reason(e));
        }
        if (bytes.length > MOST_BYTES) {
            throw cannotRead("it is longer than 1 MB");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith(MARK) ? text.substring(MARK.length()) : text;
        } catch (CharacterCodingException e) {
            String readable = new String(bytes, StandardCharsets.UTF_8); // with a mark where it is not
            long line = readable.substring(0, Math.max(0, readable.indexOf('\uFFFD')))
                            .chars()
                            .filter(c -> c == '\n')
                            .count()
                    + 1;
            throw new UsageException("config " + name + ": line " + line + " is not valid UTF-8");
        }
    }

    private UsageException cannotRead(String reason) {
        return new UsageException("cannot read config " + name + ": " + reason);
    }

    private static String reason(Exception e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof AccessDeniedException ? "it may not be read" : FormatException.reason(e);
    }

    private void add(int number, String line) {
        int equals = line.indexOf('=');
        String key = equals < 0 ? line : line.substring(0, equals).strip();
        if (key.isEmpty()) {
            throw at(number, "there is no key before =");
        }
        if (COMMAND_LINE_ALONE.contains(key)) {
            throw at(number, key + " is given on the command line alone");
        }
        Option option = options.get(key);
        if (option == null) {
            throw unknown(key);
        }
        if (equals < 0 && option.type() != Option.Type.BOOLEAN) {
            throw at(number, key + " has no value; write " + key + " = value");
        }
        String value = equals < 0 ? "true" : line.substring(equals + 1).strip();
        Integer other = lines.put(key, number);
        if (other != null && option.type() != Option.Type.PAIRS) {
            throw new UsageException("config " + name + ": lines " + other + " and " + number + " both give " + key);
        }
        values.merge(key, value, (first, next) -> first + Option.SEPARATOR + next);
    }

    private UsageException at(int number, String fault) {
        return new UsageException("config " + name + ", line " + number + ": " + fault);
    }

    private UsageException unknown(String key) {
        return new UsageException("config " + name + ": unknown key " + BadRow.shown(key) + "; allowed are "
                + String.join(
                        ", ",
                        options.keySet().stream()
                                .filter(known -> !COMMAND_LINE_ALONE.contains(known))
                                .sorted()
                                .toList()));
    }
}
