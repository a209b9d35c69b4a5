package dev.unroll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Words that docs/glossary.md retires occur in no Markdown page, and in Java sources no more often than src/test/resources/glossary-limits.txt
 * says. After a cleanup, {@code mvn test -Dtest=GlossaryTest -Dglossary.update=true} lowers those limits; it never raises one.
 */
class GlossaryTest {

    private static final Path PAGE = Path.of("docs", "glossary.md");
    private static final Path LIMITS = Path.of("src", "test", "resources", "glossary-limits.txt");
    private static final String RETIRED = "## Retired words";

    /** Written by KeysPageTest from texts of Java sources, which have limits of their own. */
    private static final Path GENERATED = Path.of("docs", "keys.md");

    /**
     * A line of the tables of retired words.
     *
     * @param pattern finds the word, and as group "allowed" the phrases in which it may occur
     */
    private record Retired(String word, String instead, Pattern pattern, boolean isName) {

        /** Where it occurs in a text, outside the phrases that are allowed. */
        List<MatchResult> in(String text) {
            if (!text.contains(word.split(" ", 2)[0].substring(1))) {
                return List.of(); // most texts, and far faster than the pattern
            }
            return pattern.matcher(text)
                    .results()
                    .filter(match -> match.group(1) == null)
                    .toList();
        }
    }

    private static List<Retired> retired() throws IOException {
        String page = Files.readString(PAGE);
        List<Retired> retired = new ArrayList<>();
        Matcher line = Pattern.compile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\|(?: ([^|]*)\\|)?$")
                .matcher(page.substring(page.indexOf(RETIRED)));
        while (line.find()) {
            String word = line.group(1);
            boolean isName = line.group(3) == null;
            Pattern pattern = isName ? name(word) : words(word, phrases(line.group(3)));
            retired.add(new Retired(word, line.group(2).strip(), pattern, isName));
        }
        return retired;
    }

