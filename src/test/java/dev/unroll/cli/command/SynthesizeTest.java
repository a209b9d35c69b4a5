package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.cli.Unroll;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The long-memory tasks: every label is what the steps say. */
class SynthesizeTest {

    @TempDir
    Path directory;

    private List<JsonNode> rows(String kind, int steps, int sequences, int seed) throws IOException {
        Path file = directory.resolve(kind + seed + ".json");
        int code = Unroll.run(("synthesize --kind " + kind + " --steps " + steps + " --sequences " + sequences
                        + " --seed " + seed + " --output " + file + " --overwrite")
                .split(" "));
        assertEquals(0, code);
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            rows.add(new ObjectMapper().readTree(line));
        }
        assertEquals(sequences, rows.size());
        return rows;
    }

    @Test
    void adding_isTheSumOfTheTwoMarkedNumbers() throws IOException {
        double mean = 0;
        double square = 0;
        int sequences = 2000;
        for (JsonNode row : rows("adding", 30, sequences, 1)) {
            double sum = 0;
            int marks = 0;
            assertEquals(30, row.get("steps").size());
            for (int t = 0; t < 30; t++) {
                JsonNode step = row.get("steps").get(t);
                if (step.get(1).asDouble() == 1) {
                    sum += step.get(0).asDouble();
                    assertEquals(marks++, t / 15, "one in each half");
                }
            }
            assertEquals(2, marks);
            assertEquals(sum, row.get("label").asDouble(), 1e-7);
            mean += sum / sequences;
            square += (sum - 1) * (sum - 1) / sequences;
        }
        assertEquals(1, mean, 0.05);
        assertEquals(1.0 / 6, square, 0.02); // what always answering 1 has
    }

    @Test
    void copy_saysTheLettersAgain() throws IOException {
        for (JsonNode row : rows("copy", 20, 50, 1)) {
            assertEquals(40, row.get("steps").size());
            assertEquals(40, row.get("label").size());
            assertEquals("!", row.get("steps").get(29).asText());
            for (int t = 0; t < 30; t++) {
                assertEquals("_", row.get("label").get(t).asText());
            }
            for (int t = 0; t < 10; t++) {
                assertEquals(row.get("steps").get(t), row.get("label").get(30 + t));
                assertTrue("abcdefgh".contains(row.get("steps").get(t).asText()));
            }
        }
    }

    @Test
    void temporalOrder_isTheOrderOfXAndY() throws IOException {
        Set<String> labels = new HashSet<>();
        for (JsonNode row : rows("temporal-order", 40, 50, 1)) {
            StringBuilder order = new StringBuilder();
            row.get("steps").forEach(step -> order.append("XY".contains(step.asText()) ? step.asText() : ""));
            assertEquals(order.toString(), row.get("label").asText());
            labels.add(order.toString());
        }
        assertEquals(Set.of("XX", "XY", "YX", "YY"), labels);
    }

    @ParameterizedTest
    @EnumSource(LongMemoryTasks.class)
    void anotherSeed_givesOtherRows_andTheSameSeedTheSame(LongMemoryTasks task) throws IOException {
        List<JsonNode> first = rows(task.key(), 10, 5, 1);
        assertEquals(first, rows(task.key(), 10, 5, 1));
        assertNotEquals(first, rows(task.key(), 10, 5, 2));
    }

    @ParameterizedTest
    @CsvSource({
        "--kind adding --output FILE",
        "--kind subtracting --output OTHER",
        "--kind copy --steps 9 --output OTHER"
    })
    void whatCannotBe_isRefused(String arguments) throws IOException {
        Path existing = Files.writeString(directory.resolve("there.json"), "mine");
        String line = arguments
                .replace("FILE", existing.toString())
                .replace("OTHER", directory.resolve("new.json").toString());
        assertEquals(2, Unroll.run(("synthesize " + line).split(" ")));
        assertEquals("mine", Files.readString(existing));
    }
}
