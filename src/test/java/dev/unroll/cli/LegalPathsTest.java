package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.cli.CommandRunner.Outcome;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnClassifierModel;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule R4 for names: what is written under any legal path is read from it, by every command. */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class LegalPathsTest {

    private static final String[] SMALL = {
        "--hidden-size", "2", "--embedding-size", "2", "--max-iter", "2", "--num-shards", "1", "--engine", "local"
    };
    private static final String ROWS = "name,sex\nanna,F\nbob,M\ncarla,F\ndan,M\n";

    @TempDir
    static Path directory;

    private static CommandRunner command;

    @BeforeAll
    static void makeRunner(SparkSession spark) {
        command = new CommandRunner(spark);
    }

    private static Outcome run(Object... arguments) {
        List<String> all = new ArrayList<>();
        for (Object argument : arguments) {
            if (argument instanceof String[] several) {
                all.addAll(Arrays.asList(several));
            } else {
                all.add(argument.toString());
            }
        }
        return command.run(all);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lstm[h=4]",
                "run{1}",
                "{a,b}",
                "a*b",
                "x?",
                "[",
                "]{",
                "a:b",
                "12:30:00",
                "[a]:b",
                " a b ",
                "a%20b",
                "100%",
                "a#b",
                "gr\u00F6\u00DFe \u65E5\u672C \uD83D\uDE00",
                "back\\slash",
                "a\\*b",
                "a&b;c=d+e,f",
                "it's \"quoted\" $HOME `x`",
                "two\nlines"
            })
    void anyName_isWrittenAndRead(String name) throws IOException {
        Path here = Files.createDirectories(directory.resolve(name));
        Path input = Files.writeString(here.resolve(name + ".csv"), ROWS);
        Path model = here.resolve(name + " model");
        String[] columns = {"--features-col", "name", "--label-col", "sex"};
        JsonNode trained = run(
                        "train",
                        "--train",
                        input,
                        "--model",
                        model,
                        columns,
                        SMALL,
                        "--metrics",
                        here.resolve(name + ".jsonl"),
                        "--tensorboard",
                        here.resolve(name + " curves"),
                        "--checkpoint-dir",
                        here.resolve(name + " checkpoints"))
                .json();
        assertEquals(
                trained.get("parameterHash"),
                run(
                                "train",
                                "--train",
                                input,
                                "--model",
                                here.resolve(name + " 2"),
                                columns,
                                SMALL,
                                "--resume",
                                "--checkpoint-dir",
                                here.resolve(name + " checkpoints"))
                        .json()
                        .get("parameterHash"));
        assertEquals(
                trained.get("parameterHash").asText(),
                RnnClassifierModel.load(model.toString()).model().parameterHash());
        JsonNode metrics =
                run("evaluate", "--model", model, "--input", input).json().get("metrics");
        assertEquals(
                metrics,
                run("evaluate", "--model", model, "--input", input, "--read-option", "multiLine=true")
                        .json()
                        .get("metrics"));
        for (String format : List.of("csv", "parquet")) {
            Path output = here.resolve(name + " " + format);
            run("predict", "--model", model, "--input", input, "--output", output, "--output-format", format)
                    .json();
            run(
                            "predict",
                            "--model",
                            model,
                            "--input",
                            input,
                            "--output",
                            output,
                            "--output-format",
                            format,
                            "--overwrite")
                    .json();
            assertEquals(
                    metrics,
                    run("evaluate", "--model", model, "--input", output, "--format", format)
                            .json()
                            .get("metrics"));
        }
        run("export", "--model", model, "--to", "onnx", "--output", here.resolve(name + ".onnx"))
                .json();
        run("inspect", "--model", model, "--svg", here.resolve(name + ".svg")).json();
        run("train", "--train", input, "--init", model, "--model", here.resolve(name + " 3"), columns, SMALL)
                .json();
        Path stage = here.resolve(name + " stage");
        new RnnClassifier().setHiddenSize(5).write().overwrite().save(stage.toString());
        RnnClassifier loaded = RnnClassifier.load(stage.toString());
        assertEquals(5, loaded.getOrDefault(loaded.hiddenSize()));
        // The directory as a whole has the rows of its one file.
        Path folder = Files.createDirectories(here.resolve(name + " folder"));
        Files.writeString(folder.resolve(name + ".csv"), ROWS);
        assertEquals(
                metrics,
                run("evaluate", "--model", model, "--input", folder).json().get("metrics"));
    }

    @Test
    void exactName_comesBeforeAPattern() throws IOException {
        Path here = Files.createDirectories(directory.resolve("patterns"));
        Files.writeString(here.resolve("data[1].csv"), ROWS);
        Files.writeString(here.resolve("data1.csv"), ROWS + "eve,F\n");
        Files.writeString(here.resolve("12:30.txt"), "a name that Hadoop's patterns fail at");
        Path model = directory.resolve("pattern-model");
        String[] columns = {"--features-col", "name", "--label-col", "sex"};
        assertEquals(
                4, sequences(run("train", "--train", here.resolve("data[1].csv"), "--model", model, columns, SMALL)));
        assertEquals(5, sequences(run("evaluate", "--model", model, "--input", here.resolve("data[0-9].csv"))));
        assertEquals(9, sequences(run("evaluate", "--model", model, "--input", here.resolve("*.csv"))));
        assertEquals(9, sequences(run("evaluate", "--model", model, "--input", here.resolve("data{1,\\[1\\]}.csv"))));
        assertEquals(4, sequences(run("evaluate", "--model", model, "--input", here.resolve("data\\[1\\].csv"))));
        assertEquals(
                4, sequences(run("evaluate", "--model", model, "--input", directory.resolve("pat*/data\\[*.csv"))));
        assertEquals(4, sequences(run("evaluate", "--model", model, "--input", "file:" + here.resolve("data[1].csv"))));
        Outcome none = run("evaluate", "--model", model, "--input", here.resolve("data[2].csv"));
        none.assertRefused("there is no file", "data[2].csv");
        assertTrue(none.err().length() < 400);
    }

    private static int sequences(Outcome outcome) {
        return outcome.json().get("sequences").asInt();
    }
}
