package dev.unroll.spark.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.data.InputException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Any line of csv, tsv or JSON is a row, or at fault. */
class LinesFuzzTest {

    @FuzzTest
    void csv(byte[] bytes) {
        String line = new String(bytes, UTF_8);
        for (String format : List.of("csv", "tsv")) {
            try {
                new CsvLines(CsvDialect.of(format, Map.of()), List.of("a", "b")).cells(line);
            } catch (Fault fault) {
                // what is promised
            }
        }
    }

    /** Columns have the types of all lines, as those of files have; so every line is a row of them, or itself at fault. */
    @FuzzTest
    void json(byte[] bytes) {
        List<String> lines = new String(bytes, UTF_8).lines().toList();
        JsonShapes part = new JsonShapes();
        for (String line : lines) {
            try {
                part.add(JsonLines.object(line));
            } catch (Fault fault) {
                part.add(fault);
            }
        }
        JsonShapes shapes = new JsonShapes();
        shapes.merge(part.toBytes());
        for (Set<String> used : List.of(Set.<String>of(), Set.of("a"))) {
            try {
                JsonLines parser = JsonLines.of(shapes, used);
                lines.forEach(line -> row(parser, line));
            } catch (InputException refused) {
                // what is promised of too many columns, and of a used one that holds maps
            }
        }
    }

    /** A row has all values of its line. */
    private static void row(JsonLines parser, String line) {
        try {
            List<?> cells = parser.cells(line);
            JsonNode object = JsonLines.object(line);
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                if ((cells.get(parser.schema().fieldIndex(field.getKey())) == null) != field.getValue().isNull()) {
                    throw new AssertionError("no value of " + field);
                }
            }
        } catch (Fault fault) {
            if (fault.getMessage().contains("the file changed")) {
                throw new AssertionError(fault);
            }
        }
    }
}
