package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a checkpoint may be resumed with. Checkpoints of version 0.1.0's first format are kept as fixtures, with the hash of the training
 * that was never stopped; and of every key there is, another value is either refused or changes no bit.
 */
@SparkTest
@Tag("slow")
class ResumeCompatibilityTest {

    private static final Path FIXTURES = Path.of("src/test/resources/fixtures/checkpoints");

    private static final String SMALL =
            "--hidden-size 5 --num-shards 2 --engine local --step-size 0.02 --checkpoint-interval 0 ";

    /** The training whose keys are changed one by one, after 2 of its 4 updates. */
    private static final String BASE = "train --train " + FIXTURES.resolve("words.csv")
            + " --features-col word --label-col first --hidden-size 5 --num-shards 2 --engine local --num-layers 2"
            + " --schedule linear --epochs 2 --batch-size 32 --checkpoint-interval 2 ";

    /** Another value of every key that determines bits, given after the keys that it needs. */
    private static final Map<String, String> DETERMINE = Map.ofEntries(
            Map.entry("activation", "--cell elman --activation relu"),
            Map.entry("batch-size", "--batch-size 30"),
            Map.entry("bidirectional", "--bidirectional true"),
            Map.entry("carry-state", "--carry-state true"),
            Map.entry("cell", "--cell gru"),
            Map.entry("categorical-cols", "--categorical-cols word"),
            Map.entry("class-weights", "--class-weights balanced"),
            Map.entry("clip-norm", "--clip-norm 0.01"),
            Map.entry("dropout", "--dropout 0.5"),
            Map.entry("ema", "--ema 0.9"),
            Map.entry("embedding-size", "--embedding-size 7"),
            Map.entry("epochs", "--epochs 3"),
            Map.entry("features-col", "--features-col first"),
            Map.entry("forget-bias", "--forget-bias 1"),
            Map.entry("hidden-size", "--hidden-size 6"),
            Map.entry("init", "--init MODEL"),
            Map.entry("initializer", "--initializer orthogonal"),
            Map.entry("label-col", "--label-col size"),
            Map.entry("label-smoothing", "--label-smoothing 0.1"),
            Map.entry("loss", "--task regression --label-col size --loss absolute"),
            Map.entry("loss-reduction", "--loss-reduction sequence"),
            Map.entry("max-iter", "--max-iter 3"),
            Map.entry("max-length", "--max-length 4 --handle-invalid skip"),
            Map.entry("missing", "--missing mask"),
            Map.entry("num-layers", "--num-layers 3"),
            Map.entry("num-shards", "--num-shards 4"),
            Map.entry("numeric-cols", "--numeric-cols size"),
            Map.entry("optimizer", "--optimizer sgd"),
            Map.entry("patience", "--patience 5 --validation FILE"),
            Map.entry("pooling", "--pooling mean"),
            Map.entry("proj-size", "--proj-size 3"),
            Map.entry("scale", "--scale standard"),
            Map.entry("schedule", "--schedule constant"),
            Map.entry("seed", "--seed 2"),
            Map.entry("standardize", "--standardize true"),
            Map.entry("static-categorical-cols", "--static-categorical-cols word"),
            Map.entry("static-numeric-cols", "--static-numeric-cols size"),
            Map.entry("step-size", "--step-size 0.5"),
            Map.entry("tied-embeddings", "--tied-embeddings true"),
            Map.entry("tokenizer", "--tokenizer whitespace"),
            Map.entry("truncation", "--truncation fixed:2"),
            Map.entry("validation-fraction", "--validation-fraction 0.3"),
            Map.entry("vocabulary-size", "--vocabulary-size 3"),
            Map.entry("weight-col", "--weight-col size"),
            Map.entry("weight-decay", "--weight-decay 0.1"));

    /** Another value of every key that changes no bit of this training. */
    private static final Map<String, String> CHANGE_NOTHING = Map.ofEntries(
            Map.entry("advise-truncation", "--advise-truncation true"),
            Map.entry("bptt-memory", "--bptt-memory 1000000000"),
            Map.entry("checkpoint-dir", ""), // a copy of the directory, in every case
            Map.entry("checkpoint-interval", "--checkpoint-interval 1"),
            Map.entry("checkpoint-keep", "--checkpoint-keep 1"),
            Map.entry("engine", "--engine spark"),
            Map.entry("handle-invalid", "--handle-invalid skip"),
            Map.entry("overwrite-checkpoints", "--overwrite-checkpoints true"),
            Map.entry("distribution-col", "--distribution-col d"),
            Map.entry("partitions", "--partitions 2"),
            Map.entry("prediction-col", "--prediction-col p"),
            Map.entry("probability-col", "--probability-col q"),
            Map.entry("quantiles", ""), // goes with a likelihood alone
            Map.entry("quantiles-col", "--quantiles-col q"),
            Map.entry("raw-prediction-col", "--raw-prediction-col r"),
            Map.entry("resume", ""), // true, in every case
            Map.entry("season", ""), // goes with regression alone
            Map.entry("thresholds", "--thresholds 0.3,0.7"),
            Map.entry("tol", "--tol 0.00001"),
            Map.entry("updates-per-job", "--engine spark --updates-per-job 3"),
            Map.entry("validation-indicator-col", ""), // cannot be given where rows are not marked
            Map.entry("validation-interval", "--validation-interval 3"),
            Map.entry("window", "--window 4")); // language models alone cut documents

