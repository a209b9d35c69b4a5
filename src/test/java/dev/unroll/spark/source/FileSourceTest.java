package dev.unroll.spark.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SparkTest
class FileSourceTest {

    private static SparkSession spark;

    @TempDir
    Path directory;

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static Dataset<Row> read(String format, Path path, String... options) {
        Map<String, String> map =
                Arrays.stream(options).collect(Collectors.toMap(o -> o.split("=", 2)[0], o -> o.split("=", 2)[1]));
        return new FileSource(format, map).read(spark, path.toString(), List.of("used"));
    }

    /** Rows as text, without their origin. */
    private static List<String> rows(Dataset<Row> rows) {
        return rows.drop(Origin.COLUMN).collectAsList().stream()
                .map(Row::toString)
                .sorted()
                .toList();
    }

    private static List<String> reasons(Dataset<Row> rows) {
        return rows.select(Origin.COLUMN + "." + Origin.REASON).collectAsList().stream()
                .map(row -> row.getString(0))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"lines.csv,\\n", "lines.csv,\\r\\n", "lines.csv,\\r", "lines.csv.gz,\\n"})
    void everyRow_knowsItsLineWhateverTheBlocks(String name, String end) throws IOException {
        String lineEnd = end.replace("\\r", "\r").replace("\\n", "\n");
        StringBuilder text = new StringBuilder("number,text" + lineEnd);
        Random random = new Random(5);
        for (int line = 2; line <= 400; line++) {
            text.append(random.nextInt(5) == 0 ? "" : line + "," + "x".repeat(random.nextInt(30)))
                    .append(lineEnd);
        }
        Path file = directory.resolve(name);
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        spark.conf().set("spark.sql.files.maxPartitionBytes", "300");
        spark.conf().set("spark.sql.files.openCostInBytes", "1");
        try {
            Dataset<Row> rows = read("csv", file);
            assertEquals(name.endsWith(".gz"), rows.javaRDD().getNumPartitions() == 1);
            List<Row> all = rows.collectAsList();
            assertTrue(all.size() > 300);
            for (Row row : all) {
                assertEquals(
                        file + ", line " + row.getString(0),
                        Origin.place(row.getStruct(2), 0).describe(new Configuration()));
            }
        } finally {
            spark.conf().unset("spark.sql.files.maxPartitionBytes");
            spark.conf().unset("spark.sql.files.openCostInBytes");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void csv_readsWhatSparkReadsOfWellFormedFiles(long seed) throws IOException {
        Random random = new Random(seed);
        String[] pieces = {"a", "é", "日", "\"", ",", " ", "\\", "'", "\t", "😀", "b"};
        StringBuilder text = new StringBuilder("\uFEFF").append("one,\"t,w\"\"o\",three\r\n");
        for (int row = 0; row < 200; row++) {
            List<String> cells = new ArrayList<>();
            for (int c = 0; c < 3; c++) {
                StringBuilder cell = new StringBuilder();
                for (int n = random.nextInt(5); n > 0; n--) {
                    cell.append(pieces[random.nextInt(pieces.length)]);
                }
                boolean quoted = random.nextBoolean() || cell.indexOf("\"") >= 0 || cell.indexOf(",") >= 0;
                cells.add(quoted ? "\"" + cell.toString().replace("\"", "\"\"") + "\"" : cell.toString());
            }
            text.append(String.join(",", cells)).append(random.nextBoolean() ? "\n" : "\r\n");
        }
        Path file = write("table.csv", text.toString());
        Dataset<Row> expected =
                spark.read().option("header", "true").option("escape", "\"").csv(file.toString());
        Dataset<Row> rows = read("csv", file);
        assertEquals(List.of("one", "t,w\"o", "three", Origin.COLUMN), List.of(rows.columns()));
        assertEquals(rows(expected), rows(rows));
        assertEquals(0, rows.where(Origin.COLUMN + ".reason is not null").count());
    }

    @Test
    void options_changeTheDialect() throws IOException {
        Path file = write("odd.csv", "#no row\n1;'a;b';NA\n\n2;'it\\'s';x\n");
        Dataset<Row> rows =
                read("csv", file, "SEP=;", "quote='", "escape=\\", "comment=#", "header=false", "nullValue=NA");
        assertEquals(List.of("_c0", "_c1", "_c2", Origin.COLUMN), List.of(rows.columns()));
        assertEquals(List.of("[1,a;b,null]", "[2,it's,x]"), rows(rows));
        Path wide = write("wide.csv", "a||b\n1||2\n");
        assertEquals(List.of("[1,2]"), rows(read("csv", wide, "sep=||")));
        Path latin = directory.resolve("latin.csv");
        Files.write(latin, "a\nbjörn\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(List.of("[björn]"), rows(read("csv", latin, "encoding=ISO-8859-1")));
        // What lines cannot express goes through Spark's own reader.
        Path typed = write("typed.csv", "a,b\n1,\"x\ny\"\n2,z\n");
        Dataset<Row> inferred = read("csv", typed, "inferSchema=true", "multiLine=true");
        assertEquals("int", inferred.schema().apply("a").dataType().simpleString());
        assertEquals(List.of("[1,x\ny]", "[2,z]"), rows(inferred));
    }

    /** Right values are those of Python's csv; {@code !} is a line at fault, counted by its reason. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "He said \"hi\",x | He said \"hi\":x",
                "x,F\"\" | x:F\"\"",
                "a\"b\"c,d\"\"e | a\"b\"c:d\"\"e",
                "a \"b,c\" d | a \"b:c\" d",
                "'x,5\" by 6\"' | 'x:5\" by 6\"'",
                "x,5\" pipe | !quote inside an unquoted cell",
                "maria\",F | !quote inside an unquoted cell",
                // inch marks between good lines
                "a,5\" pipe;b,c;d,e;f,6\" pipe | !quote inside an unquoted cell b:c d:e !quote inside an unquoted cell",
                "a,5\" pipe;b,c;x,\"F | !quote inside an unquoted cell b:c !unclosed quote",
                "a,5\" pipe;b,c;\"d\",e;f,\"6 | !quote inside an unquoted cell b:c d:e !unclosed quote",
                // cells of several lines
                "x,\"F;b,c;M\" | !unclosed quote !inside a quote that a line before opens !quote inside an unquoted cell",
                "5\" x,\"F;b,c;M\" | !unclosed quote !inside a quote that a line before opens"
                        + " !quote inside an unquoted cell",
                "x,\"F;b,too,many;M\" | !unclosed quote !too many columns !quote inside an unquoted cell",
                "x,\"F;b,c;d,e | !unclosed quote b:c d:e",
                "x,\"F;b,c;M\";d,e;f,6\" | !unclosed quote !inside a quote that a line before opens"
                        + " !quote inside an unquoted cell d:e !quote inside an unquoted cell",
                "\"b\"x,c | !text behind a closing quote",
            })
    void quotesInsideCells_areTextOrAFault(String lines, String expected) throws IOException {
        Path file = write("quotes.csv", "one,two\n" + lines.replace(';', '\n') + "\n");
        List<String> found = new ArrayList<>();
        for (Row row : read("csv", file).collectAsList()) {
            Fault fault = Origin.fault(Origin.of(row));
            if (fault != null && !fault.getMessage().matches(".*(columns|closing quote)")) {
                String said = BadRow.of(Origin.place(Origin.of(row), 0), fault).describe(new Configuration());
                assertTrue(said.contains("(") && said.matches(".*read-option (quote=|multiLine=true) .*"), said);
            }
            found.add(
                    fault == null
                            ? row.getString(0) + ":" + row.getString(1)
                            : "!" + fault.getMessage().replace("malformed line: ", ""));
        }
        assertEquals(expected, String.join(" ", found));
    }

    @Test
    void quotesThatAreText_areReadWithoutQuoting() throws IOException {
        Path file = write("inches.csv", "one,two\na,5\" pipe\n\"b,\"c\n");
        assertEquals(List.of("[\"b,\"c]", "[a,5\" pipe]"), rows(read("csv", file, "quote=")));
    }

    /** A directory above the path is no column, nor is one whose name a column of the data has. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "runs/lr=0.1 | 1 | | a:bigint,lr:double",
                "runs/lr=007 | lr=1 | lr=2 | a:bigint,lr:int",
                "runs/x | lr=0.5 | lr=0.25 | a:bigint,lr:double",
                "runs/x | lr=0.5 | lr=1.0 | a:bigint,lr:double",
                "runs/x | lr=1.0 | lr=1 | a:bigint,lr:string",
                "runs/x | lr=0.50 | lr=0.5 | a:bigint,lr:string",
                "runs/x | lr=1e-3 | lr=0.5 | a:bigint,lr:string",
                "runs/x | lr=0.001 | lr=0.0001 | a:bigint,lr:double",
                "runs/x | lr=007 | lr=8 | a:bigint,lr:string",
                "runs/x | lr=7 | lr=8 | a:bigint,lr:int",
                "runs/x | lr=NaN | lr=0.5 | a:bigint,lr:string",
                "runs/x | lr=2024-03-01 | lr=2024-03-02 | a:bigint,lr:date",
                "runs/x | lr=2024-03-01 10%3A00%3A00 | lr=2024-03-02 10%3A00%3A00 | a:bigint,lr:string",
            })
    void folders_keepATypeThatWritesThemSo(String root, String one, String other, String schema) throws IOException {
        boolean data = other == null;
        for (String folder : data ? List.of(one) : List.of(one, other)) {
            Dataset<Row> rows = spark.range(2).toDF("a");
            (data ? rows.withColumn("lr", functions.lit(0.1)) : rows)
                    .write()
                    .parquet(directory + "/" + root + "/" + folder);
        }
        String path = directory + "/" + root + (data ? "/" + one : "");
        Dataset<Row> rows = new FileSource("parquet", Map.of()).read(spark, path, List.of("a"));
        assertEquals("struct<" + schema + ">", rows.schema().simpleString());
        assertEquals(data ? 2 : 4, rows.collectAsList().size());
    }

    /** Whatever reads the files, their folders are the same. */
    @ParameterizedTest
    @ValueSource(strings = {"lineSep=\n", "multiLine=true", "inferSchema=true", "header=true"})
    void folders_areTextForEveryReader(String option) throws IOException {
        write("in/label=007/a.csv", "a\n1\n");
        write("in/label=1/a.csv", "a\n2\n");
        Dataset<Row> rows = read("csv", directory.resolve("in"), option);
        assertEquals("string", rows.schema().apply("label").dataType().simpleString());
        assertEquals(List.of("[1,007]", "[2,1]"), rows(rows));
        write("texts/label=007/a.txt", "x");
        assertEquals(List.of("[x,007]"), rows(read("text", directory.resolve("texts"), "wholetext=true")));
    }

    @Test
    void tsv_quotesNothing() throws IOException {
        Path file = write("quotes.tsv", "a\tb\n\"x\ty\"\n");
        assertEquals(List.of("[\"x,y\"]"), rows(read("tsv", file)));
    }

    @Test
    void directories_haveFilesPartitionsAndOddNames() throws IOException {
        write("in/lang=en/a b%20ü#.csv", "name,n\nanna,1\nbob\n");
        write("in/lang=de/empty.csv", "");
        write("in/lang=de/b.csv", "name,n\nbjörn,2\n");
        write("in/lang=de/_ignored.csv", "x\n");
        Dataset<Row> rows = read("csv", directory.resolve("in"));
        assertEquals(List.of("name", "n", "lang", Origin.COLUMN), List.of(rows.columns()));
        assertEquals(List.of("[anna,1,en]", "[björn,2,de]", "[null,null,en]"), rows(rows));
        Row bad = rows.where(Origin.COLUMN + ".reason is not null")
                .select(Origin.COLUMN)
                .first()
                .getStruct(0);
        assertEquals(
                directory.resolve("in/lang=en/a b%20ü#.csv") + ", line 3",
                Origin.place(bad, 0).describe(new Configuration()));
    }

    @Test
    void json_hasTheTypesOfAllRows() throws IOException {
        Path file = write("rows.json", """
                {"used": [1, 2], "n": 1, "mix": 1, "o": {"a": 1, "b": [true]}, "none": null, "big": 12345678901234567890}
                {'used': [], "n": 2.5, "mix": "x", "o": {"c": "x"}, "deep": [[], [[1]]]}

                {"used": [3.5, NaN, null], "mix": {"k": [1]}, "o": null, "deep": null}
                {"used": "text", "n": 3}
                """);
        Dataset<Row> rows = read("json", file);
        assertEquals(
                "struct<big:decimal(38,0),deep:array<array<array<bigint>>>,mix:string,n:double,none:string,"
                        + "o:struct<a:bigint,b:array<boolean>,c:string>,used:array<double>>",
                rows.drop(Origin.COLUMN).schema().simpleString());
        List<Row> all = rows.orderBy(Origin.COLUMN + ".line").collectAsList();
        assertEquals(List.of(1.0, 2.0), all.get(0).getList(6));
        assertEquals("{\"k\":[1]}", all.get(2).getAs("mix"));
        assertNull(all.get(2).getAs("o"));
        assertEquals(
                Arrays.asList(null, null, null, "text where other rows have array of number"),
                reasons(rows.orderBy(Origin.COLUMN + ".line")));
        // A column that is not used is text where rows differ, and no row is at fault.
        Dataset<Row> unused = new FileSource("json", Map.of()).read(spark, file.toString(), List.of("n"));
        assertEquals(0, unused.where(Origin.COLUMN + ".reason is not null").count());
        assertEquals("string", unused.schema().apply("used").dataType().simpleString());
    }

    @Test
    void shapes_doNotDependOnTheOrderOfRowsOrParts() throws Exception {
        String[] lines = {
            "{\"a\":1}",
            "{\"a\":null}",
            "{\"a\":1.5}",
            "{\"a\":\"x\"}",
            "{\"a\":\"y\"}",
            "{\"a\":[]}",
            "{\"b\":[[]]}",
            "{\"b\":[[1]]}"
        };
        String expected = null;
        Random random = new Random(1);
        for (int round = 0; round < 50; round++) {
            List<String> order = new ArrayList<>(List.of(lines));
            java.util.Collections.shuffle(order, random);
            JsonShapes all = new JsonShapes();
            int cut = random.nextInt(lines.length);
            for (List<String> part : List.of(order.subList(0, cut), order.subList(cut, lines.length))) {
                JsonShapes shapes = new JsonShapes();
                for (String line : part) {
                    shapes.add(JsonLines.object(line));
                }
                all.merge(shapes.toBytes());
            }
            String found = all.schema(java.util.Set.of("a", "b")) + " "
                    + new java.util.TreeMap<>(all.shapes(java.util.Set.of("a", "b")));
            expected = expected == null ? found : expected;
            assertEquals(expected, found);
        }
        assertTrue(expected.contains("a=number"), expected); // as many rows as text, and first in the alphabet
    }

    @Test
    void parquet_prunesColumns() throws IOException {
        String path = directory.resolve("wide.parquet").toString();
        spark.range(10)
                .select(functions.col("id").as("used"), functions.lit("x").as("other"))
                .write()
                .parquet(path);
        Dataset<Row> rows = new FileSource("parquet", Map.of()).read(spark, path, List.of("used"));
        String plan = rows.select("used").queryExecution().executedPlan().toString();
        assertTrue(plan.contains("ReadSchema: struct<used:bigint>"), plan);
    }

    /** Spark reads them then, and it has one type for a column: text, in which no digit may change. */
    @Test
    void mixedValuesInSeveralLines_areTextAsWritten() throws IOException {
        Path file = write(
                "rows.json",
                "[{\"used\":\n[1,\"a\",2.50,1e2,12345678901234567890123,0.10000000000000000555,-0.0,true,1.0,null]}]");
        assertEquals(
                List.of(
                        "1",
                        "a",
                        "2.50",
                        "1e2",
                        "12345678901234567890123",
                        "0.10000000000000000555",
                        "-0.0",
                        "true",
                        "1.0",
                        "-"),
                read("json", file, "multiLine=true")
                        .select(functions.expr("explode(used)"))
                        .na()
                        .fill("-")
                        .collectAsList()
                        .stream()
                        .map(row -> row.getString(0))
                        .toList());
    }
}
