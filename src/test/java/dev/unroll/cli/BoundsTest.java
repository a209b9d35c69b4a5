package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.testing.SparkTest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule R7 for files of rows: whatever a stranger's file holds, it is read in bounded time and memory, or refused. */
@Tag("slow")
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class BoundsTest {

    private static final int MEGABYTE = 1 << 20;
    private static final String SMALL =
            " --hidden-size 2 --embedding-size 2 --max-iter 1 --num-shards 1 --engine local";

    @TempDir
    static Path directory;

    private static CommandRunner command;
    private static int models;

    @BeforeAll
    static void makeRunner(SparkSession spark) {
        command = new CommandRunner(spark);
    }

    private static Outcome train(Path file, String format, String options) {
        String columns = format.equals("text")
                ? " --task language-model --features-col value"
                : " --features-col name --label-col sex";
        return command.run("train --train " + file + " --format " + format + columns + SMALL + " " + options
                + " --model " + directory + "/model" + models++);
    }

    private static Path rows(String name, int rows, IntFunction<String> more) throws IOException {
        Path file = directory.resolve(name);
        return Files.write(
                file,
                IntStream.range(0, rows)
                        .mapToObj(i -> "{\"name\":\"" + Integer.toString(i % 50 + 40, 26) + "\",\"sex\":\""
                                + (i % 2 == 0 ? "F" : "M") + "\"" + more.apply(i) + "}")
                        .toList());
    }

    /** Its keys are not typed: that took time by the square of their number, 15 minutes for these, where it now takes seconds. */
    @ParameterizedTest
    @MethodSource("unused")
    @Timeout(180)
    void columnThatNobodyUses_isReadAsText(String name, IntFunction<String> column) throws IOException {
        train(rows(name + ".json", 20_000, column), "json", "").json();
    }

    static Stream<Arguments> unused() {
        return Stream.of(
                Arguments.of("key", (IntFunction<String>) i -> ",\"m\":{\"k" + i + "\":1}"),
                Arguments.of("nested", (IntFunction<String>) i -> ",\"m\":{\"a\":{\"k" + i + "\":{\"b\":[1]}}}"),
                Arguments.of("array", (IntFunction<String>) i -> ",\"m\":[{\"k" + i + "\":1},{\"l" + i + "\":[]}]"),
                Arguments.of("mixed", (IntFunction<String>)
                        i -> ",\"m\":" + (i % 3 == 0 ? "{\"k" + i + "\":1}" : i % 3 == 1 ? "[1,\"a\"]" : "1.5")));
    }

    @Test
    void usedColumnOfMaps_isRefusedByName() throws IOException {
        Path file = directory.resolve("maps.json");
        Files.write(
                file,
                IntStream.range(0, 1000)
                        .mapToObj(i -> "{\"name\":{\"k" + i + "\":1},\"sex\":\"F\"}")
                        .toList());
        train(file, "json", "").assertRefused("column name", "objects with more than 100 different keys");
    }

    @ParameterizedTest
    @ValueSource(ints = {65, 300, 480, 800, 100_000})
    void valuesInsideEachOther_haveADepthThatIsSaid(int depth) throws IOException {
        for (String deep :
                List.of("[".repeat(depth) + "]".repeat(depth), "{\"a\":".repeat(depth) + "1" + "}".repeat(depth))) {
            for (String column : List.of("name", "other")) {
                Path file = Files.write(
                        directory.resolve("deep.json"),
                        List.of(
                                "{\"name\":\"anna\",\"sex\":\"F\"}",
                                "{\"name\":\"bob\",\"sex\":\"M\",\"" + column + "2\":1}",
                                "{\"" + (column.equals("name") ? "name" : "x") + "\":" + deep + ",\"sex\":\"F\"}"));
                Outcome refused = train(file, "json", "");
                refused.assertRefused("deep.json, line 3: malformed line: nested more than 64 deep");
                assertTrue(refused.err().length() <= 400, refused.err());
                assertEquals(
                        "{\"malformed line: nested more than 64 deep\":1}",
                        train(file, "json", "--handle-invalid skip")
                                .json()
                                .get("skipped")
                                .toString());
            }
        }
    }

    @Test
    void keyTwiceInEveryLine_isSaid() throws IOException {
        Path file = Files.write(
                directory.resolve("twice.json"),
                List.of("{\"name\":\"anna\",\"name\":\"b\",\"sex\":\"F\"}", "{\"name\":\"a\",\"sex\":1,\"sex\":2}"));
        train(file, "json", "").assertRefused("no line that is a JSON object", "a key twice");
        Files.write(file, List.of("{\"name\":\"anna\",\"sex\":\"F\"}", "{\"name\":\"a\",\"sex\":1,\"sex\":2}"));
        train(file, "json", "").assertRefused("line 2: malformed line: a key twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "tsv", "json"})
    @Timeout(180)
    void tooManyColumns_areRefusedAndManyAreNot(String format) throws IOException {
        for (int columns : new int[] {2_000, 20_000}) {
            String separator = format.equals("tsv") ? "\t" : ",";
            String names = IntStream.range(0, columns).mapToObj(i -> "c" + i).collect(Collectors.joining(separator));
            String row = IntStream.range(0, columns).mapToObj(i -> "1").collect(Collectors.joining(separator));
            List<String> lines = format.equals("json")
                    ? List.of("{"
                            + IntStream.range(0, columns)
                                    .mapToObj(i -> "\"c" + i + "\":1,")
                                    .collect(Collectors.joining())
                            + "\"name\":\"anna\",\"sex\":\"F\"}")
                    : List.of(
                            "name" + separator + "sex" + separator + names, "anna" + separator + "F" + separator + row);
            Path file = Files.write(directory.resolve("wide." + format), lines);
            Outcome outcome = train(file, format, "");
            if (columns > 10_000) {
                outcome.assertRefused("more than 10000 columns");
            } else {
                outcome.json();
            }
        }
    }

    /** A line of this many megabytes, after two lines of a few bytes. */
    @ParameterizedTest
    @MethodSource("longLines")
    void longLine_isRefusedWithItsNumber(String name, int megabytes, boolean isHeader) throws IOException {
        Path file = directory.resolve(name);
        byte[] piece = new byte[MEGABYTE];
        Arrays.fill(piece, (byte) 'a');
        try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(file));
                OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
            if (!isHeader) {
                out.write("name,sex\r\nanna,F\r\n".getBytes(StandardCharsets.UTF_8));
            }
            for (int i = 0; i < megabytes; i++) {
                out.write(piece);
            }
            out.write(",sex\nbob,M\n".getBytes(StandardCharsets.UTF_8));
        }
        String format = name.contains(".csv") ? "csv" : name.contains(".json") ? "json" : "text";
        Outcome outcome = train(file, format, "");
        Files.delete(file);
        outcome.assertRefused(name + ", line " + (isHeader ? 1 : 3) + ": longer than 64 MB");
    }

    static Stream<Arguments> longLines() {
        return Stream.of(
                Arguments.of("line.csv.gz", 300, false),
                Arguments.of("header.csv.gz", 1500, true),
                Arguments.of("line.csv", 70, false),
                Arguments.of("header.csv", 200, true),
                Arguments.of("line.json", 70, false),
                Arguments.of("line.json.gz", 300, false),
                Arguments.of("document.txt", 200, true),
                Arguments.of("document.txt.gz", 200, true));
    }

    @Test
    void lineBelowTheLimit_isRead() throws IOException {
        Path file = directory.resolve("long.csv");
        Files.writeString(file, "name,sex,text\nanna,F," + "x".repeat(9 * MEGABYTE) + "\nbob,M,y\n");
        assertEquals(2, train(file, "csv", "").json().get("sequences").asInt());
    }

    @Test
    @Timeout(300)
    void manySmallFiles_areRead() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("many"));
        for (int i = 0; i < 1_000; i++) {
            Files.writeString(folder.resolve("part-" + i + ".csv"), "name,sex\nanna,F\nbob,M\n");
        }
        Outcome outcome = command.run("plan --train " + folder + " --features-col name --label-col sex" + SMALL);
        assertEquals(2_000, outcome.json().get("sequences").asInt());
    }
}
