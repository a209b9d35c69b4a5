package dev.unroll.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cell on the page is the one that is compiled and tested, to the letter. */
class OwnCellPageTest {

    @Test
    void cellOnThePage_isTheOneThatIsTested() throws IOException {
        String page = Files.readString(Path.of("docs", "own-cell.md"));
        String source = source("PeepholeLstmCell");
        int from = page.indexOf("```java\n") + "```java\n".length();
        assertEquals(source, page.substring(from, page.indexOf("```", from)));
    }

    /** A published cell is a page of code: without imports, comments and empty lines. */
    @ParameterizedTest
    @ValueSource(strings = {"PeepholeLstmCell", "LayerNormLstmCell"})
    void cell_isShort(String cell) throws IOException {
        long lines = source(cell)
                .lines()
                .filter(line -> !line.isBlank() && !line.matches("(import|package|/\\*| \\*).*"))
                .count();
        assertTrue(lines < 100, cell + " has " + lines + " lines");
    }

    private static String source(String cell) throws IOException {
        return Files.readString(Path.of("src/test/java/dev/unroll/example", cell + ".java"));
    }
}