    @TempDir
    private static Path base;

    @TempDir
    private Path directory;

    private static CommandRunner commands;
    private static String hash;

    @BeforeAll
    static void train(SparkSession spark) {
        commands = new CommandRunner(spark);
        hash = commands.run(
                        BASE + "--checkpoint-dir " + base.resolve("checkpoints") + " --model " + base.resolve("model"))
                .json()
                .get("parameterHash")
                .asText();
        // The updates after the second are yet to come, as if the training had been killed there.
        delete(base.resolve("checkpoints/iteration-000000000004"));
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "classification | 14 | 9f07fbf34903767352aec1aedb145a8005788c03323fa139d108c8c13b2c9013 | --train words.csv"
                        + " --features-col word --label-col first --embedding-size 3 --validation-fraction 0.2 --patience 9"
                        + " --validation-interval 2 --class-weights balanced --num-layers 2 --dropout 0.1"
                        + " --truncation randomized:0.5 --batch-size 16",
                "regression | 11 | 01fb740139cf3db01371fc3619ddc26f8865ca2e04b7dca299622a7c265e8e76 | --task regression"
                        + " --train series.json --format json --features-col x --label-col y --standardize true"
                        + " --optimizer adamw --weight-decay 0.01 --cell gru --bidirectional true --batch-size 16",
                "language | 11 | 516b7839df90bc1c9af85f6352e5a3bbb01ca74522e650ebdb772c8d192d7fa9 | --task language-model"
                        + " --train text.txt --format text --features-col value --embedding-size 3 --window 6"
                        + " --carry-state true --batch-size 4"
            })
    void checkpointOfTheFirstFormat_isResumedWithTheBitsOfThen(String name, int updates, String expected, String keys)
            throws IOException {
        Path checkpoints = directory.resolve("checkpoints");
        copy(FIXTURES.resolve(name), checkpoints);
        String files = keys.replaceAll("--train (\\S+)", "--train " + FIXTURES + "/$1");
        String line = "train " + files + " " + SMALL + "--max-iter " + updates + " --resume true --checkpoint-dir "
                + checkpoints + " --model " + directory.resolve("model");
        assertEquals(expected, commands.run(line).json().get("parameterHash").asText());
    }

    @Test
    void everyKey_isInOneOfTheTables() {
        Set<String> keys = new TreeSet<>(DETERMINE.keySet());
        keys.addAll(CHANGE_NOTHING.keySet());
        assertEquals(new TreeSet<>(ParamDocs.of(new RnnClassifier()).keySet()), keys);
        assertEquals(DETERMINE.size() + CHANGE_NOTHING.size(), keys.size());
    }

    static Stream<String> determine() {
        return new TreeMap<>(DETERMINE).values().stream();
    }

    static Stream<String> changeNothing() {
        return new TreeMap<>(CHANGE_NOTHING).values().stream();
    }

    private CommandRunner.Outcome resume(String keys) throws IOException {
        Path checkpoints = directory.resolve("checkpoints");
        copy(base.resolve("checkpoints"), checkpoints);
        String given = keys.replace("MODEL", base.resolve("model").toString())
                .replace("FILE", FIXTURES.resolve("words.csv").toString());
        StringBuilder line = new StringBuilder();
        for (String pair : BASE.split(" (?=--)")) {
            String key = pair.strip().split(" ")[0];
            line.append((given + " ").contains(key + " ") ? "" : pair.strip() + " ");
        }
        return commands.run(line + given + " --resume true --checkpoint-dir " + checkpoints + " --model "
                + directory.resolve("model"));
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("determine")
    void anotherValueOfAKeyThatDeterminesBits_isRefused(String keys) throws IOException {
        CommandRunner.Outcome outcome = resume(keys);
        assertEquals(2, outcome.code(), outcome.line() + "\n" + outcome.out() + outcome.err());
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("changeNothing")
    void anotherValueOfAnyOtherKey_givesTheSameBits(String keys) throws IOException {
        CommandRunner.Outcome outcome = resume(keys);
        assertEquals(hash, outcome.json().get("parameterHash").asText(), outcome.line());
    }

    @Test
    void refusal_namesWhatIsDifferent() throws IOException {
        resume("--step-size 0.5").assertRefused("cannot resume", "optimizer");
        assertTrue(Files.isDirectory(directory.resolve("checkpoints/iteration-000000000002")));
    }
}
