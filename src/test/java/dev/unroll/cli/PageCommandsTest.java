package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of README and of docs, run from the top of each page down, in a directory where nothing is but names.csv
 * and more-names.csv; with small networks, few updates and little data. (docs/data.md, which brings files of its own,
 * is run by {@link DataPageTest}.)
 */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class PageCommandsTest {

    /** Keys whose values are paths, on a command line and in the files of --config. */
    private static final Set<String> PATHS = Set.of(
            "train",
            "validation",
            "input",
            "output",
            "model",
            "checkpoint",
            "checkpoint-dir",
            "metrics",
            "tensorboard");

    /** The most that a key may be here. */
    private static final Map<String, Integer> MOST =
            Map.of("max-iter", 80, "sequences", 300, "hidden-size", 8, "steps", 100, "batch", 4);

    /** A job whose data are no part of the project, and a usage with names that stand for any file. */
    private static final Set<String> FOR_OTHER_FILES =
            Set.of("train --config conf/kjv-words.properties", "diff A.jsonl B.jsonl");

    private static SparkSession spark;

    @TempDir
    Path directory;

    @Test
    void commandsOfAllPages_succeedInTheOrderTheyAreShownIn() throws IOException {
        CommandRunner runner = new CommandRunner(spark);
        int run = 0;
        for (PageCommand command : PageCommand.all()) {
            Path place = directory.resolve(command.page().getFileName());
            if (!Files.exists(place)) {
                Files.createDirectory(place);
                Files.writeString(place.resolve("names.csv"), names(40));
                Files.writeString(place.resolve("more-names.csv"), names(12));
            }
            if (!FOR_OTHER_FILES.contains(command.line())) {
                runner.run(small(command.line(), place)).json();
                run++;
            }
        }
        assertTrue(run >= 20, "there are commands: " + run);
    }

    private static String names(int count) {
        StringBuilder csv = new StringBuilder("name,sex\n");
        for (int i = 0; i < count; i++) {
            csv.append(i % 2 == 0 ? "ann" : "bo").append((char) ('a' + i % 26)).append(i % 2 == 0 ? "a,F\n" : "b,M\n");
        }
        return csv.toString();
    }

    private static String small(String line, Path place) throws IOException {
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        for (int i = 1; i < words.size(); i++) {
            String before = words.get(i - 1);
            String key = before.startsWith("--") ? before.substring(2) : "";
            String value = words.get(i);
            if (PATHS.contains(key) || value.endsWith(".jsonl")) {
                words.set(i, place.resolve(value).toString());
            } else if (MOST.containsKey(key)) {
                words.set(i, String.valueOf(Math.min(Integer.parseInt(value), MOST.get(key))));
            } else if (key.equals("config")) {
                words.set(i, withPathsIn(place, Path.of(value)).toString());
            }
        }
        Map<String, String> more = new HashMap<>();
        switch (words.get(0)) {
            case "train" -> {
                more.put("hidden-size", "8");
                more.put("max-iter", "2");
                more.put(
                        "model",
                        Files.createTempDirectory(place, "model").resolve("new").toString());
            }
            case "plan", "replay" -> more.put("hidden-size", "8");
            case "bench" -> more.put("seconds", "0.1");
            default -> {}
        }
        more.forEach((key, value) -> {
            if (!words.contains("--" + key)) {
                words.addAll(List.of("--" + key, value));
            }
        });
        return String.join(" ", words);
    }

    /** The same job file, with paths below that place. */
    private static Path withPathsIn(Path place, Path config) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(config)) {
            String[] entry = line.split(" = ", 2);
            lines.add(PATHS.contains(entry[0]) ? entry[0] + " = " + place.resolve(entry[1]) : line);
        }
        return Files.write(place.resolve(config.getFileName()), lines);
    }
}
