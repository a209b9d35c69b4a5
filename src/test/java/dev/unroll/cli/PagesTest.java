package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command that README and docs show in a block of its own has a name, keys and values that exist; {@link
 * PageCommandsTest} runs them.
 */
class PagesTest {

    static List<PageCommand> commands() throws IOException {
        return PageCommand.all();
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandOnAPage_isOneThatThereIs(PageCommand command) {
        assertDoesNotThrow(() -> Unroll.check(command.line().split(" ")));
    }

    /** Links to files beside the page are to files that there are, and to a heading of the page where they name one. */
    @ParameterizedTest
    @MethodSource("pages")
    void linkOnAPage_leadsSomewhere(Path page) {
        Pattern link = Pattern.compile("\\]\\(([^)#\\s]*)(#[^)]*)?\\)");
        String text = read(page);
        link.matcher(text).results().forEach(found -> {
            String target = found.group(1);
            if (target.contains("://")) {
                return;
            }
            Path file = target.isEmpty() ? page : page.resolveSibling(target);
            assertTrue(Files.exists(file), () -> page + " links to " + target);
            if (found.group(2) != null) {
                assertTrue(
                        anchors(read(file)).contains(found.group(2).substring(1)),
                        () -> page + " links to " + found.group());
            }
        });
    }

    /** What the headings of a page are called in links. */
    private static List<String> anchors(String page) {
        return Pattern.compile("^#+ (.*)$", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    static Stream<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(Path.of("README.md").toAbsolutePath()));
        for (String folder : List.of("docs", "benchmarks", "notebooks")) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .map(Path::toAbsolutePath)
                        .sorted()
                        .forEach(pages::add);
            }
        }
        return pages.stream();
    }

    @Test
    void commands_found_areMany() throws IOException {
        assertTrue(commands().size() >= 12, () -> "the pattern for commands finds too few");
    }
}
