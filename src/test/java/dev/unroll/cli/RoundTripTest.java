package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.data.InputException;
import dev.unroll.spark.source.FileSource;
import dev.unroll.spark.source.Origin;
import dev.unroll.spark.source.RowFiles;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule R4 for values: a table of any strings comes back from every output format, or a value is refused by its column. */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class RoundTripTest {

    private static final String[] PIECES = {
        " ",
        "  ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\"",
        "\"\"",
        "'",
        "\\",
        "\\n",
        "\\t",
        ",",
        ";",
        "|",
        "\u0000",
        "\u0001",
        "\u001F",
        "\u007F",
        "\u0085",
        "\u00A0",
        "\u2028",
        "\u3000",
        "\uFEFF",
        "\uFFFD",
        "\uFFFF",
        "\uD83D\uDE00",
        "\uDBFF\uDFFF",
        "a",
        "b",
        "\u00E4",
        "#",
        "null",
        "NA",
        "NaN",
        "0",
        "1.0",
        "-",
        "{",
        "}",
        "[",
        "]",
        ":",
        "/",
        "=cmd|' /C calc'!A0"
    };

    /** Values that a format or a reader has been seen to change. */
    private static final List<String> KNOWN = List.of(
            " maria ",
            "  carla",
            "\t",
            "\tx\t",
            "\\",
            "\\\\",
            "\\\"",
            "\"",
            "\"\"",
            "\"a\"",
            "a\"b",
            "anna \"the 0\" x",
            ",",
            "a,b",
            "\n",
            "a\nb",
            "a\rb",
            "a\r\nb",
            "\"a\nb",
            "",
            " ",
            "\u0000",
            "a\u0000b",
            "\u0000a",
            "#a",
            "null",
            "\\N",
            "\uFEFFa",
            "\uD83D\uDE00",
            "\u2028",
            "\u0085",
            "[1,2]",
            "{\"a\":1}",
            "2024-01-01",
            "007",
            "1e5",
            "true",
            "NaN");

    @TempDir
    static Path directory;

    private static SparkSession session;
    private static CommandRunner command;

    @BeforeAll
    static void keepSession(SparkSession spark) {
        session = spark;
        command = new CommandRunner(spark);
    }

    static Stream<Arguments> tables() {
        return Stream.of("csv", "tsv", "json", "parquet")
                .flatMap(format -> IntStream.range(0, 5).mapToObj(seed -> Arguments.of(format, seed)));
    }

    /** Seed 0 has the known values; the others draw. */
    private static List<String[]> table(int seed) {
        Random random = new Random(seed);
        List<String[]> rows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String[] row = new String[3];
            for (int c = 0; c < row.length; c++) {
                int n = seed == 0 ? 0 : random.nextInt(5);
                row[c] = seed == 0
                        ? (i * 3 + c < KNOWN.size() ? KNOWN.get(i * 3 + c) : null)
                        : n == 0 ? null : text(random, n - 1);
            }
            rows.add(row);
        }
        return rows;
    }

    private static String text(Random random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    private static Dataset<Row> rows(List<String[]> table) {
        StructType schema = new StructType()
                .add("n", DataTypes.IntegerType)
                .add("a", DataTypes.StringType)
                .add("b \"c\", d", DataTypes.StringType)
                .add(" e.f ", DataTypes.StringType);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < table.size(); i++) {
            rows.add(RowFactory.create(i, table.get(i)[0], table.get(i)[1], table.get(i)[2]));
        }
        return session.createDataFrame(rows, schema).repartition(3);
    }

    @ParameterizedTest
    @MethodSource("tables")
    void anyStrings_comeBack(String format, int seed) throws IOException {
        List<String[]> table = table(seed);
        boolean text = format.equals("csv") || format.equals("tsv");
        if (format.equals("tsv")) {
            table.forEach(row -> Arrays.setAll(row, c -> row[c] == null ? null : row[c].replaceAll("[\t\r\n]", "_")));
        }
        // csv with line ends in cells is read as Spark and others read it: with multiLine. Spark loses a NUL there.
        if (format.equals("csv")) {
            table.forEach(row -> Arrays.setAll(row, c -> row[c] == null ? null : row[c].replace('\u0000', '0')));
        }
        Path path = directory.resolve(format + seed);
        Files.createDirectory(path);
        new RowFiles(format).checked(rows(table));
        new RowFiles(format).write(rows(table), new org.apache.hadoop.fs.Path(path.toString()), Set.of());
        Map<String, String> options = format.equals("csv") ? Map.of("multiLine", "true") : Map.of();
        assertEquals(expected(table, text), read(format, options, path), format);
        if (format.equals("csv")) {
            table = table(seed);
            table.forEach(row -> Arrays.setAll(row, c -> row[c] == null ? null : row[c].replaceAll("[\r\n]", "_")));
            Path lines = directory.resolve("lines" + seed);
            Files.createDirectory(lines);
            new RowFiles(format).write(rows(table), new org.apache.hadoop.fs.Path(lines.toString()), Set.of());
            assertEquals(expected(table, true), read(format, Map.of(), lines), format);
        }
    }

    private static List<List<String>> expected(List<String[]> table, boolean text) {
        return table.stream()
                .map(row -> Arrays.stream(row)
                        .map(cell -> text && "".equals(cell) ? null : cell)
                        .toList())
                .map(row -> row.stream().map(RoundTripTest::shown).toList())
                .toList();
    }

    private static List<List<String>> read(String format, Map<String, String> options, Path path) {
        Dataset<Row> rows = new FileSource(format, options)
                .read(session, path.toString(), List.of("n", "a", "b \"c\", d", " e.f "));
        assertEquals(List.of(), rows.where(Origin.hasFault(rows)).takeAsList(1));
        List<Row> read = new ArrayList<>(rows.select(
                        functions.col("n").cast("int"),
                        functions.col("a"),
                        functions.col("`b \"c\", d`"),
                        functions.col("` e.f `"))
                .collectAsList());
        read.sort(Comparator.comparing(row -> row.getInt(0)));
        return read.stream()
                .map(row -> IntStream.range(1, 4)
                        .mapToObj(c -> shown(row.getString(c)))
                        .toList())
                .toList();
    }

    /** With escapes, so that a difference can be seen. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        String.valueOf(text)
                .chars()
                .forEach(c -> shown.append(c > ' ' && c < 127 ? "" + (char) c : String.format("\\u%04X", c)));
        return shown.toString();
    }

    @Test
    void otherTypes_areTextInCells() throws IOException {
        StructType schema = new StructType()
                .add("vector", SQLDataTypes.VectorType())
                .add("vectors", DataTypes.createArrayType(SQLDataTypes.VectorType()))
                .add("texts", DataTypes.createArrayType(DataTypes.StringType))
                .add("struct", new StructType().add("a", DataTypes.IntegerType).add("b", DataTypes.StringType))
                .add("bytes", DataTypes.BinaryType)
                .add("time", DataTypes.TimestampType)
                .add("day", DataTypes.DateType)
                .add("real", DataTypes.DoubleType);
        Row row = RowFactory.create(
                Vectors.dense(0.25, 0.75),
                new Object[] {Vectors.dense(1)},
                new String[] {" a\n\"b\" ", null},
                RowFactory.create(1, null),
                new byte[] {1, 2, (byte) 255},
                java.sql.Timestamp.from(java.time.Instant.parse("2024-10-27T01:00:00.123456Z")),
                java.sql.Date.valueOf("2024-10-27"),
                1e-7);
        for (String format : List.of("csv", "tsv")) {
            Path path = directory.resolve("types-" + format);
            Files.createDirectory(path);
            new RowFiles(format)
                    .write(
                            session.createDataFrame(List.of(row), schema),
                            new org.apache.hadoop.fs.Path(path.toString()),
                            Set.of());
            Row read = new FileSource(format, Map.of())
                    .read(session, path.toString(), List.of("vector"))
                    .first();
            assertEquals("[0.25,0.75]", read.getAs("vector"));
            assertEquals("[[1.0]]", read.getAs("vectors"));
            assertEquals("[\" a\\n\\\"b\\\" \",null]", read.getAs("texts"));
            assertEquals("{\"a\":1,\"b\":null}", read.getAs("struct"));
            assertEquals("AQL/", read.getAs("bytes"));
            assertEquals(
                    java.time.Instant.parse("2024-10-27T01:00:00.123456Z"),
                    java.time.OffsetDateTime.parse(read.getAs("time")).toInstant());
            assertEquals("2024-10-27", read.getAs("day"));
            assertEquals("1.0E-7", read.getAs("real"));
        }
    }

    /** A line of one cell that is empty or blank is no row, unless it has quotes. */
    @ParameterizedTest
    @CsvSource({
        "csv, , 2",
        "csv, '', 2",
        "csv, ' ', 2",
        "csv, x, 2",
        "tsv, x, 2",
        "tsv, , 0",
        "tsv, '', 0",
        "tsv, '  ', 0",
        "json, , 2",
        "parquet, ' ', 2"
    })
    void oneColumn_losesNoRow(String format, String cell, int rows) throws IOException {
        Path path = Files.createTempDirectory(directory, "one");
        StructType schema = new StructType().add("a", DataTypes.StringType);
        // One file, since Spark reads several in the order of their sizes.
        Dataset<Row> table = session.createDataFrame(List.of(RowFactory.create("y"), RowFactory.create(cell)), schema)
                .coalesce(1);
        if (rows == 0) {
            String said = assertThrows(InputException.class, () -> write(format, table, path))
                    .getMessage();
            assertEquals(true, said.startsWith("column a is the only one") && said.contains("output-format csv"), said);
        } else {
            write(format, table, path);
            List<Row> read = new FileSource(format, Map.of())
                    .read(session, path.toString(), List.of("a"))
                    .select("a")
                    .collectAsList();
            boolean none = cell == null || (cell.isEmpty() && format.equals("csv"));
            assertEquals(
                    Arrays.asList("y", none ? null : cell),
                    read.stream().map(row -> row.getString(0)).toList());
        }
    }

    /** Rows of no partition are a file with a header, named as its format is. */
    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(strings = {"csv", "tsv"})
    void noRows_areAFileWithAHeader(String format) throws IOException {
        Path path = Files.createTempDirectory(directory, "none");
        StructType schema = new StructType().add("a", DataTypes.StringType).add("b", DataTypes.LongType);
        write(format, session.createDataFrame(List.of(), schema), path);
        assertEquals(format.equals("csv") ? "a,b\n" : "a\tb\n", Files.readString(path.resolve("part-00000." + format)));
        Dataset<Row> read = new FileSource(format, Map.of()).read(session, path.toString(), List.of("a"));
        assertEquals(0, read.count());
        assertEquals("a", read.columns()[0]);
    }

    @ParameterizedTest
    @CsvSource({
        "part-00000.csv, true",
        "part-99999.tsv, true",
        "part-100000.csv, true",
        ".part-1234567.json.crc, true",
        "part-100000-01234567-89ab-cdef-0123-456789abcdef-c000.snappy.parquet, true",
        "_SUCCESS, true",
        "part-0000.csv, false",
        "part-00000.csv/x, false",
        "part-a.csv, false",
    })
    void namesOfParts_haveAsManyDigitsAsTheyNeed(String name, boolean own) {
        assertEquals(own, RowFiles.FILES.matcher(name).matches());
    }

    private static void write(String format, Dataset<Row> rows, Path path) {
        new RowFiles(format).write(rows, new org.apache.hadoop.fs.Path(path.toString()), Set.of());
    }

    /** The whole way: what predict writes, evaluate reads to the same metrics. */
    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(strings = {"csv", "tsv", "json", "parquet"})
    void predicted_isReadAsTheInput(String format) throws IOException {
        Path input = directory.resolve("names-" + format + ".csv");
        Files.writeString(
                input,
                "id,name,sex\n1,\" maria \",F\n2,\"  carla\",F\n3,\"anna \"\"the 0\"\" x\",F\n4,\\bob\\,M\n5,\"d,an\",M\n6,#eve,F\n");
        String small = " --hidden-size 2 --embedding-size 2 --max-iter 2 --num-shards 1 --engine local";
        run("train --train " + input + " --features-col name --label-col sex --model " + directory + "/m-" + format
                        + small)
                .json();
        String model = " --model " + directory + "/m-" + format + " ";
        String output = directory + "/out-" + format;
        run("predict" + model + "--input " + input + " --output " + output + " --output-format " + format)
                .json();
        assertEquals(
                run("evaluate" + model + "--input " + input).json().get("metrics"),
                run("evaluate" + model + "--input " + output + " --format " + format)
                        .json()
                        .get("metrics"));
        // A second model on the output of the first: the columns get other names.
        run("predict" + model + "--input " + output + " --format " + format + " --output " + output + "2")
                .assertRefused("prediction-col is prediction");
        Dataset<Row> twice = twice(model, output, format);
        assertEquals(
                6,
                twice.where("p2 = prediction and q2 is not null and r2 is not null")
                        .count());
    }

    private static Dataset<Row> twice(String model, String output, String format) {
        run("predict" + model + "--input " + output + " --format " + format + " --output " + output + "2"
                        + " --prediction-col p2 --probability-col q2 --raw-prediction-col r2 --output-format json")
                .json();
        return new FileSource("json", Map.of()).read(session, output + "2", List.of("p2", "prediction", "q2", "r2"));
    }

    @Test
    void tsv_refusesWhatItCannotHold() throws IOException {
        Path input = directory.resolve("tabs.json");
        Files.writeString(
                input,
                "{\"name\":\"anna\",\"sex\":\"F\",\"note\":\"x\"}\n{\"name\":\"bob\",\"sex\":\"M\",\"note\":\"a\\tb\"}\n");
        String small = " --hidden-size 2 --embedding-size 2 --max-iter 2 --num-shards 1 --engine local";
        run("train --format json --train " + input + " --features-col name --label-col sex --model " + directory
                        + "/m-tabs" + small)
                .json();
        String line =
                "predict --format json --model " + directory + "/m-tabs --input " + input + " --output " + directory;
        run(line + "/tabs --output-format tsv")
                .assertRefused("tabs.json, line 2: column note: tab or line end", "value a\\u0009b", "tsv");
        assertEquals(false, Files.exists(directory.resolve("tabs")));
        assertEquals(
                1,
                run(line + "/tabs --output-format tsv --handle-invalid skip")
                        .json()
                        .at("/skipped/note: tab or line end, which tsv cannot hold")
                        .asInt());
        run(line + "/tabs-csv --output-format csv").json();
    }

    private static Outcome run(String line) {
        return command.run(line);
    }
}
