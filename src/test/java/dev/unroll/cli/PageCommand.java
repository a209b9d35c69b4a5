package dev.unroll.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command that README or a page of docs shows in a block of its own.
 *
 * @param line without {@code submit/unroll}, what belongs to that alone, and the comment
 */
record PageCommand(Path page, String line) {

    private static final Pattern SHOWN = Pattern.compile("^ {4}submit/unroll (.*)$", Pattern.MULTILINE);
    private static final Pattern OF_SUBMIT = Pattern.compile("--(master|spark-conf|jars) (\"[^\"]*\"|\\S+)");

    /** All of them, page by page and from the top down. */
    static List<PageCommand> all() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(Path.of("README.md")));
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        List<PageCommand> commands = new ArrayList<>();
        for (Path page : pages) {
            SHOWN.matcher(Files.readString(page))
                    .results()
                    .map(shown -> shown.group(1).replaceAll("\\s+#.*", ""))
                    .map(line -> OF_SUBMIT.matcher(line).replaceAll("").strip().replaceAll("\\s+", " "))
                    .forEach(line -> commands.add(new PageCommand(page, line)));
        }
        return commands;
    }
}