    private static List<String> phrases(String cell) {
        return Pattern.compile("`([^`]+)`")
                .matcher(cell)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** A type's name, which is a word by itself. Group 1 never matches. */
    private static Pattern name(String name) {
        return Pattern.compile("(?!)()|(?<!\\w)" + name + "(?!\\w)");
    }

    /** Words in prose, over the ends of lines and of lines of comments too, or a word in an identifier of camel case. */
    private static Pattern words(String words, List<String> allowed) {
        String exceptions = allowed.isEmpty() ? "(?!)" : String.join("|", flexible(allowed));
        String first = words.substring(0, 1);
        String upper = first.toUpperCase(Locale.ROOT);
        String rest = flexible(List.of(words)).get(0).substring(1);
        return Pattern.compile("(" + exceptions + ")|(?:(?<![A-Za-z])[" + first + upper + "]|(?<=[a-z])" + upper + ")"
                + rest + "(?![a-z])");
    }

    private static List<String> flexible(List<String> phrases) {
        return phrases.stream()
                .map(phrase -> phrase.replace(" ", "(?:\\s|\\*|//)+"))
                .toList();
    }

    @Test
    void pages_retiredWords_areNotThere() throws IOException {
        List<String> found = new ArrayList<>();
        List<Retired> words = retired().stream().filter(word -> !word.isName()).toList();
        for (Map.Entry<String, String> page : pages().entrySet()) {
            for (Retired retired : words) {
                retired.in(page.getValue())
                        .forEach(match -> found.add(page.getKey() + ": \"" + around(page.getValue(), match)
                                + "\": instead of \"" + retired.word() + "\" say " + retired.instead()));
            }
        }
        assertTrue(found.isEmpty(), () -> "retired words of " + PAGE + ":\n" + String.join("\n", found));
    }

    /** Names and texts of all pages and of the Markdown cells of notebooks. */
    private static Map<String, String> pages() throws IOException {
        Map<String, String> pages = new TreeMap<>();
        for (String folder : List.of("", "docs", "benchmarks", "conf", "notebooks")) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                for (Path file : files.toList()) {
                    if (file.toString().endsWith(".ipynb")) {
                        pages.put(file.toString(), markdownCells(file));
                    } else if (file.toString().endsWith(".md") && !file.equals(GENERATED)) {
                        String text = Files.readString(file);
                        int end = file.equals(PAGE) ? text.indexOf(RETIRED) : text.length();
                        pages.put(file.toString(), text.substring(0, end));
                    }
                }
            }
        }
        return pages;
    }

    private static String markdownCells(Path notebook) throws IOException {
        StringBuilder text = new StringBuilder();
        for (JsonNode cell : new ObjectMapper().readTree(notebook.toFile()).get("cells")) {
            if (cell.get("cell_type").asText().equals("markdown")) {
                cell.get("source").forEach(line -> text.append(line.asText()));
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static String around(String text, MatchResult match) {
        int from = Math.max(0, match.start() - 30);
        return text.substring(from, Math.min(text.length(), match.end() + 30)).replaceAll("\\s+", " ");
    }

    @Test
    void javaSources_retiredWords_onlyBecomeFewer() throws IOException {
        Map<String, Integer> limits = limits();
        Map<String, String> sources = sources();
        List<String> exceeded = new ArrayList<>();
        Map<String, Integer> lowered = new LinkedHashMap<>();
        for (Retired retired : retired()) {
            Map<String, Integer> files = new TreeMap<>();
            for (Map.Entry<String, String> source : sources.entrySet()) {
                int count = retired.in(source.getValue()).size();
                if (count > 0) {
                    files.put(source.getKey(), count);
                }
            }
            int count = files.values().stream().mapToInt(Integer::intValue).sum();
            int limit = limits.getOrDefault(retired.word(), 0);
            lowered.put(retired.word(), Math.min(count, limit));
            if (count > limit) {
                exceeded.add("\"" + retired.word() + "\" occurs " + count + " times, and its limit is " + limit
                        + "; say " + retired.instead() + "; it occurs in " + files);
            }
        }
        if (Boolean.getBoolean("glossary.update")) {
            write(lowered);
        }
        assertTrue(exceeded.isEmpty(), () -> "retired words of " + PAGE + ":\n" + String.join("\n", exceeded));
    }

    private static void write(Map<String, Integer> limits) throws IOException {
        StringBuilder text = new StringBuilder(
                "# Made by GlossaryTest, not to be edited: how often a retired word of docs/glossary.md may"
                        + " occur in Java sources. A limit may only fall.\n# submit/regenerate\n");
        limits.forEach((word, limit) -> text.append(limit > 0 ? word + " = " + limit + "\n" : ""));
        Files.writeString(LIMITS, text);
    }

    private static Map<String, Integer> limits() throws IOException {
        Map<String, Integer> limits = new LinkedHashMap<>();
        for (String line : Files.readAllLines(LIMITS)) {
            if (!line.startsWith("#")) {
                String[] entry = line.split(" = ", 2);
                limits.put(entry[0], Integer.parseInt(entry[1]));
            }
        }
        return limits;
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> sources.put(file.toString(), read(file)));
        }
        return sources;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The test's own pattern: what it finds, and what it lets pass. */
    @Test
    void pattern_knownTexts_findsWordsAndNamesOnly() {
        Retired behind = new Retired("behind", "after", words("behind", List.of("behind a proxy")), false);
        assertEquals(1, behind.in("Behind it, a page behind a\n * proxy").size());
        assertEquals(1, behind.in("void stepBehind()").size());
        assertEquals(0, behind.in("behindhand").size());
        Retired wayBack = new Retired("way back", "backward pass", words("way back", List.of()), false);
        assertEquals(1, wayBack.in("on the way\n     * back").size());
        Retired stands = new Retired("stands", "is", words("stands", List.of()), false);
        assertEquals(0, stands.in("one understands").size());
        assertEquals(1, stands.in("snippets_standsHere").size());
        Retired sent = new Retired("Sent", "ParameterMessage", name("Sent"), true);
        assertEquals(1, sent.in("new Sent(sentBytes, AbsentSent)").size());
    }

    @Test
    void retired_found_areMany() throws IOException {
        List<Retired> retired = retired();
        assertTrue(retired.stream().filter(word -> !word.isName()).count() >= 20, "words");
        assertTrue(retired.stream().filter(Retired::isName).count() >= 10, "names");
    }
}
