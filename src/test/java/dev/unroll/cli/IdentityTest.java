package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Labels and tokens are what the file says, to the last digit: different ones stay different whatever type their column
 * has, and the same ones are equal however the files write them.
 */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class IdentityTest {

    private static final String SMALL =
            " --hidden-size 4 --embedding-size 4 --num-shards 1 --engine local --max-iter 60 --step-size 0.05";

    @TempDir
    private Path directory;

    private static final ObjectMapper EXACT =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private static CommandRunner command;
    private static SparkSession session;

    @BeforeAll
    static void prepare(SparkSession spark) {
        session = spark;
        command = new CommandRunner(spark);
    }

    @BeforeEach
    void clear() {
        session.catalog().clearCache();
    }

    private String model() {
        return directory.resolve("model").toString();
    }

    private JsonNode train(String input, String format, String keys) {
        return command.run("train --train " + input + " --format " + format + " --features-col x" + SMALL + " " + keys
                        + " --overwrite --model " + model())
                .json();
    }

    private JsonNode evaluate(String input, String format) {
        return command.run("evaluate --model " + model() + " --input " + input + " --format " + format)
                .json();
    }

    private List<JsonNode> predicted(String input, String format) throws IOException {
        command.run("predict --model " + model() + " --input " + input + " --format " + format
                        + " --output-format json --overwrite --output " + directory.resolve("out"))
                .json();
        List<JsonNode> rows = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory.resolve("out"))) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-"))
                    .toList()) {
                for (String line : Files.readAllLines(file)) {
                    rows.add(EXACT.readTree(line));
                }
            }
        }
        return rows;
    }

    private String parquet(List<String> expressions) {
        String rows = expressions.stream().map(e -> "select " + e).collect(Collectors.joining(" union all "));
        String path = directory.resolve("rows.parquet").toString();
        session.sql(rows).coalesce(1).write().mode("overwrite").parquet(path);
        return path;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "tinyint | -1 | 0 | 1 | 127",
                "smallint | -300 | 0 | 1 | 300",
                "int | 2147483646 | 2147483647 | 1 | 16777217",
                "bigint | 9007199254740992 | 9007199254740993 | 1234567890123456789 | 1234567890123456790",
                "bigint | 9223372036854775806 | 9223372036854775807 | -9223372036854775808 | -9223372036854775807",
                "bigint | 1152921504606846976 | 1152921504606846977 | 1152921504606847000 | 5",
                "decimal(20,0) | 18446744073709551614 | 18446744073709551615 | 1 | 2",
                "decimal(38,0) | 99999999999999999999999999999999999998 | 99999999999999999999999999999999999999 | 1 | 2",
                "decimal(38,18) | 0.123456789012345678 | 0.123456789012345679 | 1 | 0.1",
                "decimal(10,2) | 0.10 | 0.20 | 0.30 | 7.00",
                "string | 9007199254740993 | 9007199254740992 | 007 | 7",
                "double | 0.1 | 0.2 | 0.30000000000000004 | 0.3",
            })
    void fourLabels_areFourClasses_andThePredictions(String type, String a, String b, String c, String d)
            throws IOException {
        List<String> labels = List.of(a, b, c, d);
        List<String> rows = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            rows.add("'" + "wxyz".substring(n % 4, n % 4 + 1).repeat(4) + "' as x, cast('" + labels.get(n % 4) + "' as "
                    + type + ") as y");
        }
        String input = parquet(rows);
        train(input, "parquet", "--label-col y");
        JsonNode evaluated = evaluate(input, "parquet");
        assertEquals(4, evaluated.get("perClass").size(), evaluated.toString());
        assertEquals(1, evaluated.get("metrics").get("accuracy").asDouble());
        Set<String> found = new TreeSet<>();
        evaluated.get("perClass").fieldNames().forEachRemaining(name -> found.add(canonical(type, name)));
        assertEquals(
                labels.stream().map(l -> canonical(type, l)).collect(Collectors.toCollection(TreeSet::new)), found);
        for (JsonNode row : predicted(input, "parquet")) {
            assertEquals(
                    canonical(type, row.get("y").asText()),
                    canonical(type, row.get("prediction").asText()));
        }
    }

    private static String canonical(String type, String label) {
        return type.equals("string")
                ? label
                : new BigDecimal(label).stripTrailingZeros().toPlainString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "9007199254740992 | 9007199254740993 | 1234567890123456789 | 1234567890123456790",
                "18446744073709551614 | 18446744073709551615 | 18446744073709551616 | 3",
                "12345678901234567890123456789012345678901 | 12345678901234567890123456789012345678902 | 1 | 2",
            })
    void wholeNumbersOfJson_areExact(String a, String b, String c, String d) throws IOException {
        List<String> labels = List.of(a, b, c, d);
        StringBuilder lines = new StringBuilder();
        for (int n = 0; n < 40; n++) {
            lines.append("{\"x\":\"" + "wxyz".substring(n % 4, n % 4 + 1).repeat(4) + "\",\"y\":" + labels.get(n % 4)
                    + "}\n");
        }
        String input = Files.writeString(directory.resolve("rows.json"), lines).toString();
        train(input, "json", "--label-col y");
        JsonNode evaluated = evaluate(input, "json");
        assertEquals(4, evaluated.get("perClass").size(), evaluated.toString());
        labels.forEach(label -> assertTrue(evaluated.get("perClass").has(label), evaluated + " without " + label));
        for (JsonNode row : predicted(input, "json")) {
            assertEquals(row.get("y").asText(), row.get("prediction").asText());
        }
    }

    @ParameterizedTest
    @CsvSource({"csv, json", "json, csv"})
    void labelsOfTextAndOfNumbers_areEqualInBothDirections(String trained, String evaluated) throws IOException {
        StringBuilder csv = new StringBuilder("x,y\n");
        StringBuilder json = new StringBuilder();
        for (int n = 0; n < 20; n++) {
            csv.append("ab".substring(n % 2, n % 2 + 1).repeat(3))
                    .append(',')
                    .append(n % 2)
                    .append('\n');
            json.append("{\"x\":\"" + "ab".substring(n % 2, n % 2 + 1).repeat(3) + "\",\"y\":" + n % 2 + "}\n");
        }
        Files.writeString(directory.resolve("rows.csv"), csv);
        Files.writeString(directory.resolve("rows.json"), json);
        train(directory.resolve("rows." + trained).toString(), trained, "--label-col y");
        JsonNode metrics = evaluate(directory.resolve("rows." + evaluated).toString(), evaluated)
                .get("metrics");
        assertEquals(1, metrics.get("accuracy").asDouble());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tinyint", "smallint", "int", "bigint", "decimal(20,0)", "decimal(3,0)", "decimal(38,0)"})
    void tokens_areTheSameWhateverTheirType(String type) {
        List<String> texts = new ArrayList<>();
        List<String> numbers = new ArrayList<>();
        for (int n = 0; n < 20; n++) {
            String ids = n % 2 == 0 ? "1,2,0" : "3,2,1";
            texts.add("split('" + ids + "', ',') as x, '" + n % 2 + "' as y");
            numbers.add("cast(array(" + ids + ") as array<" + type + ">) as x, '" + n % 2 + "' as y");
        }
        String expected = train(parquet(texts), "parquet", "--label-col y")
                .get("parameterHash")
                .asText();
        assertEquals(
                expected,
                train(parquet(numbers), "parquet", "--label-col y")
                        .get("parameterHash")
                        .asText());
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "json, 16777216, 16777217",
        "json, 9007199254740992, 9007199254740993",
        "json, 18446744073709551614, 18446744073709551615",
        "parquet, 18446744073709551614, 18446744073709551615"
    })
    void largeTokenIds_stayApart(String format, String a, String b) throws IOException {
        List<String> rows = new ArrayList<>();
        StringBuilder json = new StringBuilder();
        for (int n = 0; n < 20; n++) {
            String id = n % 2 == 0 ? a : b;
            rows.add("cast(array(" + id + "," + id + ") as array<decimal(20,0)>) as x, '" + n % 2 + "' as y");
            json.append("{\"x\":[" + id + "," + id + "],\"y\":\"" + n % 2 + "\"}\n");
        }
        String input = format.equals("json")
                ? Files.writeString(directory.resolve("rows.json"), json).toString()
                : parquet(rows);
        train(input, format, "--label-col y");
        JsonNode evaluated = evaluate(input, format);
        assertEquals(1, evaluated.get("metrics").get("accuracy").asDouble());
        assertEquals(0, evaluated.get("unknownTokens").asLong());
    }

    @Test
    void directoryValues_keepTheirDigits() throws IOException {
        for (String label : List.of("007", "7", "08")) {
            Path folder = Files.createDirectories(directory.resolve("rows/label=" + label));
            String text = "x\n" + (label.repeat(2) + "\n").repeat(10);
            Files.writeString(folder.resolve("a.csv"), text);
        }
        String input = directory.resolve("rows").toString();
        train(input, "csv", "--label-col label");
        JsonNode evaluated = evaluate(input, "csv");
        assertEquals(3, evaluated.get("perClass").size(), evaluated.toString());
        assertTrue(evaluated.get("perClass").has("007"), evaluated.toString());
    }

    /** What Parquet files say of their columns and directories of theirs is what predict writes. */
    @Test
    void parquetInDirectories_keepsItsTypesAndTheirDigits() {
        String input = directory.resolve("sales").toString();
        for (String folder : List.of("year=2023/month=12", "year=2024/month=1", "year=2024/month=01")) {
            session.sql("select smallint(id) as n, decimal(id) / 4 as price, date'2024-02-29' as day,"
                            + " array(float(id), 0.5F) as x from range(4)")
                    .write()
                    .parquet(input + "/" + folder);
        }
        train(input, "parquet", "--label-col month");
        String line = "predict --format parquet --output-format parquet --model " + model() + " --input " + input;
        command.run(line + " --output " + directory.resolve("typed")).json();
        Dataset<Row> written = session.read().parquet(directory.resolve("typed").toString());
        assertEquals(
                "n:smallint,price:decimal(16,6),day:date,x:array<float>,year:int,month:string",
                written.schema().simpleString().replaceAll("struct<(.*),prediction:string,.*", "$1"));
        Function<Row, String> plain = row -> row.getShort(0) + " " + row.getDecimal(1) + " " + row.getDate(2) + " "
                + row.getList(3) + " " + row.getInt(4) + " " + row.getString(5);
        List<String> expected = new ArrayList<>();
        for (String folder : List.of("2023 12", "2024 1", "2024 01")) {
            for (int n = 0; n < 4; n++) {
                BigDecimal price = new BigDecimal(n).divide(new BigDecimal(4)).setScale(6);
                expected.add(n + " " + price + " 2024-02-29 [" + n + ".0, 0.5] " + folder);
            }
        }
        assertEquals(
                expected.stream().sorted().toList(),
                written.collectAsList().stream().map(plain).sorted().toList());
        JsonNode classes = evaluate(input, "parquet").get("perClass");
        assertTrue(classes.has("01") && classes.has("1") && classes.has("12"), classes.toString());
    }

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "[0.5,1.5] | [3,1]",
                "[0.5,1.5] | [3]",
                "[[0.5,1],[2,3]] | [[1,2],[2,3]]",
            })
    void modelOfNumbers_readsWholeNumbersAsNumbers(String trained, String given) throws IOException {
        String input = Files.writeString(
                        directory.resolve("train.json"), ("{\"x\":" + trained + ",\"y\":1.5}\n").repeat(10))
                .toString();
        String whole = Files.writeString(directory.resolve("whole.json"), ("{\"x\":" + given + ",\"y\":6}\n").repeat(3))
                .toString();
        train(input, "json", "--task regression --label-col y --validation " + whole);
        assertEquals(3, predicted(whole, "json").size());
        assertEquals(3, evaluate(whole, "json").get("sequences").asInt());
    }

    @Test
    void modelOfTokens_readsNumbersAsTokens() throws IOException {
        String input = Files.writeString(
                        directory.resolve("train.json"),
                        "{\"x\":[1,2,3],\"y\":\"a\"}\n{\"x\":[3,2,1],\"y\":\"b\"}\n".repeat(10))
                .toString();
        train(input, "json", "--label-col y");
        String decimals = Files.writeString(directory.resolve("decimals.json"), "{\"x\":[1.0,2.0,3],\"y\":\"a\"}\n")
                .toString();
        assertEquals(0, evaluate(decimals, "json").get("unknownTokens").asInt());
        String fraction = Files.writeString(directory.resolve("fraction.json"), "{\"x\":[1.5,2],\"y\":\"a\"}\n")
                .toString();
        command.run("evaluate --model " + model() + " --format json --input " + fraction)
                .assertRefused("fraction.json", "line 1", "column x", "whole number");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1,\"a\"]",
                "[1.5,\"1.5\"]",
                "[true,1]",
                "[\"a\",true]",
                "[[1],2]",
                "[[1,\"a\"]]",
                "[1e400,\"x\"]",
                "[{\"a\":1},1]",
                "[\"0.1\",0.1,true]",
                "[[1.5],[\"a\"]]",
                "[null,1,\"b\"]",
                "[9007199254740993,\"a\"]"
            })
    void arrayOfMixedValues_isAFaultOfItsRow(String value) throws IOException {
        String input = Files.writeString(
                        directory.resolve("rows.json"),
                        "{\"x\":[\"a\"],\"y\":\"p\"}\n{\"x\":" + value + ",\"y\":\"q\"}\n")
                .toString();
        String line = "train --train " + input + " --format json --features-col x --label-col y" + SMALL;
        command.run(line + " --model " + model()).assertRefused("line 2", "column x", "mixed values");
        String alone = Files.writeString(
                        directory.resolve("alone.json"), ("{\"x\":" + value + ",\"y\":\"q\"}\n").repeat(3))
                .toString();
        command.run("train --train " + alone + " --format json --features-col x --label-col y" + SMALL + " --model "
                        + model())
                .assertRefused("line 1", "column x", "mixed values");
    }

    @Test
    void mixedValuesOfUnusedColumns_areNoFault() throws IOException {
        String input = Files.writeString(
                        directory.resolve("rows.json"),
                        "{\"x\":[\"a\"],\"y\":\"p\",\"z\":[1,\"a\"]}\n{\"x\":[\"b\"],\"y\":\"q\",\"z\":2}\n")
                .toString();
        train(input, "json", "--label-col y");
    }
}
