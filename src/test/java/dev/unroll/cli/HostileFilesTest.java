package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.data.Printable;
import dev.unroll.format.Directory;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules R6, R7 and R10 on the command line: models, checkpoints and paths of strangers end with exit code 2, and one
 * sentence that is short, escaped and ours.
 */
@Tag("slow")
@SparkTest
class HostileFilesTest {

    private static final String SMALL =
            " --hidden-size 2 --embedding-size 2 --max-iter 2 --num-shards 1 --engine local --window-length 3";
    private static final String ESC = "\u001b[31m\u0007\u009b\u202e\nunroll: done";

    @TempDir
    static Path base;

    private static CommandRunner command;
    private static int copies;

    private interface Harm {
        void to(Path directory) throws IOException;
    }

    /** A command with MODEL, CHECKPOINTS and TEMP in it, what is done to the files before, and words of the sentence. */
    private record Case(String title, List<String> arguments, Harm harm, List<String> said) {
        @Override
        public String toString() {
            return title;
        }
    }

    @BeforeAll
    static void train(SparkSession spark) throws IOException {
        command = new CommandRunner(spark);
        StringBuilder rows = new StringBuilder("day,sold\n");
        for (int day = 1; day <= 20; day++) {
            rows.append(String.format("2024-01-%02d,%d%n", day, day % 3));
        }
        Files.writeString(base.resolve("days.csv"), rows.toString());
        Files.writeString(base.resolve("names.csv"), "name,sex\nanna,F\notto,M\n");
        command.run(TRAIN.replace("TEMP", base.toString()) + " --model " + base.resolve("model") + " --checkpoint-dir "
                        + base.resolve("checkpoints"))
                .json();
    }

    private static final String TRAIN = "train --train TEMP/days.csv --task regression --prepare windows --time-col day"
            + " --value-cols sold" + SMALL;
    private static final String RESUME = TRAIN + " --resume true --checkpoint-dir CHECKPOINTS --model TEMP/new";
    private static final String PREDICT = "predict --model MODEL --input TEMP/days.csv --output TEMP/out";
    private static final String INSPECT = "inspect --model MODEL";

    private static Case of(String title, String line, Harm harm, String... said) {
        return new Case(title, List.of(line.split(" ")), harm, List.of(said));
    }

    private static Harm replace(String file, String what, String by) {
        return model -> {
            Path path = model.resolve(file);
            String text = Files.readString(path);
            String changed = text.replaceFirst(what, by.replace("\\", "\\\\").replace("$", "\\$"));
            assertFalse(changed.equals(text), "nothing to change by " + what + " in " + text);
            Files.writeString(path, changed);
        };
    }

    private static Harm bytes(String file, String text) {
        return model -> Files.writeString(model.resolve(file), text);
    }

    private static Harm link(String file, String target) {
        return model -> {
            Files.deleteIfExists(model.resolve(file));
            Files.createSymbolicLink(model.resolve(file), Path.of(target));
        };
    }

