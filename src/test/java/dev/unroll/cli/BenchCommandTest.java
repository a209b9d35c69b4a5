package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class BenchCommandTest {

    private final CommandRunner runner = new CommandRunner(TestSpark.session(Map.of()));

    /**
     * Every cell, ragged and with an embedding: the figures are the machine's, their names and the steps counted are
     * the contract.
     */
    @Test
    void bench_smallShape_printsOneJsonLine() {
        CommandRunner.Outcome bench = runner.run(
                "bench --cell gru --input-size 5 --hidden-size 7 --classes 3 --vocabulary 11 --batch 3 --steps 9"
                        + " --ragged --seconds 0 --spark");
        assertEquals(0, bench.code(), bench.err());
        for (String figure : List.of("tokensPerSecond", "gflops", "peakGflops", "peakShare", "medianMs")) {
            assertTrue(bench.json().get(figure).asDouble() > 0, figure);
        }
        for (String figure :
                List.of("tasks", "shards", "emptyJobMs", "zeroWorkMs", "taxMs", "iterationMs", "tokensPerSecond")) {
            assertTrue(bench.json().get("spark").get(figure).asDouble() > 0, figure);
        }
        for (String name : List.of("implementation", "jdk", "tile", "gc")) {
            assertFalse(bench.json().get(name).asText().isEmpty(), name);
        }
        int steps = bench.json().get("realSteps").asInt();
        assertTrue(steps >= 9 + 2 && steps <= 3 * 9, () -> steps + " steps");
        CommandRunner.Outcome refused = runner.run("bench --hidden-size 0");
        assertEquals(2, refused.code());
        assertEquals(
                "unroll: hidden-size is 0; allowed is a whole number, at least 1",
                refused.err().strip());
    }

    /** An update is not done before its tasks have slept. */
    @Test
    void bench_ofGhostWork_takesItsTime() {
        String shape = "bench --input-size 5 --hidden-size 7 --classes 3 --batch 3 --steps 9 --seconds 0 --ghost-ms 30";
        JsonNode spark = runner.run(shape + " --spark --ghost-spread 0").json().get("spark");
        assertTrue(spark.get("iterationMs").asDouble() >= 30, spark::toString);
        assertEquals(
                30 / spark.get("iterationMs").asDouble(),
                spark.get("efficiency").asDouble(),
                1e-3);
        CommandRunner.Outcome refused = runner.run(shape);
        assertEquals(2, refused.code());
        assertEquals(
                "unroll: ghost-ms is 30.0 without spark, whose tasks sleep; add --spark",
                refused.err().strip());
        CommandRunner.Outcome spread = runner.run("bench --spark --ghost-spread 0.1");
        assertEquals(2, spread.code());
        assertTrue(spread.err().startsWith("unroll: ghost-spread is 0.1 and ghost-ms is 0"), spread.err());
    }

    /** What is written is read again, and predicts an update of ghosts: no less than they sleep. */
    @Test
    void costs_areWrittenOnce_andPredictAnUpdate(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("costs.json");
        String shape = "bench --spark --input-size 5 --hidden-size 7 --classes 3 --batch 3 --steps 9 --seconds 0";
        JsonNode written = runner.run(shape + " --write-costs " + file).json();
        assertEquals(file.toString(), written.get("costs").asText());
        JsonNode costs = new ObjectMapper().readTree(file.toFile());
        assertEquals(0, costs.get("executors").asInt(), "tasks are threads of this process");
        for (String rate : List.of("gigaflops", "sumMbMs", "optimiserMbMs", "spread")) {
            assertTrue(costs.get(rate).asDouble() > 0, costs::toString);
        }
        JsonNode collect = costs.get("collect"); // a job takes some time
        assertTrue(collect.get("ms").asDouble() + collect.get("taskMs").asDouble() > 0, costs::toString);
        JsonNode predicted = runner.run(shape + " --ghost-ms 30 --ghost-spread 0.2 --costs " + file)
                .json()
                .get("spark")
                .get("predicted");
        // Of two tasks the slower one takes 2 Phi(sigma / 2) of the mean: 1.111.
        assertTrue(predicted.get("meanIterationMs").asDouble() >= 33.3, predicted::toString);
        assertEquals(30, predicted.get("computeMs").asDouble());

        byte[] before = Files.readAllBytes(file);
        CommandRunner.Outcome again = runner.run(shape + " --write-costs " + file);
        assertEquals(2, again.code());
        assertTrue(again.err().contains("exists already; give another file or overwrite true"), again.err());
        assertArrayEquals(before, Files.readAllBytes(file));
        runner.run(shape + " --costs " + file).assertRefused("costs are given and ghost-ms is 0");
        runner.run("bench --write-costs " + directory.resolve("other.json")).assertRefused("without spark");
        Path foreign = Files.writeString(directory.resolve("foreign.json"), "{}");
        runner.run(shape + " --overwrite --write-costs " + foreign).assertRefused("this program has not written");
    }

    /** Recorded times of two kinds: the slow kind is nearly always among 100 tasks. */
    @Test
    void simulation_drawsRecordedTimes(@TempDir Path directory) throws IOException {
        Path times = Files.write(directory.resolve("times.txt"), List.of("100", "100", "100", "140"));
        String shape =
                "bench --input-size 5 --hidden-size 7 --classes 3 --batch 3 --steps 9 --seconds 0 --simulate 1,100";
        JsonNode simulation =
                runner.run(shape + " --task-times " + times).json().get("simulation");
        double one = simulation.get(0).get("simulatedMs").asDouble();
        double many = simulation.get(1).get("simulatedMs").asDouble();
        assertTrue(one >= 110 && one <= 114, simulation::toString);
        assertTrue(many >= 140 && many <= 145, simulation::toString);
        assertTrue(simulation.get(1).get("slow3.0Ms").asDouble() >= 300, simulation::toString);
        runner.run("bench --task-times " + times).assertRefused("without simulate");
        runner.run("bench --simulate 3").assertRefused("simulate is given and ghost-ms is 0");
        runner.run("bench --ghost-ms 3 --simulate 0").assertRefused("simulate is 0; allowed are whole numbers");
        Files.write(times, List.of("100", "x"));
        runner.run(shape + " --task-times " + times).assertRefused("line 2 is x; allowed is a time in ms");
    }

    @Test
    void bench_ofCategoriesAndStatics_takesNoVocabularyBeside() {
        String shape = "bench --cell gru --input-size 5 --hidden-size 7 --classes 3 --batch 3 --steps 9 --seconds 0";
        for (String more : List.of(" --categorical 11:2,4:2", " --static 3")) {
            assertTrue(runner.run(shape + more).json().get("tokensPerSecond").asDouble() > 0);
            CommandRunner.Outcome refused = runner.run(shape + " --vocabulary 100" + more);
            assertEquals(2, refused.code(), refused.err());
            assertTrue(refused.err().startsWith("unroll: vocabulary is 100 and "), refused.err());
        }
    }
}
