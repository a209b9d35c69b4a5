package dev.unroll.spark.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Rule R3 for what a file says: 300 odd files are read as Python's csv and json read them, or refused. What Python read
 * is in the fixture, which src/test/python/make_odd_files.py makes from a seed.
 */
@Tag("slow")
@SparkTest(settings = {"spark.sql.codegen.wholeStage=false", "spark.sql.codegen.factoryMode=NO_CODEGEN"})
class OddFilesTest {

    @TempDir
    static Path directory;

    private static SparkSession spark;

    private static JsonNode fixture() throws IOException {
        try (InputStream in = OddFilesTest.class.getResourceAsStream("/fixtures/odd-files.json")) {
            return new ObjectMapper().readTree(in).get("files");
        }
    }

    /** Of most files, every row is read: a reader that refuses all is no reader. */
    @ParameterizedTest
    @CsvSource({"csv, 60", "tsv, 45", "json, 60"})
    void oddFile_isReadAsPythonReadsItOrRefused(String format, int atLeast) throws IOException {
        List<String> different = new ArrayList<>();
        int read = 0;
        for (JsonNode file : fixture()) {
            String name = file.get("name").asText();
            if (name.endsWith(format)) {
                Path path = directory.resolve(name);
                Files.write(path, Base64.getDecoder().decode(file.get("content").asText()));
                List<Row> rows = rows(path, format);
                if (rows != null) {
                    read++;
                    String said =
                            format.equals("json") ? objects(file.get("rows"), rows) : table(file.get("rows"), rows);
                    if (!said.isEmpty()) {
                        different.add(name + ": " + said);
                    }
                }
            }
        }
        assertEquals(List.of(), different);
        assertTrue(read >= atLeast, read + " files of " + format + " were read whole");
    }

    /** The rows; null where the file is refused, or a row of it. */
    private static List<Row> rows(Path path, String format) {
        try {
            Dataset<Row> rows = new FileSource(format, Map.of()).read(spark, path.toString(), List.of());
            List<Row> all = rows.collectAsList();
            return all.stream().allMatch(row -> Origin.fault(Origin.of(row)) == null) ? all : null;
        } catch (InputException e) {
            return null;
        }
    }

    private static String table(JsonNode expected, List<Row> rows) {
        if (expected.isNull() || expected.size() != rows.size() + 1) {
            return rows.size() + " rows instead of " + (expected.size() - 1);
        }
        for (int r = 0; r <= rows.size(); r++) {
            for (int c = 0; c < expected.get(0).size(); c++) {
                String right = expected.get(r).get(c).isNull()
                        ? null
                        : expected.get(r).get(c).asText();
                Object found =
                        r == 0 ? rowNames(rows, right, c) : rows.get(r - 1).get(c);
                if (right == null ? found != null : !right.equals(found)) {
                    return "row " + r + ", column " + c + ": " + found + " instead of " + right;
                }
            }
        }
        return "";
    }

    private static String rowNames(List<Row> rows, String right, int column) {
        return rows.isEmpty() ? right : rows.get(0).schema().fieldNames()[column];
    }

    private static String objects(JsonNode expected, List<Row> rows) {
        if (expected.isNull() || expected.size() != rows.size()) {
            return rows.size() + " rows instead of " + expected.size();
        }
        for (int r = 0; r < rows.size(); r++) {
            Set<String> names = new TreeSet<>(List.of(rows.get(r).schema().fieldNames()));
            names.remove(Origin.COLUMN);
            for (String name : names) {
                Object found = rows.get(r).getAs(name);
                JsonNode right = expected.get(r).get(name);
                if (!isEqual(right, found)) {
                    return "row " + r + ", " + name + ": " + found + " instead of " + right;
                }
                expected.get(r).properties().removeIf(field -> field.getKey().equals(name));
            }
            if (!expected.get(r).isEmpty()) {
                return "row " + r + " lacks " + expected.get(r);
            }
        }
        return "";
    }

    private static boolean isEqual(JsonNode right, Object found) {
        if (right == null || right.isNull()) {
            return found == null;
        }
        if (right.isArray()) {
            return found instanceof Seq<?> list
                    ? areEqual(right, CollectionConverters.asJava(list))
                    : found instanceof String;
        }
        String value = right.asText().substring(2);
        return switch (right.asText().charAt(0)) {
            case 's' -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_16BE).equals(found);
            case 'b' -> value.equals(String.valueOf(found));
            default -> isSameNumber(value, found);
        };
    }

    private static boolean areEqual(JsonNode right, List<?> found) {
        if (right.size() != found.size()) {
            return false;
        }
        for (int i = 0; i < found.size(); i++) {
            if (!isEqual(right.get(i), found.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Numbers are equal by value, as doubles where the column is one of doubles; in a column of text too. */
    private static boolean isSameNumber(String right, Object found) {
        double expected = Double.parseDouble(right.replace("inf", "Infinity").replace("nan", "NaN"));
        if (found instanceof Long || found instanceof BigDecimal) {
            return new BigDecimal(right).compareTo(new BigDecimal(found.toString())) == 0;
        }
        if (found instanceof Double number) {
            return number.equals(expected) || number == expected;
        }
        return found instanceof String text && isSameNumber(right, Double.valueOf(text));
    }
}
