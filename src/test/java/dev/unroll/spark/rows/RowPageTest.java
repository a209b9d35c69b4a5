package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.nn.LearningTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** docs/a-row.md: the bytes that it shows are those of the row, and the classes of its stops exist. */
class RowPageTest {

    private static String page() throws IOException {
        return Files.readString(Path.of("docs/a-row.md"));
    }

    /** The hexadecimal digits of a block of the page, which begin its lines. */
    private static String hexAfter(String heading) throws IOException {
        String section = page().substring(page().indexOf(heading));
        section = section.substring(0, section.indexOf("\n## "));
        return section.lines()
                .filter(line -> line.matches("    [0-9a-f ]{22}.*"))
                .map(line -> line.substring(0, 26).replace(" ", ""))
                .collect(Collectors.joining());
    }

    @Test
    void bytesOnThePage_areThoseOfTheRow() throws Exception {
        RowSpec spec = new RowSpec(LearningTask.CLASSIFICATION, "name", "sex", null, "char", 0, 0);
        RowParser parser = new RowParser(StructType.fromDDL("name string, sex string"), spec, null);
        CanonicalRow row = parser.parse(RowFactory.create("anna", "F")).get(0);
        assertEquals(hexAfter("## 3."), HexFormat.of().formatHex(row.bytes()));
        assertEquals(24, row.bytes().length);
        byte[] keyed = KeyedRow.of(row, 1, Split.TRAINING).toBytes();
        assertEquals(hexAfter("## 4."), HexFormat.of().formatHex(keyed, 0, 9));
        assertEquals(33, keyed.length);
    }

    @Test
    void classesOnThePage_exist() throws IOException {
        Set<String> classes;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            classes = files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
        }
        List<String> named = Pattern.compile("`([A-Z][A-Za-z]+)")
                .matcher(page())
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
        assertTrue(named.size() > 20, named.size() + " classes");
        assertEquals(
                List.of(),
                named.stream().filter(name -> !classes.contains(name)).toList());
    }
}
