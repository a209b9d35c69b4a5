package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.testing.TestSpark;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

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