    private static Harm fifo(String file) {
        return model -> {
            Files.deleteIfExists(model.resolve(file));
            try {
                new ProcessBuilder("mkfifo", model.resolve(file).toString())
                        .start()
                        .waitFor();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        };
    }

    private static Harm sparse(String file, long size) {
        return model -> {
            try (RandomAccessFile opened =
                    new RandomAccessFile(model.resolve(file).toFile(), "rw")) {
                opened.setLength(size);
            }
        };
    }

    private static final String META = "metadata/part-00000";
    private static final String SPEC = "data/spec.json";
    private static final String TENSORS = "data/model.safetensors";
    private static final String PREPARATION = "data/preparation.json";

    static Stream<Case> cases() {
        List<Case> all = new ArrayList<>();
        // files that are none, or have no end
        for (String file : List.of(META, SPEC, TENSORS, PREPARATION)) {
            all.add(of("/dev/zero as " + file, PREDICT, link(file, "/dev/zero"), file, "no regular file"));
            all.add(of("a pipe as " + file, PREDICT, fifo(file), file, "no regular file"));
            all.add(of("a loop of links as " + file, PREDICT, link(file, "part-loop"), "cannot read"));
            all.add(of("/proc/self/mem as " + file, PREDICT, link(file, "/proc/self/mem"), file));
            all.add(of(
                    "a directory as " + file,
                    PREDICT,
                    model -> {
                        Files.delete(model.resolve(file));
                        Files.createDirectory(model.resolve(file));
                    },
                    file,
                    "is a directory"));
            all.add(of("empty " + file, PREDICT, bytes(file, ""), file));
            all.add(of("control characters in " + file, PREDICT, bytes(file, ESC), file));
        }
        all.add(of("5 GB of preparation", PREDICT, sparse(PREPARATION, 5L << 30), PREPARATION, "allowed are"));
        all.add(of("5 GB of metadata", PREDICT, sparse(META, 5L << 30), META, "allowed are"));
        all.add(of("5 GB of spec", PREDICT, sparse(SPEC, 5L << 30), SPEC, "allowed are"));
        all.add(of("5 GB of tensors", INSPECT, sparse(TENSORS, 5L << 30), TENSORS));
        // metadata
        all.add(of(
                "featuresCol a vector",
                PREDICT,
                replace(META, "\"featuresCol\":\"[a-z]+\"", "\"featuresCol\":{\"type\":1,\"values\":[1.0]}"),
                META,
                "featuresCol"));
        all.add(of(
                "featuresCol null",
                PREDICT,
                replace(META, "\"featuresCol\":\"[a-z]+\"", "\"featuresCol\":null"),
                "featuresCol"));
        for (String number : List.of("1e99", "-1", "1.5", "\"7\"", "true", "[1]", "99999999999999999999")) {
            all.add(of(
                    "maxLength " + number,
                    PREDICT,
                    replace(META, "\"maxLength\":0", "\"maxLength\":" + number),
                    META,
                    "maxLength"));
        }
        all.add(of("an unknown Param", PREDICT, replace(META, "\"maxLength\":0", "\"m\\u001bx\":0"), META, "\\u001B"));
        all.add(of(
                "handleInvalid",
                PREDICT,
                replace(META, "\"handleInvalid\":\"[a-z]+\"", "\"handleInvalid\":\"x\\u202e\""),
                "handleInvalid",
                "\\u202E"));
        all.add(of(
                "a foreign class",
                PREDICT,
                replace(META, "\"class\":\"[^\"]+\"", "\"class\":\"a.B\\u009bC\""),
                "a.B\\u009BC"));
        all.add(of("no class", PREDICT, replace(META, "\"class\":\"[^\"]+\"", "\"class\":7"), META, "class"));
        all.add(of("no uid", PREDICT, replace(META, "\"uid\":\"[^\"]+\"", "\"uid\":[]"), META, "uid"));
        all.add(of("deep metadata", PREDICT, bytes(META, "[".repeat(20_000)), META));
        all.add(of(
                "timeCol a vector",
                PREDICT,
                replace(PREPARATION, "\"timeCol\":\"day\"", "\"timeCol\":{\"type\":1,\"values\":[1.0]}"),
                PREPARATION,
                "timeCol"));
        all.add(of(
                "windowLength 0",
                PREDICT,
                replace(PREPARATION, "\"windowLength\":3", "\"windowLength\":0"),
                "windowLength"));
        all.add(of(
                "windowLength 1e99",
                PREDICT,
                replace(PREPARATION, "\"windowLength\":3", "\"windowLength\":1e99"),
                "windowLength"));
        all.add(of(
                "preparation of another class",
                PREDICT,
                replace(PREPARATION, "\"class\":\"[^\"]+\"", "\"class\":\"org.example.Other\""),
                "SlidingWindows"));
        // spec
        all.add(of("an unknown task", PREDICT, replace(SPEC, "\"regression\"", "\"a\\u001bb\""), SPEC));
        all.add(of("a cell of a stranger", PREDICT, replace(SPEC, "\"lstm\"", "\"\\u001b\\u202e\""), SPEC, "\\u001B"));
        all.add(of("2^31 units", PREDICT, replace(SPEC, "\"hiddenSize\" : 2", "\"hiddenSize\" : 2147483648"), SPEC));
        all.add(of("a key of 200 KB", PREDICT, replace(SPEC, "\"task\"", "\"" + "k".repeat(200_000) + "\""), SPEC));
        all.add(of(
                "a false hash",
                PREDICT,
                replace(SPEC, "\"parameterHash\" : \"[0-9a-f]{8}", "\"parameterHash\" : \"00000000"),
                "another version"));
        // checkpoints
        String latest = "iteration-000000000002/";
        for (String file : List.of("SHA256SUMS", "state.safetensors", "model.safetensors")) {
            all.add(of("/dev/zero as " + file, RESUME, link(latest + file, "/dev/zero"), "cannot resume", file));
            all.add(of("a pipe as " + file, RESUME, fifo(latest + file), "cannot resume", file));
            all.add(of("control characters in " + file, RESUME, bytes(latest + file, ESC), "cannot resume"));
        }
        all.add(of("5 GB of sums", RESUME, sparse(latest + "SHA256SUMS", 5L << 30), "allowed are"));
        // init
        all.add(of(
                "init /dev/zero",
                TRAIN + " --model TEMP/new --init CHECKPOINTS/z.safetensors",
                link("z.safetensors", "/dev/zero"),
                "no regular file"));
        all.add(of(
                "init a pipe",
                TRAIN + " --model TEMP/new --init CHECKPOINTS/z.safetensors",
                fifo("z.safetensors"),
                "no regular file"));
        // paths
        Harm none = directory -> {};
        for (String scheme : List.of("s3a", "abfss", "gs", "nosuch")) {
            String path = scheme + "://bucket/x";
            all.add(of(
                    "train " + path, TRAIN.replace("TEMP/days.csv", path) + " --model TEMP/new", none, path, "--jars"));
            all.add(of("model " + path, PREDICT.replace("MODEL", path), none, path, "--jars"));
            all.add(of("checkpoints " + path, RESUME.replace("CHECKPOINTS", path), none, path, "--jars"));
        }
        all.add(of(
                "no host",
                TRAIN.replace("TEMP/days.csv", "hdfs://no-such-host.invalid:9000/x") + " --model TEMP/new",
                none,
                "no-such-host.invalid"));
        all.add(of("model in /proc", TRAIN + " --model /proc/x", none, "/proc/x"));
        all.add(of("checkpoints in /proc", TRAIN + " --model TEMP/new --checkpoint-dir /proc/x", none, "/proc/x"));
        all.add(of("output in /proc", PREDICT.replace("TEMP/out", "/proc/x"), none, "/proc/x"));
        all.add(of("a path of 5,000 characters", PREDICT.replace("TEMP/days.csv", "TEMP/" + "x".repeat(5000)), none));
        for (String name : List.of("a\u001b[31mb", "a\u202eb", "a\u009bb", "a\nb", "x".repeat(200_000))) {
            all.add(new Case(
                    "a column " + Printable.of(name, 20),
                    List.of(("train --train TEMP/names.csv --label-col sex --model TEMP/new --features-col " + name
                                    + " --hidden-size 2 --max-iter 2")
                            .split(" ")),
                    none,
                    List.of("features-col")));
            all.add(new Case(
                    "an option " + Printable.of(name, 20), List.of("train", "--" + name, "1"), none, List.of()));
            all.add(new Case("a command " + Printable.of(name, 20), List.of(name), none, List.of()));
        }
        return all.stream();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void filesOfStrangers_areRefusedInOneSentence(Case one) throws IOException {
        Path temp = Files.createDirectory(base.resolve("case" + copies++));
        Path model = temp.resolve("model");
        Path checkpoints = temp.resolve("checkpoints");
        copy(base.resolve("model"), model);
        copy(base.resolve("checkpoints"), checkpoints);
        for (String kept : List.of("days.csv", "names.csv")) {
            Files.copy(base.resolve(kept), temp.resolve(kept));
        }
        // only the harmed checkpoint is left
        Directory.of(checkpoints.resolve("iteration-000000000001").toString(), new Configuration(false))
                .delete();
        one.harm().to(one.arguments().toString().contains("CHECKPOINTS") ? checkpoints : model);
        List<String> arguments = one.arguments().stream()
                .map(a -> a.replace("MODEL", model.toString())
                        .replace("CHECKPOINTS", checkpoints.toString())
                        .replace("TEMP", temp.toString()))
                .toList();
        Outcome outcome = assertTimeoutPreemptively(Duration.ofSeconds(25), () -> command.run(arguments));
        outcome.assertRefused(one.said().toArray(new String[0]));
    }

    @Test
    void thereAreEnough() {
        assertTrue(cases().count() >= 90, () -> "" + cases().count());
    }

    /** What a model says of itself can neither colour a terminal nor forge the last line. */
    @Test
    void inspect_showsWhatIsHidden() throws IOException {
        Path model = base.resolve("forged");
        copy(base.resolve("model"), model);
        Path spec = model.resolve(SPEC);
        Files.writeString(
                spec,
                Files.readString(spec)
                        .replace(
                                "\"provenance\" : {",
                                "\"provenance\" : {\"a\\u001b[31m\\n{\\\"x\\\":1}\": \"\\u202e\\u009b\\n{\\\"parameterHash\\\":1}\","));
        Outcome outcome = command.run("inspect --model " + model);
        assertTrue(outcome.json().get("parameterHash").asText().length() == 64);
        outcome.out().lines().forEach(line -> assertTrue(line.codePoints().noneMatch(Printable::isHidden), line));
        assertEquals(
                1, outcome.out().lines().filter(line -> line.startsWith("{")).count());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Labels with hidden characters come back from JSON as they are, and are not on the terminal. */
    @Test
    void lastLine_escapesWhatIsHidden() throws IOException {
        Files.write(base.resolve("odd.csv"), utf8("name,sex\nanna,\u202eF\nida,\u202eF\notto,M\u009b\n"));
        command.run("train --train " + base.resolve("odd.csv") + " --features-col name --label-col sex"
                        + SMALL.replace(" --window-length 3", "") + " --model " + base.resolve("odd"))
                .json();
        Outcome outcome =
                command.run("evaluate --model " + base.resolve("odd") + " --input " + base.resolve("odd.csv"));
        String line = outcome.out().lines().reduce((a, b) -> b).orElseThrow();
        assertTrue(line.codePoints().noneMatch(Printable::isHidden), line);
        assertTrue(outcome.json().toString().contains("\u202eF"), line);
    }
}
