package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** The program as a user runs it: exit codes, the one sentence on standard error, the JSON line. */
@Tag("slow")
class CommandLineTest {

    private static final String SMALL =
            "--hidden-size 8 --embedding-size 4 --max-iter 20 --batch-size 5 --num-shards 4";

    @TempDir
    static Path directory;

    /** What one run printed. */
    private record Outcome(int code, String out, String err) {
        JsonNode json() throws IOException {
            List<String> lines = out.lines().toList();
            return new ObjectMapper().readTree(lines.get(lines.size() - 1));
        }
    }

    @BeforeAll
    static void writeInputs() throws IOException {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
        System.setProperty("spark.driver.host", "127.0.0.1");
        TestSpark.stop();
        StringBuilder good = new StringBuilder("name,sex\n");
        for (int i = 0; i < 40; i++) {
            good.append(i % 2 == 0 ? "an" + "na".repeat(1 + i % 3) + ",F\n" : "ro" + "bo".repeat(i % 5) + ",M\n");
        }
        write("good.csv", good.toString());
        write("null-label.csv", "name,sex\nanna,F\nbob,\nx,M\n");
        write("null-name.csv", "name,sex\nanna,F\n\n,M\nx,M\n");
        write("empty-name.csv", "name,sex\nanna,F\nbob,M\n\" \",M\n");
        write("new-label.csv", "name,sex\nanna,F\nbob,X\n");
        write("header-only.csv", "name,sex\n");
        write("unknown.properties", "hidden-sise = 3\n");
        write("good.properties", "# comments stay\nhidden-size = 8\nembedding-size = 4\nmax-iter = 3\n");
        Files.createDirectories(directory.resolve("not-a-model/metadata"));
        Files.writeString(directory.resolve("not-a-model/metadata/part-00000"), "{]");
    }

    private static void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private static Outcome run(String line) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
            int code = Unroll.run(line.replace("DIR", directory.toString()).split(" "));
            return new Outcome(
                    code, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** Spark's own catalog would forget the table with the session, which ends here. */
    @Test
    void tableThatEndsWithTheCommand_isRefusedBeforeTheWork() {
        Outcome outcome = run("predict --model DIR/none --input DIR/good.csv --output-format table --output predicted");
        assertEquals(2, outcome.code());
        assertTrue(
                outcome.err().contains("output is the table predicted; the tables of spark_catalog end"),
                outcome.err());
    }

    /** What the JDK's log says of the kernel is in the program's own log, although no Spark has been started to do that. */
    @Test
    void commandWithoutSpark_hasOneLog() {
        SLF4JBridgeHandler.uninstall();
        run("inspect --model DIR/nothing");
        assertTrue(SLF4JBridgeHandler.isInstalled());
    }

    /** A run that is killed after a checkpoint and goes on leaves the metrics file of one that was never stopped. */
    @Test
    void resume_goesOnFromTheLatestCheckpoint() throws IOException {
        String train = "train --train DIR/good.csv --features-col name --label-col sex --ema 0.9 " + SMALL;
        Outcome whole = run(train + " --model DIR/whole --metrics DIR/whole.jsonl");
        String saving = train + " --checkpoint-dir DIR/saved --checkpoint-interval 4 --metrics DIR/saved.jsonl";
        assertEquals(
                0,
                run(saving.replace("--max-iter 20", "--max-iter 10") + " --model DIR/until-10")
                        .code());
        // What a kill leaves: lines of updates behind the last checkpoint, and half a line.
        Path metrics = directory.resolve("saved.jsonl");
        List<String> lines = Files.readAllLines(metrics);
        assertEquals(10, lines.size());
        try (var entries = Files.walk(directory.resolve("saved/iteration-000000000010"))) {
            entries.sorted(java.util.Comparator.reverseOrder())
                    .forEach(entry -> entry.toFile().delete());
        }
        Files.writeString(
                metrics, String.join("\n", lines) + "\n" + lines.get(9).substring(0, 30));

        Outcome refused = run(saving + " --model DIR/anew --overwrite false");
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("metrics"), refused.err());
        refused = run(train + " --checkpoint-dir DIR/saved --model DIR/anew");
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("has checkpoints already; resume goes on"), refused.err());

