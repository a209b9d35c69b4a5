package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.cli.Unroll;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** An oracle that sees what can be seen, and knows the two rules, is as often right as the last line says, and no more. */
    @Test
    void events_haveTheBestAccuracyThatIsSaid() throws IOException {
        Path file = directory.resolve("events.json");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        int sequences = 20_000;
        try {
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            assertEquals(
                    0,
                    Unroll.run(("synthesize --problem events --steps 16 --sequences " + sequences + " --output " + file)
                            .split(" ")));
        } finally {
            System.setOut(before);
        }
        List<String> said = out.toString(StandardCharsets.UTF_8).lines().toList();
        JsonNode summary = new ObjectMapper().readTree(said.get(said.size() - 1));
        double best = summary.get("bestAccuracy").asDouble();
        assertEquals(0.81, best, 1e-12);
        assertEquals("events", summary.get("problem").asText());

        Map<Long, List<JsonNode>> sequencesById = new LinkedHashMap<>();
        long cells = 0;
        long holes = 0;
        for (String line : Files.readAllLines(file)) {
            JsonNode event = new ObjectMapper().readTree(line);
            sequencesById
                    .computeIfAbsent(event.get("id").asLong(), id -> new ArrayList<>())
                    .add(event);
            for (String column : List.of("page", "device", "action", "a", "b", "c", "d")) {
                cells++;
                holes += event.get(column).isNull() ? 1 : 0;
            }
        }
        assertEquals(sequences, sequencesById.size());
        assertEquals(0.2, (double) holes / cells, 0.002);
        int right = 0;
        int withoutFacts = 0;
        int withoutHoles = 0;
        double loss = 0;
        for (List<JsonNode> events : sequencesById.values()) {
            assertTrue(events.size() >= 8 && events.size() <= 16);
            JsonNode last = events.get(events.size() - 1);
            int page = 0;
            double seen = 0;
            double sum = 0;
            double missing = 0;
            for (JsonNode event : events) {
                assertEquals(last.get("label"), event.get("label"));
                assertEquals(last.get("region"), event.get("region"));
                assertEquals(last.get("base"), event.get("base"));
                page = event.get("page").isNull()
                        ? page
                        : Integer.parseInt(event.get("page").asText().substring(1));
                seen += event.get("a").isNull() ? 0 : event.get("a").asDouble() - 0.5;
                sum += event.get("a").asDouble(0);
                missing += event.get("a").isNull() ? 2 : 0;
            }
            double base = last.get("base").asDouble();
            boolean outer = List.of("east", "west").contains(last.get("region").asText());
            String label = last.get("label").asText();
            String odd = (page % 2 == 1) != outer ? "odd" : "even";
            String high = base + seen + missing > 0 ? "high" : "low";
            right += label.equals(odd + "-" + high) ? 1 : 0;
            loss -= (Math.log(label.startsWith(odd) ? 0.9 : 0.1) + Math.log(label.endsWith(high) ? 0.9 : 0.1))
                    / sequences;
            withoutFacts += label.equals((page % 2 == 1 ? "odd" : "even") + "-" + (seen + missing > 0 ? "high" : "low"))
                    ? 1
                    : 0;
            // With the mean in its place, 0, a missing number is not told from one; of all events a fifth has none.
            withoutHoles += label.equals(odd + "-" + (base + sum > 0 ? "high" : "low")) ? 1 : 0;
        }
        double deviation = Math.sqrt(best * (1 - best) / sequences);
        assertEquals(best, (double) right / sequences, 4 * deviation);
        assertEquals(summary.get("bestLoss").asDouble(), loss, 0.03);
        // Neither the facts of the sequence nor the holes can be done without.
        assertTrue(withoutFacts < 0.45 * sequences, withoutFacts + " right without them");
        assertTrue(withoutHoles < 0.72 * sequences, withoutHoles + " right without them");
    }

    @ParameterizedTest
    @EnumSource(LongMemoryTasks.class)
    void anotherSeed_givesOtherRows_andTheSameSeedTheSame(LongMemoryTasks task) throws IOException {
        List<JsonNode> first = rows(task.key(), 10, 5, 1);
        assertEquals(first, rows(task.key(), 10, 5, 1));
        assertNotEquals(first, rows(task.key(), 10, 5, 2));
    }

    /** Events of other tables have an id and a time as well. */
    @Test
    void tableOfAnother_isNotReplaced_andItsOwnIs() throws IOException {
        Path file = directory.resolve("events.json");
        String[] command =
                ("synthesize --problem events --steps 10 --sequences 2 --overwrite --output " + file).split(" ");
        for (String line : List.of(
                "{\"id\":1,\"time\":5,\"user\":\"eve\"}\n",
                "{\"id\":1,\"time\":5,\"region\":\"centre\",\"base\":1.5}\n",
                "{\"id\":1,\"time\":5,\"region\":\"north\",\"sold\":1.5}\n")) {
            Files.writeString(file, line);
            assertEquals(2, Unroll.run(command));
            assertEquals(line, Files.readString(file));
        }
        Files.delete(file);
        assertEquals(0, Unroll.run(command));
        List<String> lines = Files.readAllLines(file);
        assertEquals(0, Unroll.run(command));
        assertEquals(lines, Files.readAllLines(file));
    }

    @ParameterizedTest
    @CsvSource({
        "--kind adding --output FILE",
        "--kind subtracting --output OTHER",
        "--output OTHER",
        "--kind copy --problem copy --output OTHER",
        "--problem events --output FILE --overwrite",
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
