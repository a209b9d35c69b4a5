package dev.unroll;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A source file fits a sitting. */
class FileLengthTest {

    private static final int LINES = 450;

    /** Longer files, each with its reason; one that has become shorter must leave the list. */
    private static final Map<String, String> LONGER = Map.of(
            "main/java/dev/unroll/math/VectorTiles.java", "generated",
            "main/python/unroll/_params.py", "generated");

    @Test
    void sourceFiles_haveAtMost450Lines() throws IOException {
        Path source = Path.of("src");
        Map<String, Long> longer = new TreeMap<>();
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(path -> path.toString().matches(".*\\.(java|py|js)"))
                    .toList()) {
                long lines = Files.readString(file).lines().count();
                if (lines > LINES) {
                    longer.put(source.relativize(file).toString().replace('\\', '/'), lines);
                }
            }
        }
        TreeSet<String> unknown = new TreeSet<>(longer.keySet());
        unknown.removeAll(LONGER.keySet());
        assertTrue(
                unknown.isEmpty(),
                () -> "more than " + LINES + " lines, so cut them by what they do: "
                        + unknown.stream()
                                .map(file -> file + " (" + longer.get(file) + ")")
                                .toList());
        TreeSet<String> shorter = new TreeSet<>(LONGER.keySet());
        shorter.removeAll(longer.keySet());
        assertTrue(shorter.isEmpty(), "at most " + LINES + " lines by now, so delete them from LONGER: " + shorter);
    }
}
