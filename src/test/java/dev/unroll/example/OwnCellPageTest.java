package dev.unroll.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The cell on the page is the one that is compiled and tested, to the letter. */
class OwnCellPageTest {

    @Test
    void cellOnThePage_isTheOneThatIsTested() throws IOException {
        String page = Files.readString(Path.of("docs", "own-cell.md"));
        String source = Files.readString(Path.of("src/test/java/dev/unroll/example/MinGruCell.java"));
        int from = page.indexOf("```java\n") + "```java\n".length();
        assertEquals(source, page.substring(from, page.indexOf("```", from)));
        assertTrue(source.lines().count() < 80);
    }
}
