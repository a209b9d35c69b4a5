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
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times as R, .NET, pandas, SQL and Metabase write them; the right values are those of Python's datetime. */
@SparkTest(settings = {"spark.sql.codegen.wholeStage=false", "spark.sql.codegen.factoryMode=NO_CODEGEN"})
class TimesTest {

    @TempDir
    static Path directory;

    private static SparkSession spark;

    private static EventRows read(String cells) throws IOException {
        Path file = directory.resolve("times.csv");
        Files.writeString(file, "t\n" + cells.replace(';', '\n') + "\n");
        Dataset<Row> rows = new FileSource("csv", Map.of()).read(spark, file.toString(), List.of());
        return EventRows.of(rows, Map.of("t", Kind.TIME), false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1949-01;1949-02 | date | 1949-01-01;1949-02-01",
                "1970 Q1;1970 Q4 | date | 1970-01-01;1970-10-01",
                "1970-Q2;1971-Q3 | date | 1970-04-01;1971-07-01",
                "1970Q1;2000Q4 | date | 1970-01-01;2000-10-01",
                "2024-W05;2020-W53;2021-W01 | date | 2024-01-29;2020-12-28;2021-01-04",
                "2024-01-05 10:00:00.123456789 | timestamp_ntz | 2024-01-05 10:00:00.123456",
                "2024-01-05T10:00:00.1234567 | timestamp_ntz | 2024-01-05 10:00:00.123456",
                "2024-01-05T10:00:00Z | timestamp | 2024-01-05 10:00:00",
                "2024-01-05T10:00:00+0100;2024-01-05 10:00-0530 | timestamp | 2024-01-05 09:00:00;2024-01-05 15:30:00",
                "2024-01-05 10:00:00 UTC;2024-01-05 10:00 GMT | timestamp | 2024-01-05 10:00:00;2024-01-05 10:00:00",
                "2024-01-05 10:00:00+01;2024-01-05 10:00:00.5-08 | timestamp | 2024-01-05 09:00:00;2024-01-05 18:00:00.5",
                "2024-01-05T10:00:00.1234567+01:00 | timestamp | 2024-01-05 09:00:00.123456",
                "2024-01-05T10:00:00.123456789Z | timestamp | 2024-01-05 10:00:00.123456",
                "2024-10-27 02:30:00 +02:00;2024-10-27 02:30:00 +01:00 | timestamp | 2024-10-27 00:30:00;2024-10-27 01:30:00",
            })
    void time_isReadAsItIsWrittenElsewhere(String cells, String type, String expected) throws IOException {
        for (String zone : List.of("UTC", "America/Los_Angeles")) {
            spark.conf().set("spark.sql.session.timeZone", zone);
            try {
                Dataset<Row> rows = read(cells).rows();
                assertEquals(type, rows.schema().apply("t").dataType().simpleString());
                var utc = type.equals("timestamp")
                        ? functions.convert_timezone(
                                functions.lit("UTC"), functions.col("t").cast("timestamp_ntz"))
                        : functions.col("t");
                assertEquals(
                        List.of(expected.split(";")),
                        rows.select(utc.cast("string")).collectAsList().stream()
                                .map(row -> row.getString(0))
                                .toList());
            } finally {
                spark.conf().unset("spark.sql.session.timeZone");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1/5/2024 12:00:00 AM | day and month cannot be told apart",
                "13/05/2024 | day and month cannot be told apart",
                "5.1.2024 10:00 | day and month cannot be told apart",
                "01/05/24 | day and month cannot be told apart",
                "2024-13 | not a time",
                "2024-W54 | not a time",
                "2023-W53 | not a time",
                "2024 Q5 | not a time",
                "2024-02-30 | not a time",
                "2024-01-05 25:00 | not a time",
                "2024-01-05 10:00:00 CET | not a time",
                "soon | not a time",
                "Jan 2024 | not a time",
            })
    void whatIsNoTime_isRefusedWithTheFormatsThereAre(String cell, String said) {
        String message = assertThrows(InputException.class, () -> read(cell)).getMessage();
        assertTrue(message.contains("times.csv, line 2: column t: " + said + " ("), message);
        assertTrue(message.contains("2024-03-01") && message.contains(", value " + cell), message);
        assertTrue(message.length() <= 400, message.length() + " " + message);
    }
}
