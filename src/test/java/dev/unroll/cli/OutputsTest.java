package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnClassifierModel;
import dev.unroll.ml.SequenceAssembler;
import dev.unroll.ml.SlidingWindows;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rule R1 for files: a command that would replace, or write among, things that are not its own is refused before any
 * work, and leaves everything as it was.
 */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class OutputsTest {

    private static final String SMALL =
            " --hidden-size 2 --embedding-size 2 --max-iter 2 --num-shards 1 --engine local";
    private static final String TRAIN = "train --train D/in/rows.csv --features-col name --label-col sex" + SMALL;
    private static final String PREDICT = "predict --model D/m --input D/in/rows.csv --overwrite --output ";

    @TempDir
    static Path template;

    @TempDir
    Path directory; // a copy of the template for every test

    private static CommandRunner command;
    private static SparkSession session;

    @BeforeAll
    static void makeThings(SparkSession spark) throws IOException {
        session = spark;
        command = new CommandRunner(spark);
        write(template, "in/rows.csv", "name,sex\nanna,F\nbob,M\ncarla,F\ndan,M\n");
        write(template, "thesis/thesis.txt", "ten years of work\n");
        run(template, TRAIN + " --model D/m --checkpoint-dir D/c --checkpoint-interval 1")
                .json();
        run(template, PREDICT + "D/parts").json();
        // Directories that look like the program's own, and hold something else as well.
        run(template, PREDICT + "D/parts-and-notes").json();
        write(template, "parts-and-notes/part-notes/plan.txt", "a plan\n");
        run(template, TRAIN + " --model D/m-and-notes").json();
        write(template, "m-and-notes/data/thesis.txt", "ten years of work\n");
        run(template, TRAIN + " --model D/m-2 --checkpoint-dir D/c-and-notes").json();
        write(template, "c-and-notes/iteration-000000000002/thesis.txt", "ten years of work\n");
        write(template, "only-data/data/photo.jpg", "a photo\n");
        write(template, "curves/photo.jpg", "a photo\n");
        link("link-to-in", "in");
        link("link-to-m", "m");
        link("dangling", "not-there");
        link("dangling-into-m", "m/new");
        link("link-to-thesis", "thesis/thesis.txt");
    }

    private static void link(String name, String target) throws IOException {
        Files.createSymbolicLink(template.resolve(name), Path.of(target));
    }

    @BeforeEach
    void copyThings() throws IOException {
        try (Stream<Path> paths = Files.walk(template)) {
            for (Path path : (Iterable<Path>) paths.skip(1)::iterator) {
                Files.copy(path, directory.resolve(template.relativize(path)), LinkOption.NOFOLLOW_LINKS);
            }
        }
        String settings = "train = " + directory + "/in/rows.csv\nfeatures-col = name\nlabel-col = sex\n";
        write("c.properties", settings);
        write("c/job.properties", settings);
    }

    private void write(String name, String text) throws IOException {
        write(directory, name, text);
    }

    private static void write(Path directory, String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Outcome run(String line) {
        return run(directory, line);
    }

    private static Outcome run(Path directory, String line) {
        return command.run(line.replace("D/", directory + "/"));
    }

    static Stream<String> refused() {
        return Stream.of(
                // the input, by all its names
                PREDICT + "D/in",
                PREDICT + "D/in/",
                PREDICT + "D/in/rows.csv",
                PREDICT + "D/in/rows.csv/new",
                PREDICT + "D/",
                PREDICT + "D/link-to-in",
                PREDICT + "D/x/../in",
                PREDICT + "file:D/in",
                PREDICT + "file://D/in/",
                PREDICT.replace("D/in/rows.csv", "D/in") + "D/in/new",
                PREDICT.replace("D/in/rows.csv", "D/in/*.csv") + "D/in",
                PREDICT.replace("D/in/rows.csv", "D/link-to-in/rows.csv") + "D/in",
                PREDICT.replace("D/in/rows.csv", "D/parts") + "D/parts",
                PREDICT.replace("D/in/rows.csv", "D/parts/part-*") + "D/parts",
                "evaluate --top 2 --overwrite --model D/m --input D/in/rows.csv --output D/in",
                TRAIN + " --model D/new --overwrite --metrics D/in/rows.csv",
                TRAIN + " --model D/in --overwrite",
                TRAIN + " --model D/in/rows.csv --overwrite",
                TRAIN.replace("D/in/rows.csv", "D/in") + " --model D/in/new",
                TRAIN.replace("D/in/rows.csv", "D/in") + " --model D/new --metrics D/in/metrics.jsonl",
                TRAIN.replace("D/in/rows.csv", "D/in") + " --model D/new --tensorboard D/in",
                TRAIN.replace("D/in/rows.csv", "D/in") + " --model D/new --checkpoint-dir D/in",
                TRAIN + " --validation D/thesis --model D/new --checkpoint-dir D/thesis",
                "train --config D/c.properties --overwrite --model D/new --metrics D/c.properties" + SMALL,
                // the model
                PREDICT + "D/m",
                TRAIN + " --init D/m/data/model.safetensors --model D/m --overwrite",
                TRAIN
                        + " --init D/m/data/model.safetensors --model D/new --metrics D/m/data/model.safetensors --overwrite",
                PREDICT + "D/m/predicted",
                PREDICT + "D/link-to-m",
                PREDICT + "D/dangling-into-m",
                PREDICT.replace("D/m", "D/link-to-m") + "D/m",
                "evaluate --top 2 --overwrite --model D/m --input D/in/rows.csv --output D/m/data",
                "export --to onnx --overwrite --model D/m --output D/m/data/model.safetensors",
                "export --to safetensors --overwrite --model D/m --output D/m/data/model.safetensors",
                "export --to onnx --model D/m --output D/m/model.onnx",
                "export --to onnx --model D/m --output D/m",
                "inspect --overwrite --model D/m --svg D/m/data/spec.json",
                TRAIN + " --init D/m --model D/m/new",
                // each other
                TRAIN + " --model D/new --tensorboard D/new",
                TRAIN + " --model D/new --tensorboard D/new/curves",
                TRAIN + " --model D/new --checkpoint-dir D/new/checkpoints",
                TRAIN + " --model D/new --checkpoint-dir D/new",
                TRAIN + " --model D/new --tensorboard D/new/curves --checkpoint-dir D/new",
                TRAIN + " --init D/m --model D/new --checkpoint-dir D/m/c",
                TRAIN + " --init D/c/iteration-000000000002/model.safetensors --model D/c/iteration-000000000002",
                TRAIN.replace("D/in/rows.csv", "D/in/*") + " --model D/new --checkpoint-dir D/in",
                TRAIN.replace("D/in/rows.csv", "D/i*/rows.csv") + " --model D/new --checkpoint-dir D/in",
                TRAIN + " --model D/new --checkpoint-dir D/in",
                TRAIN + " --validation D/thesis/thesis.txt --model D/new --checkpoint-dir D/link-to-in/../thesis",
                TRAIN + " --model D/new --metrics D/new/metrics.jsonl",
                TRAIN + " --model D/new --metrics D/new",
                TRAIN + " --model D/new --tensorboard D/curves2 --metrics D/curves2",
                TRAIN + " --model D/new --tensorboard D/c2 --checkpoint-dir D/./c2/",
                TRAIN + " --model D/not-there --metrics D/dangling",
                // what others have made
                PREDICT + "D/thesis",
                PREDICT + "D/parts-and-notes",
                PREDICT + "D/only-data",
                PREDICT + "D/curves",
                TRAIN + " --model D/thesis --overwrite",
                TRAIN + " --model D/m-and-notes --overwrite",
                TRAIN + " --model D/only-data --overwrite",
                TRAIN + " --model D/new --overwrite --checkpoint-dir D/c-and-notes",
                TRAIN + " --model D/parts --overwrite",
                TRAIN + " --model D/new --overwrite --metrics D/thesis/thesis.txt",
                TRAIN + " --model D/new --overwrite --metrics D/link-to-thesis",
                TRAIN + " --model D/new --resume --checkpoint-dir D/c --metrics D/thesis/thesis.txt",
                "export --to onnx --overwrite --model D/m --output D/thesis/thesis.txt",
                "export --to safetensors --overwrite --model D/m --output D/thesis/thesis.txt",
                "inspect --overwrite --model D/m --svg D/thesis/thesis.txt",
                "synthesize --kind adding --sequences 2 --overwrite --output D/thesis/thesis.txt",
                "synthesize --kind adding --sequences 2 --overwrite --output D/in/rows.csv",
                // what cannot be written
                PREDICT + "/proc/x",
                PREDICT + "D/thesis/thesis.txt",
                PREDICT + "D/thesis/thesis.txt/new",
                PREDICT + "D/dangling",
                "evaluate --top 2 --model D/m --input D/in/rows.csv --output /proc/x",
                TRAIN + " --model /proc/x",
                TRAIN + " --model D/dangling",
                TRAIN + " --model D/dangling --overwrite",
                TRAIN + " --model D/new --metrics D/dangling",
                TRAIN + " --model D/new --metrics D/dangling --overwrite",
                TRAIN + " --model D/new --metrics /proc/x",
                TRAIN + " --model D/new --metrics D/thesis",
                TRAIN + " --model D/new --tensorboard /proc/x",
                TRAIN + " --model D/new --tensorboard D/dangling",
                TRAIN + " --model D/new --checkpoint-dir /proc/x",
                TRAIN + " --model D/new --checkpoint-dir D/thesis/thesis.txt",
                TRAIN + " --model D/new --checkpoint-dir D/dangling",
                "export --to onnx --model D/m --output /proc/x/model.onnx",
                "export --to onnx --model D/m --output D/thesis --overwrite",
                "export --to onnx --model D/m --output D/dangling",
                "export --to onnx --model D/m --output D/dangling --overwrite",
                "inspect --model D/m --svg D/dangling",
                "synthesize --kind adding --sequences 2 --output /proc/x",
                "synthesize --kind adding --sequences 2 --output D/thesis --overwrite",
                "synthesize --kind adding --sequences 2 --output D/dangling");
    }

    @ParameterizedTest
    @MethodSource("refused")
    void command_leavesWhatIsNotItsOwn(String line) throws IOException {
        Map<String, String> before = contents();
        Outcome outcome = run(line);
        assertEquals(before, contents(), line + "\n" + outcome.err());
        outcome.assertRefused();
        assertTrue(outcome.err().length() <= 400 + directory.toString().length() * 3, outcome.err());
        assertFalse(outcome.out().contains("iteration"), outcome.out()); // nothing was trained
    }

    /** Every path, with its bytes or what a link refers to. */
    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                contents.put(
                        directory.relativize(path).toString(),
                        Files.isSymbolicLink(path)
                                ? "-> " + Files.readSymbolicLink(path)
                                : Files.isDirectory(path) ? "" : Arrays.toString(Files.readAllBytes(path)));
            }
        }
        return contents;
    }

    static Stream<String> allowed() {
        return Stream.of(
                PREDICT + "D/again --output-format csv",
                PREDICT + "D/in/new",
                PREDICT + "D/again --output-format parquet",
                PREDICT + "D/again --output-format json",
                "evaluate --top 2 --overwrite --model D/m --input D/in/rows.csv --output D/again",
                TRAIN + " --model D/again-m --overwrite --metrics D/again.jsonl --tensorboard D/runs --checkpoint-dir"
                        + " D/again-c",
                TRAIN + " --model D/again-m --overwrite --metrics D/curves/again.jsonl --tensorboard D/curves"
                        + " --checkpoint-dir D/curves/c",
                TRAIN + " --overwrite --model D/c/m --metrics D/c/metrics.jsonl --tensorboard D/c/curves"
                        + " --checkpoint-dir D/c",
                "train --config D/c/job.properties --overwrite --model D/m2 --checkpoint-dir D/c" + SMALL,
                TRAIN + " --init D/c/iteration-000000000002/model.safetensors --model D/c/again --checkpoint-dir D/c"
                        + " --checkpoint-interval 1 --overwrite",
                TRAIN + " --model D/in-m --metrics D/in/../in-metrics.jsonl --overwrite",
                "export --to onnx --overwrite --model D/m --output D/again.model",
                "export --to safetensors --overwrite --model D/m --output D/again.safetensors",
                "inspect --overwrite --model D/m --svg D/again.svg",
                "synthesize --kind adding --sequences 2 --overwrite --output D/again-adding.jsonl");
    }

    @ParameterizedTest
    @MethodSource("allowed")
    void output_ofThisProgram_isReplaced(String line) {
        run(line).json();
        run(line).json();
    }

    @Test
    void link_isReplaced_andItsTargetStays() throws IOException {
        write("v1.jsonl", "");
        run(TRAIN + " --model D/v1 --overwrite --metrics D/v1.jsonl").json();
        byte[] spec = Files.readAllBytes(directory.resolve("v1/data/spec.json"));
        byte[] metrics = Files.readAllBytes(directory.resolve("v1.jsonl"));
        Files.createSymbolicLink(directory.resolve("latest"), Path.of("v1"));
        Files.createSymbolicLink(directory.resolve("latest.jsonl"), Path.of("v1.jsonl"));
        String line = TRAIN + " --seed 5 --model D/latest --metrics D/latest.jsonl";
        run(line).assertRefused("latest", "overwrite");
        run(line + " --overwrite").json();
        assertFalse(Files.isSymbolicLink(directory.resolve("latest")));
        assertFalse(Files.isSymbolicLink(directory.resolve("latest.jsonl")));
        assertArrayEquals(spec, Files.readAllBytes(directory.resolve("v1/data/spec.json")));
        assertArrayEquals(metrics, Files.readAllBytes(directory.resolve("v1.jsonl")));
    }

    /** The parameters to begin with are read before anything is written. */
    @ParameterizedTest
    @CsvSource({"m, m", "link-to-m, m", "m, link-to-m"})
    void model_isTrainedFurtherInPlace(String init, String model) throws IOException {
        String line = TRAIN + " --seed 5 --init D/" + init + " --model D/";
        String beside = run(line + "beside").json().get("parameterHash").asText();
        Map<String, String> before = contents();
        run(line + model).assertRefused("exists", "overwrite");
        run(TRAIN.replace("label-col sex", "label-col nowhere") + " --init D/" + init + " --overwrite --model D/"
                        + model)
                .assertRefused("nowhere");
        assertEquals(before, contents());
        assertEquals(
                beside,
                run(line + model + " --overwrite").json().get("parameterHash").asText());
        assertEquals(
                beside, RnnClassifierModel.load(directory + "/" + model).model().parameterHash());
    }

    /** The old output is there, whole, until the new one is. */
    @Test
    void failedCommand_leavesTheOldOutput() throws IOException {
        run(PREDICT + "D/kept").json();
        Map<String, String> before = contents();
        write("in2/rows.csv", "name,sex\nanna,F\nbob\n");
        Map<String, String> with = contents();
        assertEquals(2, run(PREDICT.replace("D/in/", "D/in2/") + "D/kept").code());
        assertEquals(with, contents());
        assertTrue(with.keySet().containsAll(before.keySet()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"thesis", "m-and-notes", "only-data", "parts", "curves"})
    void stage_doesNotReplaceWhatIsNotItsOwn(String name) throws IOException {
        Map<String, String> before = contents();
        String path = directory.resolve(name).toString();
        List<MLWritable> stages = List.of(
                new RnnClassifier(),
                RnnClassifierModel.load(directory + "/m"),
                new SlidingWindows().setValueCols("x"),
                new SequenceAssembler().setValueCols("x"));
        for (MLWritable stage : stages) {
            Exception refusal = assertThrows(
                    Exception.class, () -> stage.write().overwrite().save(path));
            assertTrue(refusal.getMessage().contains(name), refusal.getMessage());
            assertThrows(Exception.class, () -> stage.write().save(path));
            assertEquals(before, contents(), stage + " to " + name);
        }
    }

    @Test
    void stage_replacesItself() throws IOException {
        String path = directory.resolve("stage").toString();
        new RnnClassifier().setHiddenSize(3).write().save(path);
        assertThrows(Exception.class, () -> new RnnClassifier().write().save(path));
        new RnnClassifier().setHiddenSize(4).write().overwrite().save(path);
        RnnClassifier loaded = RnnClassifier.load(path);
        assertEquals(4, loaded.getOrDefault(loaded.hiddenSize()));
        assertTrue(Files.exists(directory.resolve("stage/metadata/part-00000"), LinkOption.NOFOLLOW_LINKS));
        assertTrue(session.read().text(path + "/metadata").first().getString(0).contains("RnnClassifier"));
    }
}
