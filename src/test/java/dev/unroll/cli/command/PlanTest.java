package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.cli.CommandRunner;
import dev.unroll.preflight.ClusterCosts;
import dev.unroll.testing.SparkTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

    /** In local mode executors are thought of; each has the two tasks of this session, and there are four shards. */
    @Test
    void otherNumbersOfExecutors_arePredicted() throws IOException {
        CommandRunner.Outcome plan =
                commands.run("plan" + onSpark + " --executors 1,2,4 --price 1.5 --noise-scale 20.4");
        JsonNode scale = plan.json().get("scale");
        assertEquals(3, scale.size(), plan.out());
        double first = scale.get(0).get("iterationMs").asDouble();
        for (int i = 0; i < 3; i++) {
            JsonNode point = scale.get(i);
            double ms = point.get("iterationMs").asDouble();
            assertEquals(1 << i, point.get("executors").asInt());
            assertEquals(i == 0 ? 2 : 4, point.get("tasks").asInt());
            assertEquals(first / ms, point.get("speedup").asDouble(), 0.02 * first / ms, plan.out());
            assertEquals(
                    point.get("speedup").asDouble() / (1 << i),
                    point.get("efficiency").asDouble(),
                    1e-3);
            assertEquals(3.6e6 / ms, point.get("updatesPerHour").asDouble(), 0.01 * 3.6e6 / ms);
            // Four updates an epoch.
            assertEquals(
                    4 * ms / 3.6e6 * (1 << i) * 1.5, point.get("costOfEpoch").asDouble(), 2e-6);
        }
        assertEquals(20, plan.json().get("noiseBatch").asInt());
        assertTrue(
                plan.out().contains("; of usual costs, none were measured here; this session has no executors"),
                plan.out());
        assertTrue(plan.out().contains("batch: up to some 20 sequences an update pay"), plan.out());
        assertFalse(commands.run("plan" + onSpark).json().has("scale"));
    }

    /** Ten times the usual costs of calls and jobs, written to a file. */
    @Test
    void measuredCosts_areThoseOfThePrediction() throws IOException {
        Path file = directory.resolve("costs.json");
        String text = costs(ClusterCosts.usual(false));
        Files.writeString(file, text);
        JsonNode usual = commands.run("plan" + onSpark + " --executors 2").json();
        JsonNode same = commands.run("plan" + onSpark + " --executors 2 --costs " + file)
                .json();
        double ms = usual.get("scale").get(0).get("iterationMs").asDouble();
        assertEquals(ms, same.get("scale").get(0).get("iterationMs").asDouble(), 0.1 * ms);
        Files.writeString(file, text.replace("\"ms\":0.6", "\"ms\":60"));
        JsonNode slow = commands.run("plan" + onSpark + " --executors 2 --costs " + file)
                .json();
        assertEquals(ms + 59.4, slow.get("scale").get(0).get("iterationMs").asDouble(), 0.1 * (ms + 59.4));
        commands.run("plan" + onSpark + " --costs " + file)
                .assertRefused("costs were measured on executors, and the session has none");

        Path local = Files.writeString(
                directory.resolve("local.json"), costs(ClusterCosts.usual(true)).replace("\"ms\":0.1", "\"ms\":60"));
        JsonNode here = commands.run("plan" + onSpark + " --costs " + local).json();
        assertTrue(here.get("iterationMs").get("wait").asDouble() >= 60, here::toString);
        commands.run("plan" + onSpark + " --executors 2 --costs " + local)
                .assertRefused(
                        "costs were measured in one process; allowed with executors are costs that were measured on executors");
    }

    private static String costs(ClusterCosts costs) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        costs.write(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void keysOfOtherExecutors_areCheckedBeforeAnythingIsRead() throws IOException {
        for (String wrong : List.of("0", "1,,2", "2,2", "x", "-1", "10001", "1.5")) {
            commands.run("plan --executors " + wrong)
                    .assertRefused("executors is " + wrong
                            + "; allowed are different whole numbers from 1 to 10000 with commas between them");
        }
        commands.run("plan --price 1").assertRefused("price is given without executors");
        commands.run("plan --noise-scale 10").assertRefused("noise-scale is given without executors");
        commands.run("plan --costs " + directory.resolve("none.json")).assertRefused("cannot be read");
        Path other = Files.writeString(directory.resolve("other.json"), "{}");
        commands.run("plan --costs " + other).assertRefused("other.json: the document lacks the field format");
        Path large = Files.writeString(directory.resolve("large.json"), " ".repeat(65_537));
        commands.run("plan --costs " + large).assertRefused("has more than 65536 bytes");
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
