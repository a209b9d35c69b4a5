package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.cli.CommandRunner;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code plan}: says what {@code train} will do, and does nothing of it. */
@SparkTest
class PlanTest {

    @TempDir
    static Path directory;

    private static SparkSession spark;
    private static CommandRunner commands;
    private static String rows;
    private static String onSpark;

    @BeforeAll
    static void writeRows() throws IOException {
        commands = new CommandRunner(spark);
        StringBuilder text = new StringBuilder("name,sex\n");
        for (int i = 0; i < 40; i++) {
            text.append(i % 2 == 0 ? "anna" : "bobo").append(i % 2 == 0 ? ",F\n" : ",M\n");
        }
        Path file = Files.writeString(directory.resolve("rows.csv"), text);
        rows = " --train " + file + " --features-col name --label-col sex --hidden-size 8 --embedding-size 4"
                + " --batch-size 10 --epochs 3 --num-shards 4";
        onSpark = rows + " --engine spark";
    }

    @Test
    void plan_saysWhatTrainWillDo_andWritesNothing() throws IOException {
        List<Path> before = files();
        boolean models = Files.exists(Path.of("models"));
        CommandRunner.Outcome plan =
                commands.run("plan" + onSpark + " --checkpoint-dir " + directory.resolve("checkpoints"));
        JsonNode json = plan.json();
        assertEquals(before, files());
        assertEquals(models, Files.exists(Path.of("models")));
        assertFalse(plan.out().contains("iteration 1 "), plan.out());

        assertTrue(json.get("possible").asBoolean());
        assertEquals(40, json.get("sequences").asInt());
        assertEquals(12, json.get("updates").asInt());
        assertEquals(40, json.get("stepsPerUpdate").asDouble());
        assertEquals(4, json.get("shards").asInt());
        assertEquals(2, json.get("tasks").asInt());
        assertEquals(1, json.get("stages").asInt());
        assertTrue(json.get("iterationMs").get("total").asDouble() > 0);
        assertTrue(plan.out().contains("advice: one machine would be faster: --engine local"), plan.out());
        assertTrue(plan.out().lines().count() <= 14, plan.out());

        JsonNode auto = commands.run("plan" + rows).json();
        assertEquals("spark", json.get("engine").asText());
        assertEquals("local", auto.get("engine").asText());
        assertEquals(0, auto.get("stages").asInt());
        assertTrue(json.get("oneMachineIsFaster").asBoolean());
        assertTrue(auto.get("oneMachineIsFaster").asBoolean(), "auto has chosen it for that");
        assertEquals(json.get("oneMachineMs"), auto.get("iterationMs").get("total"));

        JsonNode train = commands.run("train" + rows + " --model " + directory.resolve("model"))
                .json();
        // V = a, b, n, o and the unknown one: embedding 5 x 4, LSTM 32 x (4 + 8) + 64, head 2 x 8 + 2.
        assertEquals(20 + 384 + 64 + 18, json.get("parameters").asInt());
        assertEquals(json.get("updates"), train.get("iterations"));
        assertEquals("local", train.get("engine").asText());
        assertTrue(train.get("kernel").asText().matches("Vector API, \\d+ bits|scalar"), train::toString);
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> !file.startsWith(directory.resolve("model")))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void training_saysWhatWasPredicted() throws IOException {
        for (String engine : List.of("spark", "local")) {
            CommandRunner.Outcome train = commands.run(
                    "train" + rows + " --engine " + engine + " --model " + directory.resolve("model-" + engine));
            assertTrue(train.json().get("iterationMs").asDouble() > 0, train.out());
            assertTrue(train.json().get("predictedIterationMs").asDouble() > 0, train.out());
            String line = train.out()
                    .lines()
                    .filter(l -> l.startsWith("time: "))
                    .findFirst()
                    .orElseThrow();
            assertTrue(
                    line.matches("time: [0-9.]+ ms an update measured, [0-9.]+ ms predicted \\(broadcast .*\\)"), line);
        }
    }

    @Test
    void defaultJob_canBePlanned() {
        JsonNode json = commands.run("plan").json();
        assertEquals(16_105, json.get("sequences").asInt());
        assertEquals(131_192, json.get("parameters").asInt());
        assertEquals(1, json.get("balance").asDouble());
    }

    @Test
    void whatTrainRefuses_isRefused() {
        commands.run("plan --train " + directory.resolve("none.csv")).assertRefused("none.csv");
        commands.run("plan" + rows + " --cell lstn").assertRefused("cell is lstn");
        commands.run("plan" + rows + " --patience 2").assertRefused("patience is 2");
        commands.run("plan --model x").assertRefused("model");
        commands.run("plan" + rows + " --bptt-memory 20").assertRefused("bptt-memory is 20 bytes");
        assertTrue(spark.sparkContext().getPersistentRDDs().isEmpty());
        commands.run("plan" + rows + " --resume").assertRefused("resume is true");
        Path model = directory.resolve("model-of-eight");
        commands.run("train" + rows + " --max-iter 1 --model " + model);
        commands.run("plan" + rows.replace("--hidden-size 8", "--hidden-size 9") + " --init " + model)
                .assertRefused("is another network");
    }

    @Test
    void rowsLeftOut_areCounted() throws IOException {
        Path file = Files.writeString(directory.resolve("some-bad.csv"), "name,sex\nanna,F\n,M\nbobo\nbobo,M\n");
        String keys = " --train " + file + " --features-col name --label-col sex --handle-invalid skip --epochs 1";
        CommandRunner.Outcome plan = commands.run("plan" + keys);
        JsonNode skipped = commands.run("train" + keys + " --model " + directory.resolve("model-of-some"))
                .json()
                .get("skipped");
        assertEquals(2, skipped.size(), skipped.toString());
        assertEquals(skipped, plan.json().get("skipped"));
        assertTrue(plan.out().contains("skipped: {"), plan.out());
    }
}
