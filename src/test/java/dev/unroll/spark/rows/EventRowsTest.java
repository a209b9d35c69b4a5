package dev.unroll.spark.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.EventRows.Kind;
import dev.unroll.spark.source.FileSource;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cells of a file as numbers and times, or the place where one is none. */
@SparkTest
class EventRowsTest {

    @TempDir
    static Path directory;

    private static SparkSession spark;

    private static Dataset<Row> csv(List<String> lines) throws IOException {
        Path file = directory.resolve("rows.csv");
        Files.write(file, lines);
        return new FileSource("csv", Map.of()).read(spark, file.toString(), List.of());
    }

    private static String first(EventRows events) {
        return events.rows().selectExpr("cast(t as string)").first().getString(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7;2;3 | bigint | 7 | whole number",
                "0.50;-2;1e3 | double | 0.5 | number",
                "2024-02-29;2024-03-01;0001-01-01 | date | 2024-02-29 | date",
                "2024-01-01 10:00;2024-01-01T11:00:00.5; 2024-01-01 09:00:00  | timestamp_ntz | 2024-01-01 10:00:00 | timestamp",
                "2024-01-01T10:00Z;2024-01-01T12:30+01:00;2024-01-01 13:00:00.25 Z | timestamp | 1704103200 | timestamp with zone",
            })
    void times_areWhatMostCellsAre(String cells, String type, String value, String said) throws IOException {
        List<String> lines = new ArrayList<>(List.of("t"));
        lines.addAll(List.of(cells.split(";")));
        EventRows events = EventRows.of(csv(lines), Map.of("t", Kind.TIME), false);
        assertEquals(type, events.rows().schema().apply("t").dataType().simpleString());
        assertEquals(3, events.rows().where("t is not null").count());
        assertEquals(
                value,
                type.equals("timestamp")
                        ? String.valueOf(events.rows()
                                .selectExpr("unix_seconds(t)")
                                .first()
                                .getLong(0))
                        : first(events));

        lines.add(1, "2024"); // a number here, and elsewhere what a lenient cast would take
        lines.add(2, "soon");
        lines.add(3, "2024-13-01");
        InputException refused =
                assertThrows(InputException.class, () -> EventRows.of(csv(lines), Map.of("t", Kind.TIME), false));
        boolean number = said.endsWith("number");
        assertTrue(
                refused.getMessage()
                        .contains("rows.csv, line " + (number ? 3 : 2) + ": column t: not a " + said + ", value "
                                + (number ? "soon" : "2024") + "; " + (number ? 2 : 3) + " rows cannot be used"),
                refused.getMessage());
        EventRows skipped = EventRows.of(csv(lines), Map.of("t", Kind.TIME), true);
        assertEquals(Map.of("t: not a " + said, number ? 2L : 3L), skipped.skipped());
        assertEquals(number ? 4 : 3, skipped.rows().count());
    }

    @Test
    void numbers_areThoseOfEveryNotationAndNothingElse() throws IOException {
        List<String> good = List.of("n", "1", "-2", "+3.5", " 4 ", ".5", "6.", "7e2", "8E-3");
        List<Double> values = EventRows.of(csv(good), Map.of("n", Kind.NUMBER), false).rows().collectAsList().stream()
                .map(row -> row.getDouble(0))
                .toList();
        assertEquals(List.of(1.0, -2.0, 3.5, 4.0, 0.5, 6.0, 700.0, 0.008), values);
        List<String> bad =
                List.of("n", "1f", "2d", "NaN", "Infinity", "0x10", "1,5", "1_000", ".", "e3", "\u0663", "--1", "\"\"");
        Map<String, Long> skipped = EventRows.of(
                        csv(bad.stream().map(cell -> cell.replace(",", ";")).toList()), Map.of("n", Kind.NUMBER), true)
                .skipped();
        assertEquals(Map.of("n: not a number", 11L, "n: null", 1L), skipped);
    }

    @Test
    void columnsWithTypes_areCheckedToo() {
        Dataset<Row> rows = spark.sql("select * from values (1, 2D, 'x'), (null, 3D, 'x'), (3, double('NaN'), 'x'),"
                + " (4, 5D, null), (5, 1e300D, 'y') as rows(t, n, k)");
        Map<String, Kind> columns = new LinkedHashMap<>();
        columns.put("t", Kind.TIME);
        columns.put("n", Kind.NUMBER);
        columns.put("k", Kind.ANY);
        EventRows events = EventRows.of(rows, columns, true);
        assertEquals("[[1,2.0,x]]", events.rows().collectAsList().toString());
        assertEquals(Map.of("t: null", 1L, "n: not a finite number", 2L, "k: null", 1L), events.skipped());
    }

    /** A column of two uses: each pair as the comment of Kind says, whichever comes first. */
    @ParameterizedTest
    @CsvSource({
        "TIME, TIME, TIME",
        "TIME, NUMBER, NUMBER",
        "TIME, ANY, TIME",
        "TIME, NUMBER_OR_NULL, NUMBER",
        "TIME, ANY_OR_NULL, TIME",
        "NUMBER, NUMBER, NUMBER",
        "NUMBER, ANY, NUMBER",
        "NUMBER, NUMBER_OR_NULL, NUMBER",
        "NUMBER, ANY_OR_NULL, NUMBER",
        "ANY, ANY, ANY",
        "ANY, NUMBER_OR_NULL, NUMBER",
        "ANY, ANY_OR_NULL, ANY",
        "NUMBER_OR_NULL, NUMBER_OR_NULL, NUMBER_OR_NULL",
        "NUMBER_OR_NULL, ANY_OR_NULL, NUMBER_OR_NULL",
        "ANY_OR_NULL, ANY_OR_NULL, ANY_OR_NULL",
    })
    void columnOfTwoUses_isWhatBothNeed(Kind first, Kind second, Kind both) {
        assertEquals(both, first.and(second));
        assertEquals(both, second.and(first));
        for (Kind third : Kind.values()) { // of three uses, in whatever order they come
            assertEquals(first.and(second).and(third), first.and(second.and(third)), third + " as well");
        }
    }
}
