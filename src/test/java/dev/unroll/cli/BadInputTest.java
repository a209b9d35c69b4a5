package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.testing.SparkTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Data that cannot be used: exit code 2 and one sentence with the place, and with {@code --handle-invalid skip} every
 * row that was left out counted by reason. {@link FuzzedInputTest} looks at the neighbours of good files.
 */
@Tag("slow")
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class BadInputTest {

    private static final String SMALL =
            " --hidden-size 2 --embedding-size 2 --max-iter 1 --num-shards 1 --engine local";

    @TempDir
    static Path directory;

    private static CommandRunner command;
    private static int models;

    /**
     * Input that is bad in one way.
     *
     * @param line the command, with IN for the input
     * @param file name of the input; a directory if it ends with a slash
     * @param content its bytes
     * @param said words of the sentence
     * @param skipped what skip counts; null where nothing can be skipped
     */
    private record Case(String line, String file, byte[] content, List<String> said, Map<String, Integer> skipped) {

        Case says(String... words) {
            return new Case(line, file, content, List.of(words), skipped);
        }

        Case skips(String reason, int rows) {
            Map<String, Integer> more = new LinkedHashMap<>(skipped == null ? Map.of() : skipped);
            more.put(reason, rows);
            return new Case(line, file, content, said, more);
        }

        @Override
        public String toString() {
            return file + " " + said;
        }
    }

    private static Case train(String file, String options, byte[] content) {
        String line = "train --train IN --features-col name --label-col sex --format "
                + file.replaceAll("\\.gz$|/.*", "").replaceAll(".*\\.", "") + " " + options + SMALL;
        return new Case(line, file, content, List.of(), null);
    }

    private static Case train(String file, String... lines) {
        return train(file, "", text(lines));
    }

    private static byte[] text(String... lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Text in which a character below 256 is one byte. */
    private static byte[] latin(String... lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Stream<Case> lines() {
        return Stream.of(
                // tables
                train("few.csv", "name,sex", "anna,F", "bob", "carl,M")
                        .says("few.csv, line 3: malformed line: too few columns, value bob (")
                        .skips("malformed line: too few columns", 1),
                train("many.csv", "name,sex", "anna,F", "bob,M,x,y", "carl,M,", "dora,F")
                        .says("many.csv, line 3: malformed line: too many columns, value bob,M,x,y; 2 rows")
                        .skips("malformed line: too many columns", 2),
                train("unclosed.csv", "name,sex", "\"anna,F", "bob,M")
                        .says("unclosed.csv, line 2: malformed line: unclosed quote")
                        .skips("malformed line: unclosed quote", 1),
                train("unclosed-last.csv", "name,sex", "anna,F", "bob,\"M")
                        .says("unclosed-last.csv, line 3: malformed line: unclosed quote")
                        .skips("malformed line: unclosed quote", 1),
                train("behind.csv", "name,sex", "\"an\"na,F", "bob,M")
                        .says("behind.csv, line 2: malformed line: text behind a closing quote")
                        .skips("malformed line: text behind a closing quote", 1),
                train("two-lines.csv", "name,sex", "\"an", "na\",F", "bob,M")
                        .says("two-lines.csv, line 2: malformed line: unclosed quote")
                        .skips("malformed line: unclosed quote", 1)
                        .skips("malformed line: quote inside an unquoted cell", 1),
                train("blank.csv", "", "name,sex", "", "anna,F", "  ", "bob", "carl,M")
                        .says("blank.csv, line 6: malformed line: too few columns")
                        .skips("malformed line: too few columns", 1),
                train("crlf.csv", "", "name,sex\r\nanna,F\r\nbob\r\ncarl,M\r\n".getBytes(StandardCharsets.UTF_8))
                        .says("crlf.csv, line 3: malformed line: too few columns, value bob (")
                        .skips("malformed line: too few columns", 1),
                train("latin.csv", "", latin("name,sex", "anna,F", "bj\u00f6rn,M", "bob,M"))
                        .says("latin.csv, line 3: not valid UTF-8, value bj\uFFFDrn,M")
                        .skips("not valid UTF-8", 1),
                train("latin-label.csv", "", latin("name,sex", "anna,\u00c4", "bob,M"))
                        .says("latin-label.csv, line 2: not valid UTF-8")
                        .skips("not valid UTF-8", 1),
                train("overlong.csv", "", latin("name,sex", "an\u00c0\u0080na,F", "bob,M", "\u00ed\u00a0\u0080,F"))
                        .says("overlong.csv, line 2: not valid UTF-8", "2 rows cannot be used")
                        .skips("not valid UTF-8", 2),
                train("cut.csv", "", Arrays.copyOf(text("name,sex", "anna,F", "bob,\u00e9"), 21))
                        .says("cut.csv, line 3: not valid UTF-8")
                        .skips("not valid UTF-8", 1),
                train("utf16.csv", "", "\uFEFFname,sex\nanna,F\n".getBytes(StandardCharsets.UTF_16LE))
                        .says("utf16.csv, line 1: not valid UTF-8"),
                train("latin-header.csv", "", latin("name,sex,gr\u00f6\u00dfe", "anna,F,1"))
                        .says("latin-header.csv, line 1: not valid UTF-8"),
                train(
                                "other-charset.csv",
                                "--read-option encoding=US-ASCII",
                                text("name,sex", "anna,F", "bj\u00f6rn,M"))
                        .says("other-charset.csv, line 3: not valid US-ASCII")
                        .skips("not valid US-ASCII", 1),
                train("no-charset.csv", "--read-option encoding=klingon", text("name,sex", "anna,F"))
                        .says("read-option encoding is klingon"),
                train("wide-charset.csv", "--read-option encoding=UTF-16LE", text("name,sex", "anna,F"))
                        .says("read-option encoding is UTF-16LE", "convert the files to UTF-8"),
                train("mode.csv", "--read-option mode=DROPMALFORMED", text("name,sex", "anna,F"))
                        .says("read-option is mode=DROPMALFORMED"),
                train("twice.csv", "name,sex,name", "anna,F,x").says("twice.csv", "two columns of the name name"),
                train("case.csv", "name,sex,Name", "anna,F,x").says("case.csv", "columns name and Name"),
                train("ours.csv", "name,sex,_unroll", "anna,F,x").says("ours.csv", "two columns of the name _unroll"),
                train("header-quote.csv", "name,\"sex", "anna,F").says("header-quote.csv", "header", "unclosed quote"),
                train("empty.csv", "", new byte[0]).says("empty.csv is empty", "begins with a line of column names"),
                train("blank-only.csv", "", text("", " ", "")).says("blank-only.csv is empty"),
                train("header-only.csv", "name,sex").says("there is no usable row in", "header-only.csv"),
                train("no-header.csv", "anna,F", "bob,M").says("features-col is name", "there are anna, F"),
                train("only.csv/_SUCCESS", "", new byte[0]).says("there is no data file in", "only.csv"),
                train("null.csv", "name,sex", "anna,F", ",M", "bob,", "carl,M")
                        .says("null.csv, line 3: column name: null, value null; 2 rows")
                        .skips("name: null", 1)
                        .skips("sex: null", 1),
                train("words.csv", "--tokenizer whitespace", text("name,sex", "anna b,F", "\"  \",M", "carl,M"))
                        .says("words.csv, line 3: column name: empty sequence")
                        .skips("name: empty sequence", 1),
                train("long.csv", "--max-length 4", text("name,sex", "anna,F", "bobby,M", "carl,M"))
                        .says("long.csv, line 3: column name: longer than max-length 4, value bobby")
                        .skips("name: longer than max-length 4", 1),
                train("all-bad.csv", "name,sex", ",F", "bob,")
                        .says("2 rows cannot be used: {name: null=1, sex: null=1}"),
                train("few.tsv", "name\tsex", "anna\tF", "bob", "carl\tM")
                        .says("few.tsv, line 3: malformed line: too few columns")
                        .skips("malformed line: too few columns", 1),
                train("many.tsv", "name\tsex", "an\tna\tF", "\"bob\tM")
                        .says("many.tsv, line 2: malformed line: too many columns")
                        .skips("malformed line: too many columns", 1),
                train("latin.tsv", "", latin("name\tsex", "bj\u00f6rn\tM", "anna\tF"))
                        .says("latin.tsv, line 2: not valid UTF-8")
                        .skips("not valid UTF-8", 1),
                train("separators.tsv", "name\tsex", "anna\tF", "\t", "bob\tM")
                        .says("separators.tsv, line 3: column name: null")
                        .skips("name: null", 1),
                // packed
                train("bad.csv.gz", "", gzip(text("name,sex", "anna,F", "bob", "carl,M")))
                        .says("bad.csv.gz, line 3: malformed line: too few columns")
                        .skips("malformed line: too few columns", 1),
                train("not.csv.gz", "", text("name,sex", "anna,F")).says("cannot read", "not.csv.gz"),
                train("cut.csv.gz", "", cut(gzip(text(names(2000)))))
                        .says("cannot read", "cut.csv.gz", "Unexpected end"));
    }

    private static String[] names(int rows) {
        String[] lines = new String[rows + 1];
        lines[0] = "name,sex";
        for (int i = 1; i <= rows; i++) {
            lines[i] = Integer.toString(i * 7919, 26) + (i % 2 == 0 ? ",F" : ",M");
        }
        return lines;
    }

    private static byte[] cut(byte[] content) {
        return Arrays.copyOf(content, content.length - 20);
    }

    static Stream<Case> objects() {
        String anna = "{\"name\":\"anna\",\"sex\":\"F\"}";
        String carl = "{\"name\":\"carl\",\"sex\":\"M\"}";
        String one = "{\"name\":[[1,2],[3,4.5]],\"sex\":1}";
        String two = "{\"name\":[[1,2]],\"sex\":2}";
        return Stream.of(
                train("cut.json", anna, "{\"name\":\"bob\",\"se", carl)
                        .says("cut.json, line 2: malformed line: not JSON, value {\"name\":\"bob\",\"se (")
                        .skips("malformed line: not JSON", 1),
                train("two.json", anna, anna + " " + carl, carl)
                        .says("two.json, line 2: malformed line: not JSON")
                        .skips("malformed line: not JSON", 1),
                train("behind.json", anna, carl + ",", "", carl)
                        .says("behind.json, line 2: malformed line: not JSON")
                        .skips("malformed line: not JSON", 1),
                train("twice.json", anna, "{\"name\":\"bob\",\"name\":\"rob\",\"sex\":\"M\"}", carl)
                        .says("twice.json, line 2: malformed line: a key twice")
                        .skips("malformed line: a key twice", 1),
                train("array.json", anna, "[" + carl + "]", carl)
                        .says("array.json, line 2: malformed line: not a JSON object")
                        .skips("malformed line: not a JSON object", 1),
                train("number.json", anna, "3", "null", carl)
                        .says("number.json, line 2: malformed line: not a JSON object")
                        .skips("malformed line: not a JSON object", 2),
                train("deep.json", anna, "{\"name\":" + "[".repeat(5000) + "]".repeat(5000) + "}", carl)
                        .says("deep.json, line 2: malformed line: nested more than 64 deep")
                        .skips("malformed line: nested more than 64 deep", 1),
                train("latin.json", "", latin(anna, "{\"name\":\"bj\u00f6rn\",\"sex\":\"M\"}", carl))
                        .says("latin.json, line 2: not valid UTF-8")
                        .skips("not valid UTF-8", 1),
                train("half.json", anna, "{\"name\":\"\\ud83d\",\"sex\":\"M\"}", carl)
                        .says("half.json, line 2: column name: not valid Unicode, value \\uD83D")
                        .skips("name: not valid Unicode", 1),
                train("absent.json", anna, "{\"name\":\"bob\"}", "{\"sex\":\"M\"}", carl)
                        .says("absent.json, line 2: column sex: null")
                        .skips("sex: null", 1)
                        .skips("name: null", 1),
                train("nowhere.json", "{\"name\":\"bob\"}").says("label-col is sex", "there are name"),
                train("empty.json", "", new byte[0]).says("empty.json", "no line that is a JSON object"),
                train("empty-object.json", "{}").says("empty-object.json", "no line that is a JSON object"),
                train("case.json", anna, "{\"Name\":\"bob\",\"sex\":\"M\"}")
                        .says("case.json", "Name", "capital letters"),
                train("object.json", "{\"name\":{\"a\":1},\"sex\":\"F\"}", carl, "{\"name\":{\"a\":2},\"sex\":\"F\"}")
                        .says("features-col name is of type struct<a:bigint>; allowed are string"),
                train("booleans.json", "{\"name\":[true],\"sex\":\"F\"}")
                        .says("features-col name is of type array<boolean>"),
                train("label.json", "{\"name\":\"anna\",\"sex\":{\"is\":\"F\"}}")
                        .says("label-col sex is of type struct"),
                train("text.json", one, two, "{\"name\":\"bob\",\"sex\":1}")
                        .says(
                                "text.json, line 3: column name: text where other rows have array of array of number, value \"bob\"")
                        .skips("name: text where other rows have array of array of number", 1),
                train("number-text.json", one, "{\"name\":[[1,\"2\"]],\"sex\":1}", two)
                        .says(
                                "number-text.json, line 2: column name: array of array of mixed values where other rows have")
                        .skips(
                                "name: array of array of mixed values where other rows have array of array of number",
                                1),
                train("label-text.json", one, two, "{\"name\":[[1,2]],\"sex\":\"1\"}")
                        .says("label-text.json, line 3: column sex: text where other rows have number")
                        .skips("sex: text where other rows have number", 1),
                train("nan.json", one, "{\"name\":[[1,NaN]],\"sex\":1}", two)
                        .says("nan.json, line 2: column name: not a finite number")
                        .skips("name: not a finite number", 1),
                train("large.json", one, "{\"name\":[[1,1e400]],\"sex\":1}", "{\"name\":[[-1e39,2]],\"sex\":1}", two)
                        .says("large.json, line 2: column name: not a finite number")
                        .skips("name: not a finite number", 2),
                train("label-nan.json", one, two, "{\"name\":[[1,2]],\"sex\":NaN}")
                        .says("label-nan.json, line 3: column sex: not a finite number")
                        .skips("sex: not a finite number", 1),
                train("ragged.json", one, "{\"name\":[[1,2],[3]],\"sex\":1}", two)
                        .says("ragged.json, line 2: column name: steps of changing width")
                        .skips("name: steps of changing width", 1),
                train("width.json", one, two, "{\"name\":[[1,2,3]],\"sex\":1}")
                        .says("width.json, line 3: column name: steps of another width")
                        .skips("name: steps of another width", 1),
                train("no-steps.json", one, "{\"name\":[],\"sex\":1}", two)
                        .says("no-steps.json, line 2: column name: empty sequence")
                        .skips("name: empty sequence", 1),
                train(
                                "null-step.json",
                                one,
                                "{\"name\":[[1,2],null],\"sex\":1}",
                                "{\"name\":[[null,2]],\"sex\":1}",
                                two)
                        .says("null-step.json, line 2: column name: null inside the sequence")
                        .skips("name: null inside the sequence", 2));
    }

    static Stream<Case> otherWays() {
        return Stream.of(
                train("multi.csv", "--read-option multiLine=true", text("name,sex", "\"an", "na\",F", "bob", "carl,M"))
                        .says("multi.csv, row 2: malformed row")
                        .skips("malformed row", 1),
                train("multi-latin.csv", "--read-option multiLine=true", latin("name,sex", "anna,F", "bj\u00f6rn,M"))
                        .says("multi-latin.csv, line 3: not valid UTF-8"),
                train("multi-twice.csv", "--read-option multiLine=true", text("name,sex,Name", "anna,F,x"))
                        .says("multi-twice.csv has columns name and Name"),
                train(
                                "multi.json",
                                "--read-option multiLine=true",
                                text("[{\"name\":\"anna\",", "\"sex\":\"F\"},", "{\"name\":"))
                        .says("multi.json has no row that can be read"),
                predict("latin.txt", "", latin("anna", "bj\u00f6rn", "bob"))
                        .says("latin.txt, line 2: not valid UTF-8, value bj\uFFFDrn")
                        .skips("not valid UTF-8", 1),
                predict("blank.txt", "", text("anna", "", "bob"))
                        .says("blank.txt, line 2: column value: empty sequence")
                        .skips("value: empty sequence", 1),
                predict("long.txt", "", text("anna", "a".repeat(21), "bob"))
                        .says("long.txt, line 2: column value: longer than max-length 20")
                        .skips("value: longer than max-length 20", 1),
                predict("whole.txt", "--max-length 0 --read-option wholetext=true", latin("anna", "bj\u00f6rn", "bob"))
                        .says("whole.txt, row 1: not valid UTF-8, value anna\\u000Abj"),
                evaluate("label.csv", "", text("name,sex", "anna,F", "bob,X", "carl,M"))
                        .says("label.csv, line 3: column sex: label never seen in training, value X")
                        .skips("sex: label never seen in training", 1),
                evaluate("rows.json", "--format json", text("{\"name\":[0.5],\"sex\":\"F\"}"))
                        .says("rows.json, line 1: column name: not a whole number, as its tokens are, value [0.5]"),
                evaluate("length.csv", "--max-length -1", text("name,sex", "anna,F"))
                        .says("max-length is -1; allowed is a whole number, at least 0"),
                train("not.parquet", "name,sex", "anna,F").says("cannot read", "not.parquet"),
                train("none.parquet/_SUCCESS", "", new byte[0]).says("there is no data file in", "none.parquet"));
    }

    private static Case predict(String file, String options, byte[] content) {
        return new Case(
                "predict --model MODEL --input IN --format text --features-col value " + options,
                file,
                content,
                List.of(),
                null);
    }

    private static Case evaluate(String file, String options, byte[] content) {
        return new Case("evaluate --model MODEL --input IN " + options, file, content, List.of(), null);
    }

    @BeforeAll
    static void trainModel(SparkSession spark) throws IOException {
        command = new CommandRunner(spark);
        Files.write(directory.resolve("good.csv"), text(names(20)));
        command.run("train --features-col name --label-col sex --max-length 20 --train " + directory
                        + "/good.csv --model " + directory + "/model" + SMALL)
                .json();
    }

    @ParameterizedTest
    @MethodSource({"lines", "objects", "otherWays"})
    void badInput_isRefusedOrCounted(Case bad) throws IOException {
        Path input = directory.resolve(bad.file);
        Files.createDirectories(input.getParent());
        Files.write(input, bad.content);
        if (input.getFileName().toString().startsWith("_")) {
            input = input.getParent();
        }
        String line = bad.line.replace("IN", input.toString()).replace("MODEL", directory + "/model");
        run(line).assertRefused(bad.said.toArray(new String[0]));
        if (bad.skipped != null) {
            Map<String, Integer> expected = new LinkedHashMap<>(bad.skipped);
            expected.values().removeIf(rows -> rows == 0);
            assertEquals(
                    new ObjectMapper().valueToTree(expected),
                    run(line + " --handle-invalid skip").json().get("skipped"),
                    line);
        }
    }

    private static Outcome run(String line) {
        String target = directory + "/out" + models++;
        return command.run(
                line.startsWith("train")
                        ? line + " --model " + target
                        : line.startsWith("predict") ? line + " --output " + target : line);
    }
}
