package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unroll.math.CounterRandom;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promise P2 as a user meets it: neither how rows lie in files nor over how many partitions the work goes changes the
 * summary, hash included.
 */
@SparkTest
class ShuffledFilesTest {

    private static final long SEED = 1;
    private static final int ROWS = 60;

    @TempDir
    static Path directory;

    private static CommandRunner command;
    private static int inputs;

    /**
     * A task with its data.
     *
     * @param header the first line of every file; empty for none
     * @param row line n
     */
    private record Job(String options, String header, IntFunction<String> row) {

        JsonNode train(Path input, int partitions) {
            String line = "train --train " + input + " " + options + " --engine spark --partitions " + partitions
                    + " --cell gru --hidden-size 4 --embedding-size 3 --batch-size 16 --num-shards 8 --max-iter 3"
                    + " --validation-fraction 0.2 --overwrite --model " + directory.resolve("model");
            ObjectNode printed = (ObjectNode) command.run(line).json();
            printed.remove(List.of("model", "iterationMs", "predictedIterationMs"));
            return printed;
        }

        List<String> rows() {
            return IntStream.range(0, ROWS).mapToObj(row).toList();
        }

        Path oneFile() throws IOException {
            return files(List.of(rows()));
        }

        /** The rows in another order, each in one of three files. */
        Path threeFiles(Random random) throws IOException {
            List<List<String>> parts = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            for (String row : rows()) {
                List<String> part = parts.get(random.nextInt(3));
                part.add(random.nextInt(part.size() + 1), row);
            }
            return files(parts);
        }

        private Path files(List<List<String>> parts) throws IOException {
            Path input = Files.createDirectory(directory.resolve("input-" + inputs++));
            for (int i = 0; i < parts.size(); i++) {
                List<String> lines = new ArrayList<>(header.isEmpty() ? List.of() : List.of(header));
                lines.addAll(parts.get(i));
                Files.write(input.resolve("part-" + i + ".txt"), lines);
            }
            return input;
        }

        @Override
        public String toString() {
            return options;
        }
    }

    @BeforeAll
    static void makeRunner(SparkSession spark) {
        command = new CommandRunner(spark);
    }

    /** Short words over few letters, so that some rows are equal. */
    private static String word(int n) {
        CounterRandom random = new CounterRandom(SEED, 1, n);
        return IntStream.range(1, 2 + random.below(6, 0))
                .mapToObj(t -> Character.toString('a' + random.below(3, t)))
                .collect(Collectors.joining());
    }

    private static String number(int n, int place) {
        return String.format(Locale.ROOT, "%.3f", 50 + 10 * new CounterRandom(SEED, 2, n).normal(place));
    }

    private static String jsonArray(int size, IntFunction<String> element) {
        return IntStream.range(0, size).mapToObj(element).collect(Collectors.joining(",", "[", "]"));
    }

    private static String tagging(int n) {
        String word = word(n);
        String letters = jsonArray(word.length(), t -> "\"" + word.charAt(t) + "\"");
        String tags = jsonArray(word.length(), t -> word.charAt(t) == 'a' ? "1" : "0");
        return "{\"x\":" + letters + ",\"y\":" + tags + "}";
    }

    private static String regression(int n) {
        int length = word(n).length();
        String steps = jsonArray(length, t -> jsonArray(2, k -> number(n, 2 * t + k)));
        String targets = jsonArray(length, t -> jsonArray(3, k -> number(n, 100 + 3 * t + k)));
        return "{\"x\":" + steps + ",\"y\":" + targets + ",\"w\":" + (1 + n % 5) / 10.0 + "}";
    }

    static Stream<Job> jobs() {
        String columns = " --features-col x --label-col y";
        return Stream.of(
                new Job(
                        "--task classification --class-weights balanced" + columns,
                        "x,y",
                        n -> word(n) + "," + (word(n).contains("ab") ? "yes" : "no")),
                new Job("--task tagging --format json --tokenizer none" + columns, "", ShuffledFilesTest::tagging),
                new Job(
                        "--task regression --format json --standardize --weight-col w" + columns,
                        "",
                        ShuffledFilesTest::regression),
                new Job(
                        "--task language-model --format text --window 3 --features-col value",
                        "",
                        ShuffledFilesTest::word));
    }

    @ParameterizedTest
    @MethodSource("jobs")
    void train_rowsShuffledOverFilesAndPartitions_printsTheSame(Job job) throws IOException {
        Path oneFile = job.oneFile();
        JsonNode expected = job.train(oneFile, 1);
        assertTrue(expected.hasNonNull("parameterHash"), expected.toString());
        assertEquals(expected, job.train(oneFile, 7), "one file, 7 partitions");
        for (int partitions : new int[] {1, 2, 3, 7}) {
            Path threeFiles = job.threeFiles(new Random(partitions));
            assertEquals(expected, job.train(threeFiles, partitions), "three files, seed and partitions " + partitions);
        }
    }
}
