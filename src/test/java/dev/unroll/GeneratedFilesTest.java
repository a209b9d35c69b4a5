package dev.unroll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A generated file says in its first lines who makes it, and {@code submit/regenerate} makes all of them. */
class GeneratedFilesTest {

    private static final Path SCRIPT = Path.of("submit/regenerate");
    private static final List<String> FOLDERS = List.of("src", "docs", "golden", "conf", "benchmarks", "notebooks");

    /** What the first lines of a generated file say: a class that makes it, or, as JSON has no comments, a script. */
    private static final Pattern MADE_BY =
            Pattern.compile("[Mm]ade by (\\w+Test)\\b.*not to be edited|\"generator\":\"([^\"]+)\"");

    /** A test that writes a file where it is told to by a system property. */
    private static final Pattern FLAG = Pattern.compile("Boolean\\.getBoolean\\(\"(\\w+\\.update)\"\\)");

    private static final Pattern FIRST_COLUMN = Pattern.compile("(?m)^#   (\\S+)");

    @Test
    void script_namesEveryGeneratedFile_andNoOther() throws IOException {
        Set<String> generated = new TreeSet<>();
        for (String folder : FOLDERS) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    if (MADE_BY.matcher(head(file)).find()) {
                        generated.add(file.toString().replace('\\', '/'));
                    }
                }
            }
        }
        assertTrue(generated.contains("docs/keys.md") && generated.size() >= 7, () -> "found are only " + generated);
        assertEquals(generated, named());
    }

    /** What makes a file is there, and runs when the script does. */
    @Test
    void whatMakesAFile_isRunByTheScript() throws IOException {
        String commands = commands();
        for (String name : named()) {
            var maker = MADE_BY.matcher(head(Path.of(name)));
            assertTrue(maker.find(), () -> name + " does not say in its first lines who makes it");
            String by = maker.group(1) == null ? maker.group(2) : maker.group(1);
            assertTrue(commands.contains(by), () -> name + " is made by " + by + ", which " + SCRIPT + " does not run");
        }
    }

    @Test
    void everyFlagOfATestThatWrites_isGivenByTheScript_butThatOfTheGoldenHashes() throws IOException {
        String commands = commands();
        Set<String> flags = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                FLAG.matcher(Files.readString(file)).results().forEach(found -> flags.add(found.group(1)));
            }
        }
        assertTrue(flags.remove("golden.update"), () -> "found are only " + flags);
        assertFalse(commands.contains("golden"), "golden hashes are written by hand alone");
        for (String flag : flags) {
            assertTrue(commands.contains("-D" + flag + "=true"), () -> SCRIPT + " does not give -D" + flag + "=true");
        }
    }

    /** The files that the script's first comment lists. */
    private static Set<String> named() throws IOException {
        return FIRST_COLUMN
                .matcher(Files.readString(SCRIPT))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The script without its comments. */
    private static String commands() throws IOException {
        return Files.readAllLines(SCRIPT).stream()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.joining("\n"));
    }

    private static String head(Path file) throws IOException {
        StringBuilder head = new StringBuilder();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            for (int n = 0; n < 3; n++) {
                String line = reader.readLine();
                head.append(line == null ? "" : line.substring(0, Math.min(line.length(), 500)))
                        .append('\n');
            }
        } catch (MalformedInputException e) {
            return ""; // a picture, or data that are no text
        }
        return head.toString();
    }
}