        refused = run(train + " --resume --checkpoint-dir DIR/mistyped --metrics DIR/whole.jsonl --model DIR/anew");
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("no checkpoint to go on from"), refused.err());

        Outcome resumed = run(saving + " --resume --model DIR/resumed");
        assertEquals(0, resumed.code(), resumed.err());
        assertEquals(whole.json().get("parameterHash"), resumed.json().get("parameterHash"));
        assertEquals(whole.json().get("validation"), resumed.json().get("validation"));
        List<String> all = Files.readAllLines(metrics);
        List<String> expected = Files.readAllLines(directory.resolve("whole.jsonl"));
        assertEquals(20, all.size());
        for (int k = 0; k < 20; k++) {
            JsonNode was = new ObjectMapper().readTree(expected.get(k));
            JsonNode is = new ObjectMapper().readTree(all.get(k));
            assertEquals(was.get("parameterHash"), is.get("parameterHash"));
            assertEquals(was.get("loss"), is.get("loss"));
        }
        Outcome same = run("diff DIR/whole.jsonl DIR/saved.jsonl");
        assertTrue(same.json().get("same").asBoolean(), same.out());
        assertEquals(20, same.json().get("iterationsAlike").asInt());
        run(train + " --step-size 0.1 --model DIR/another --metrics DIR/another.jsonl");
        Outcome other = run("diff DIR/whole.jsonl DIR/another.jsonl");
        assertFalse(other.json().get("same").asBoolean());
        assertEquals(1, other.json().get("iteration").asInt());
        assertTrue(other.out().contains("stepSize"), other.out());
        assertEquals(2, run("diff DIR/whole.jsonl DIR/good.csv").code());
        assertEquals(2, run("diff DIR/whole.jsonl").code());

        for (int iteration : new int[] {13, 17}) { // checkpoints are of 12, 16 and 20
            Outcome replayed = run("replay --checkpoint DIR/saved --iteration " + iteration + " "
                    + train.substring("train ".length()));
            assertEquals(0, replayed.code(), replayed.err());
            assertEquals(iteration - 1, replayed.json().get("from").asInt());
            JsonNode was = new ObjectMapper().readTree(expected.get(iteration - 1));
            for (String key : List.of("parameterHash", "loss", "gradientNorm")) {
                assertEquals(was.get(key), replayed.json().get(key), key);
            }
        }

        Outcome beyond = run("replay --checkpoint DIR/saved --iteration 21 " + train.substring("train ".length()));
        assertEquals(2, beyond.code());
        assertTrue(beyond.err().contains("iteration 21 cannot be replayed: the training has 20 updates"), beyond.err());

        Outcome anew = run(saving.replace("--max-iter 20", "--max-iter 2") + " --overwrite --model DIR/anew");
        assertEquals(0, anew.code(), anew.err());
        assertFalse(Files.exists(directory.resolve("saved/iteration-000000000020")));
    }

    @Test
    void stackOfLayers_isTrainedStoredAndApplied() throws IOException {
        String stack =
                " --num-layers 2 --bidirectional --dropout 0.2 --truncation randomized:0.5 --initializer orthogonal"
                        + " --forget-bias 1";
        Outcome trained = run(
                "train --train DIR/good.csv --features-col name --label-col sex --model DIR/stack " + SMALL + stack);
        assertEquals(0, trained.code(), trained.err());
        Outcome local = run("train --train DIR/good.csv --features-col name --label-col sex --model DIR/stack-local "
                + SMALL + stack + " --engine local");
        assertEquals(trained.json().get("parameterHash"), local.json().get("parameterHash"));
        Outcome inspected = run("inspect --model DIR/stack --svg DIR/stack.svg");
        assertEquals(0, inspected.code(), inspected.err());
        assertEquals(trained.json().get("parameterHash"), inspected.json().get("parameterHash"));
        assertTrue(inspected.out().contains("2 x lstm, 8 units in each of two directions"), inspected.out());
        assertTrue(inspected.out().contains("rnn.weight_ih_l1_reverse         32 x 16"), inspected.out());
        String svg = Files.readString(directory.resolve("stack.svg"));
        assertTrue(svg.startsWith("<svg") && svg.endsWith("</svg>") && svg.contains(">D<"), svg);
        assertEquals(2, run("inspect --model DIR/stack --svg DIR/stack.svg").code(), "the picture is there already");
        assertEquals(2, run("inspect --model DIR/nothing").code());
        assertTrue(trained.out().contains("gradient flow: |dL/dh|"), trained.out());
        assertTrue(trained.json().get("gradientFlow").get("lags").asInt() > 1);
        Outcome evaluated = run("evaluate --model DIR/stack --input DIR/good.csv");
        assertEquals(0, evaluated.code(), evaluated.err());
        assertEquals(1, evaluated.json().get("metrics").get("accuracy").asDouble(), 0.3);
    }

    /** What it shows at its end trains again, and leaves the checkpoints alone. */
    @Test
    void defaultJob_savesAndResumes() throws IOException {
        String train = "train --hidden-size 4 --embedding-size 4 --checkpoint-dir DIR/default-saved --model DIR/";
        Outcome whole = run("train --hidden-size 4 --embedding-size 4 --max-iter 4 --model DIR/default-whole");
        Outcome saved = run(train + "default-2 --max-iter 2");
        assertEquals(0, saved.code(), saved.err());
        Outcome resumed = run(train + "default-4 --max-iter 4 --resume");
        assertEquals(0, resumed.code(), resumed.err());
        assertEquals(whole.json().get("parameterHash"), resumed.json().get("parameterHash"));
    }

    @Test
    void trainEvaluatePredict_workOnOneModel() throws IOException {
        Outcome trained = run("train --train DIR/good.csv --features-col name --label-col sex --model DIR/model"
                + " --metrics DIR/metrics.jsonl --tensorboard DIR/curves --validation-fraction 0.2 " + SMALL);
        assertEquals(0, trained.code(), trained.err());
        assertEquals(20, trained.json().get("iterations").asInt());
        assertEquals("reached max-iter 20", trained.json().get("stopReason").asText());
        assertTrue(trained.json().get("parameterHash").asText().matches("[0-9a-f]{64}"));
        assertTrue(trained.json().get("validation").has("accuracy"));
        List<String> metrics = Files.readAllLines(directory.resolve("metrics.jsonl"));
        assertEquals(20, metrics.size());
        assertEquals(
                trained.json().get("parameterHash"),
                new ObjectMapper().readTree(metrics.get(19)).get("parameterHash"));

        Outcome evaluated = run("evaluate --model DIR/model --input DIR/good.csv");
        assertEquals(0, evaluated.code(), evaluated.err());
        assertEquals(40, evaluated.json().get("sequences").asInt());
        assertTrue(evaluated.json().get("metrics").get("macroF1").asDouble() > 0);

        Outcome predicted =
                run("predict --model DIR/model --input DIR/good.csv --output DIR/predicted --output-format json");
        assertEquals(0, predicted.code(), predicted.err());
        try (var files = Files.list(directory.resolve("predicted"))) {
            long rows = files.filter(f -> f.toString().endsWith(".json"))
                    .flatMap(f -> lines(f).stream())
                    .filter(line -> line.contains("\"prediction\":") && line.contains("\"probability\":["))
                    .count();
            assertEquals(40, rows);
        }
        Outcome top =
                run("evaluate --model DIR/model --input DIR/good.csv --top 3 --output DIR/top --output-format json");
        assertEquals(0, top.code(), top.err());
        assertEquals(evaluated.json().get("metrics"), top.json().get("metrics"));
        try (var files = Files.list(directory.resolve("top"))) {
            List<JsonNode> rows = files.filter(f -> f.toString().endsWith(".json"))
                    .flatMap(f -> lines(f).stream())
                    .map(CommandLineTest::json)
                    .toList();
            assertEquals(6, rows.size());
            for (int i = 0; i < 6; i++) {
                String by = i < 3 ? "loss" : "gradientNorm";
                assertEquals(by, rows.get(i).get("topBy").asText());
                assertTrue(rows.get(i).hasNonNull("name") && rows.get(i).hasNonNull("sex"), rows.toString());
                double more = rows.get(i < 3 ? 0 : 3).get(by).asDouble();
                assertTrue(rows.get(i).get(by).asDouble() <= more, rows.toString());
            }
            double mean = top.json().get("metrics").get("loss").asDouble();
            assertTrue(rows.get(0).get("loss").asDouble() >= mean, rows.toString());
        }
        // Nothing of the user's is overwritten unasked.
        Files.createDirectories(directory.resolve("foreign"));
        Files.writeString(directory.resolve("foreign/events.out.tfevents.1700000000.host"), "another program's");
        assertAll(
                () -> assertRefused(
                        "train --train DIR/good.csv --features-col name --label-col sex --model DIR/other --overwrite --tensorboard DIR/foreign",
                        "curves of another program"),
                () -> assertRefused(
                        "train --train DIR/good.csv --features-col name --label-col sex --model DIR/other --tensorboard DIR/curves",
                        "curves of another run"),
                () -> assertRefused(
                        "train --train DIR/good.csv --features-col name --label-col sex --model DIR/other --tensorboard DIR/metrics.jsonl",
                        "metrics.jsonl is a file"),
                () -> assertRefused(
                        "train --train DIR/good.csv --features-col name --label-col sex --model DIR/model",
                        "model exists"),
                () -> assertRefused(
                        "train --train DIR/good.csv --features-col name --label-col sex --model DIR/other --metrics DIR/metrics.jsonl",
                        "metrics"),
                () -> assertRefused(
                        "predict --model DIR/model --input DIR/good.csv --output DIR/predicted", "exists already"),
                () -> assertRefused(
                        "evaluate --model DIR/model --input DIR/good.csv --top 3 --output DIR/top", "exists already"),
                () -> assertRefused("evaluate --model DIR/model --input DIR/good.csv --top 3", "output"),
                () -> assertRefused(
                        "evaluate --model DIR/model --input DIR/good.csv --output DIR/top2",
                        "output is given without top"),
                () -> assertRefused("evaluate --model DIR/model --input DIR/new-label.csv", "new-label.csv, line 3"),
                () -> assertRefused("evaluate --model DIR/model --input DIR/good.csv --label-col nope", "nope"),
                () -> assertRefused(
                        "predict --model DIR/model --input DIR/null-name.csv --output DIR/p2",
                        "null-name.csv, line 4"));
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void handleInvalidSkip_leavesRowsOutAndCountsThem() throws IOException {
        Outcome outcome =
                run("train --train DIR/null-label.csv --features-col name --label-col sex --handle-invalid skip"
                        + " --model DIR/skipped " + SMALL);
        assertEquals(0, outcome.code(), outcome.err());
        assertEquals(2, outcome.json().get("sequences").asInt());
        assertEquals(1, outcome.json().get("skipped").get("sex: null").asInt());
    }

    @Test
    void configFile_givesKeysAndTheCommandLineWins() throws IOException {
        Outcome outcome = run("train --config DIR/good.properties --max-iter 2 --train DIR/good.csv --features-col name"
                + " --label-col sex --model DIR/configured");
        assertEquals(0, outcome.code(), outcome.err());
        assertEquals(2, outcome.json().get("iterations").asInt());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "train --train DIR/missing.csv --features-col name --label-col sex | missing.csv",
                "train --train DIR/good.csv --features-col nom --label-col sex | nom",
                "train --train DIR/good.csv --features-col name --label-col gender | gender",
                "train --train DIR/null-label.csv --features-col name --label-col sex | null-label.csv, line 3: column sex: null",
                "train --train DIR/null-name.csv --features-col name --label-col sex | null-name.csv, line 4: column name: null",
                "train --train DIR/empty-name.csv --tokenizer whitespace --features-col name --label-col sex | empty-name.csv, line 4: column name: empty sequence",
                "train --train DIR/header-only.csv --features-col name --label-col sex | no usable row",
                "train --train DIR/good.csv --validation DIR/new-label.csv --features-col name --label-col sex | new-label.csv, line 3",
                "train --hidden-sise 3 | hidden-sise",
                "train --config DIR/unknown.properties | hidden-sise",
                "train --config DIR/none.properties | none.properties",
                "train --hidden-size many | hidden-size is many; allowed is a whole number, at least 1",
                "train --hidden-size 0 | hidden-size is 0",
                "train --step-size -1 | step-size is -1",
                "train --truncation fixed:0 | truncation is fixed:0; allowed is none, fixed:K (K steps, at least 1) or randomized:P",
                "train --num-layers 0 | num-layers is 0; allowed is a whole number, from 1 to 64",
                "train --dropout 1 | dropout is 1; allowed is a number, from 0 to below 1",
                "train --train DIR/good.csv --features-col name --label-col sex --dropout 0.5 | dropout is 0.5, and it acts between layers",
                "train --train DIR/good.csv --features-col name --task language-model --bidirectional | bidirectional is true and the task is language-model",
                "train --train DIR/good.csv --features-col name --label-col sex --tied-embeddings | tied-embeddings is true, which goes with task language-model",
                "train --train DIR/good.csv --features-col name --task language-model --tied-embeddings | tied-embeddings is true and embedding-size is 32; allowed is hidden-size, 128",
                "train --train DIR/good.csv --features-col name --label-col sex --carry-state | carry-state is true, which goes with task language-model only",
                "train --task language-model --train DIR/good.csv --features-col name --carry-state | carry-state is true, which goes with a window of at least 1 step for each update, and window is 0",
                "train --task language-model --train DIR/good.csv --features-col name --carry-state --window 2 --batch-size 0 | carry-state is true, which goes with batch-size as the number of streams",
                "train --task language-model --train DIR/good.csv --features-col name --carry-state --window 2 --batch-size 1000 | batch-size is 1000, and with carry-state it is the number of streams",
                "train --task language-model --train DIR/good.csv --features-col name --carry-state --window 2 --batch-size 2 --weight-col w | carry-state is true, which goes with documents of equal weight",
                "train --train DIR/good.csv --features-col name --label-col sex --bptt-memory 20 | bptt-memory is 20 bytes, and a packed batch of",
                "train --train DIR/good.csv --features-col name --label-col sex --cell gru --forget-bias 1 | forget-bias is 1.0, which goes with cells that have a forget gate, such as lstm, and cell is gru",
                "train --cell lstn | cell is lstn; allowed are elman, lstm, gru and mingru, and on this class path",
                "train --cell lstm --activation relu | activation relu goes with cell elman only",
                "train --schedule cosin | schedule is cosin; allowed is constant, linear or cosine",
                "train --optimizer lbfgs --batch-size 64 | optimizer lbfgs needs batch-size 0 (all sequences per update); batch-size is 64",
                "train --task dancing | task is dancing",
                "train --format xml | format is xml",
                "train --tokenizer none --train DIR/good.csv --features-col name --label-col sex | tokenizer none",
                "train --train DIR/good.csv --features-col name --label-col sex --model /proc/nowhere/model | /proc/nowhere",
                "train --validation DIR/good.csv | validation",
                "train --train DIR/good.csv --validation DIR/good.csv --validation-fraction 0.1 --features-col name --label-col sex"
                        + " | validation-fraction",
                "evaluate --model DIR/nothing --input DIR/good.csv | no model directory",
                "evaluate --model DIR/not-a-model --input DIR/good.csv | not-a-model",
                "evaluate --input DIR/good.csv | key model is missing",
                "predict --model DIR/nothing --input DIR/good.csv --output DIR/p --output-format xml | output-format is xml",
                "dance | dance",
            })
    void badUse_isRefusedWithOneSentence(String line, String named) {
        assertRefused(line, named);
    }

    private static void assertRefused(String line, String named) {
        Outcome outcome = run(line);
        assertEquals(2, outcome.code(), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().contains(named), outcome.err());
        assertFalse(outcome.err().contains("\tat "), outcome.err());
    }
}
