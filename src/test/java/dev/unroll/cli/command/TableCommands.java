package dev.unroll.cli.command;

import dev.unroll.cli.CommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** Small trainings, and predictions of their models, of tables in one directory, which command lines call DIR. */
final class TableCommands {

    private static final String SMALL = " --hidden-size 2 --max-iter 2 --num-shards 1 --engine local";

    private final CommandRunner commands;
    private final Path directory;
    private int outputs;

    TableCommands(SparkSession spark, Path directory) {
        this.commands = new CommandRunner(spark);
        this.directory = directory;
    }

    void write(String name, String... lines) throws IOException {
        write(name, List.of(lines));
    }

    void write(String name, List<String> lines) throws IOException {
        Files.write(directory.resolve(name), lines);
    }

    /** Runs a command line; a training is small, and its model has a name of its own. */
    CommandRunner.Outcome run(String line) {
        return line.startsWith("train") ? train(line + SMALL) : outcome(line);
    }

    /** Runs a training of the size that the line says. */
    CommandRunner.Outcome train(String line) {
        return outcome(line + " --model " + output());
    }

    private CommandRunner.Outcome outcome(String line) {
        return commands.run(line.replace("DIR", directory.toString()));
    }

    /** Trains, and gives the directory of the model. */
    String model(String line) {
        return run(line).json().get("model").asText();
    }

    /** Predicts, and gives the rows as JSON. */
    List<String> predicted(String line) throws IOException {
        Path output = output();
        run(line + " --output " + output + " --output-format json").json();
        return rows(output);
    }

    /** The rows of JSON in a directory. */
    static List<String> rows(Path written) throws IOException {
        try (Stream<Path> files = Files.list(written)) {
            List<String> rows = new ArrayList<>();
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".json")).toList()) {
                rows.addAll(Files.readAllLines(file));
            }
            return rows;
        }
    }

    private Path output() {
        return directory.resolve("out" + outputs++);
    }
}
