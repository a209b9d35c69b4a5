package dev.unroll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The path through one iteration that README and docs/one-iteration.md name can be walked: each stop is named in the file of the one before. */
class MainPathTest {

    private static final Path SOURCES = Path.of("src/main/java");
    private static final int MOST_FILES = 11;

    /** A stop: a class, and a method of it where one is named. */
    private record Stop(String type, String method) {}

    /** README's paragraph, there and back. */
    private static List<String> ways() throws IOException {
        String paragraph = Stream.of(Files.readString(Path.of("README.md")).split("\n\n"))
                .filter(p -> p.startsWith("To see one whole iteration"))
                .findFirst()
                .orElseThrow();
        String[] ways = paragraph.split("and back again", 2);
        assertEquals(2, ways.length, paragraph);
        return List.of(ways);
    }

    private static List<Stop> there() throws IOException {
        List<Stop> stops = new ArrayList<>();
        for (MatchResult name : found("`(\\w+)(?:\\.(\\w+))?`", ways().get(0))) {
            stops.add(new Stop(name.group(1), name.group(2)));
        }
        return stops;
    }

    /** Each stop with the one where a reader finds its name. */
    private static List<MatchResult> back() throws IOException {
        return found("`(\\w+)` \\(from `(\\w+)`\\)", ways().get(1));
    }

    private static List<MatchResult> found(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().toList();
    }

    private static String source(String type) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> found =
                    files.filter(file -> file.endsWith(type + ".java")).toList();
            assertEquals(1, found.size(), "files of " + type + ": " + found);
            return Files.readString(found.get(0));
        }
    }

    private static void requireNamed(String type, String before) throws IOException {
        assertTrue(
                Pattern.compile("\\b" + type + "\\b").matcher(source(before)).find(),
                before + ".java does not name " + type + ", which README lists after it");
    }

    @Test
    void eachStopThere_isNamedInTheFileBefore_andHasItsMethod() throws IOException {
        List<Stop> stops = there();
        assertEquals(new Stop("RnnEstimator", "fit"), stops.get(0));
        assertEquals("LstmCell", stops.get(stops.size() - 1).type());
        for (int i = 0; i < stops.size(); i++) {
            Stop stop = stops.get(i);
            if (i > 0) {
                requireNamed(stop.type(), stops.get(i - 1).type());
            }
            if (stop.method() != null) {
                assertTrue(
                        Pattern.compile("\\b" + stop.method() + "\\(")
                                .matcher(source(stop.type()))
                                .find(),
                        stop + " has no such method");
            }
        }
    }

    @Test
    void eachStopBack_isNamedInAFileThatWasOpened() throws IOException {
        List<String> opened = new ArrayList<>(there().stream().map(Stop::type).toList());
        assertTrue(back().size() > 1, "stops back");
        for (MatchResult stop : back()) {
            assertTrue(opened.contains(stop.group(2)), stop.group(2) + " was not opened before");
            requireNamed(stop.group(1), stop.group(2));
            opened.add(stop.group(1));
        }
        assertTrue(opened.size() <= MOST_FILES, opened.size() + " files: " + opened);
    }

    /** The page has one section for each stop, in this order. */
    @Test
    void page_walksTheSameStops() throws IOException {
        List<String> stops = new ArrayList<>(there().stream().map(Stop::type).toList());
        back().forEach(stop -> stops.add(stop.group(1)));
        String page = Files.readString(Path.of("docs/one-iteration.md"));
        assertEquals(
                stops,
                found("(?m)^\\*\\*\\d+\\. `(\\w+)", page).stream()
                        .map(heading -> heading.group(1))
                        .toList());
    }

    /** Every class that the page names exists. */
    @Test
    void page_namesClassesThatExist() throws IOException {
        for (MatchResult name :
                found("`([A-Z]\\w+[a-z]\\w*)(?:\\.\\w+)?`", Files.readString(Path.of("docs/one-iteration.md")))) {
            source(name.group(1));
        }
    }
}
