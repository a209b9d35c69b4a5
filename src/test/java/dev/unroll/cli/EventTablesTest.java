package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.RnnRegressorModel;
import dev.unroll.ml.RnnTagger;
import dev.unroll.ml.RnnTaggerModel;
import dev.unroll.ml.SequenceAssembler;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables whose events have missing labels, weights, and times of another kind than those of the training. */
@Tag("slow")
@SparkTest
class EventTablesTest {

    private static final String SMALL = " --hidden-size 3 --max-iter 4 --num-shards 2 --engine local --overwrite";

    private static final String SEQUENCES =
            " --prepare sequences --key-cols who --time-col at --value-cols a,b --label-per-step ";

    @TempDir
    private static Path directory;

    private static SparkSession session;
    private static CommandRunner commands;

    @BeforeAll
    static void write(SparkSession spark) throws IOException {
        session = spark;
        commands = new CommandRunner(spark);
        List<String> days = new ArrayList<>(List.of("who,at,a,b,kind,load,w,per,whole"));
        List<String> noons = new ArrayList<>(List.of("who,at,a,b"));
        List<String> events = new ArrayList<>();
        for (int n = 0; n < 120; n++) {
            int who = n / 6;
            LocalDate at = LocalDate.of(2024, 2, 1).plusDays((n % 6) * (1L + n % 3));
            int a = n * n % 17;
            int b = n % 5;
            String kind = n % 4 == 1 ? "" : a > 8 ? "large" : "small";
            String load = n % 4 == 2 ? "" : String.valueOf(2 * a + b);
            days.add(who + "," + at + "," + a + "," + b + "," + kind + "," + load + "," + (n % 3) + "," + (1 + who % 2)
                    + "," + (0.5 + who));
            noons.add(who + "," + at + "T12:00:00," + a + "," + b);
            events.add("{\"who\":" + who + ",\"at\":\"" + at + "\",\"a\":" + a + ",\"b\":" + b + ",\"kind\":"
                    + (kind.isEmpty() ? "null" : "\"" + kind + "\"") + ",\"load\":"
                    + (load.isEmpty() ? "null" : load) + ",\"w\":" + n % 3 + "}");
        }
        Files.write(directory.resolve("days.csv"), days);
        Files.write(directory.resolve("noons.csv"), noons);
        Files.write(directory.resolve("events.json"), events);
    }

    private static CommandRunner.Outcome run(String line) {
        return commands.run(line.replace("DIR", directory.toString()));
    }

    private static Dataset<Row> events() {
        return session.read()
                .schema("who long, at date, a double, b double, kind string, load double, w double")
                .json(directory.resolve("events.json").toString());
    }

    private static SequenceAssembler assembler(String label) {
        return new SequenceAssembler()
                .setKeyCols("who")
                .setTimeCol("at")
                .setValueCols("a", "b")
                .setLabelCol(label)
                .setLabelPerStep(true);
    }

    /** The command refused what Java trained on. */
    @Test
    void labelThatIsMissing_isOneByCommandAndFromJava() {
        RnnTaggerModel tagger = new RnnTagger()
                .setLabelCol("kind")
                .setHiddenSize(3)
                .setMaxIter(4)
                .setNumShards(2)
                .setEngine("local")
                .fit(assembler("kind").transform(events()));
        RnnRegressorModel regressor = new RnnRegressor()
                .setLabelCol("load")
                .setHiddenSize(3)
                .setMaxIter(4)
                .setNumShards(2)
                .setEngine("local")
                .fit(assembler("load").transform(events()));
        assertEquals(30, tagger.summary().orElseThrow().missingTargets());
        for (String file : new String[] {"DIR/days.csv", "DIR/events.json --format json"}) {
            JsonNode tags = run("train --model DIR/tags --task tagging --label-col kind --train " + file + SEQUENCES
                            + SMALL)
                    .json();
            assertEquals(
                    tagger.model().parameterHash(), tags.get("parameterHash").asText(), file);
            assertEquals(30, tags.get("missingTargets").asInt());
            assertEquals("{}", tags.get("skipped").toString());
            JsonNode loads = run("train --model DIR/loads --task regression --label-col load --train " + file
                            + SEQUENCES + SMALL)
                    .json();
            assertEquals(
                    regressor.model().parameterHash(),
                    loads.get("parameterHash").asText(),
                    file);
            assertEquals(30, loads.get("missingTargets").asInt());
        }
        // A label of the whole sequence, and a value, must be there.
        run("train --model DIR/tags --label-col kind --train DIR/days.csv" + SEQUENCES.replace("--label-per-step", "")
                        + SMALL)
                .assertRefused("column kind: null");
        run("train --model DIR/tags --task tagging --label-col kind --train DIR/days.csv"
                        + SEQUENCES.replace("a,b", "a,load") + SMALL)
                .assertRefused("column load: null");
    }

    @Test
    void weightsOfEvents_areThoseOfTheirSteps() {
        Dataset<Row> weighted = assembler("load").setWeightCol("w").transform(events());
        assertEquals("array<double>", weighted.schema().apply("w").dataType().simpleString());
        RnnRegressorModel expected = new RnnRegressor()
                .setLabelCol("load")
                .setWeightCol("w")
                .setHiddenSize(3)
                .setMaxIter(4)
                .setNumShards(2)
                .setEngine("local")
                .fit(weighted);
        String train = "train --model DIR/weighted --task regression --label-col load --train DIR/days.csv" + SEQUENCES
                + SMALL;
        JsonNode trained =
                run(train + " --weight-col w --validation DIR/days.csv").json();
        assertEquals(
                expected.model().parameterHash(), trained.get("parameterHash").asText());
        // The model's own sequences have no weights unless they are asked for.
        String evaluate = "evaluate --model DIR/weighted --input DIR/days.csv";
        double weighs = run(evaluate + " --weight-col w")
                .json()
                .get("metrics")
                .get("loss")
                .asDouble();
        assertEquals(trained.get("validation").get("loss").asDouble(), weighs, 1e-9 * weighs);
        run(evaluate + " --weight-col w --top 1 --output DIR/top")
                .assertRefused("weight-col is w, and top is 1: the losses of top are those of rows that weigh 1");
        double none = run(evaluate + " --weight-col=")
                .json()
                .get("metrics")
                .get("loss")
                .asDouble();
        double alike = run(evaluate).json().get("metrics").get("loss").asDouble();
        assertEquals(alike, none);
        assertTrue(Math.abs(alike - weighs) > 1e-3 * weighs, alike + " and " + weighs);
        run("predict --model DIR/weighted --input DIR/noons.csv --output DIR/weighted-predicted --overwrite")
                .json();
    }

    @Test
    void weightOfASequence_isTheSameInAllItsEvents() {
        String train = "train --model DIR/whole --label-col per --train DIR/days.csv"
                + SEQUENCES.replace("--label-per-step", "") + SMALL;
        assertEquals(
                20, run(train + " --weight-col whole").json().get("sequences").asInt());
        run(train + " --weight-col w").assertRefused("weight-col w has more than one value in a sequence");
        run("train --model DIR/whole --train DIR/days.csv --prepare windows --time-col at --value-cols a --weight-col w"
                        + SMALL)
                .assertRefused("weight-col is given, and prepare is windows", "prepare none and sequences");
    }

    /** Days in one table and seconds in another are the same times: gaps and sessions of a model stay those of its training. */
    @Test
    void gapsOfOtherTimes_areMeasuredAsInTheTraining() throws IOException {
        String keys = SEQUENCES.replace("--label-per-step", "")
                + " --label-col per --time-features gap --session-gap 2.5 --handle-invalid skip --standardize ";
        JsonNode trained = run("train --model DIR/gaps --train DIR/days.csv" + keys + SMALL)
                .json();
        assertTrue(trained.get("sequences").asInt() > 20, "sessions: " + trained);
        assertEquals(predicted("days"), predicted("noons"));
        assertTrue(Files.readString(directory.resolve("gaps/data/preparation.json"))
                .contains("\"gapUnit\":\"days\""));
        run("predict --model DIR/gaps --input DIR/days.csv --output DIR/x --gap-unit numbers")
                .assertRefused(
                        "gap-unit is numbers, and time-col at is of type date; allowed are auto, seconds and days");
    }

    private static List<String> predicted(String name) throws IOException {
        Path output = directory.resolve("predicted-" + name);
        run("predict --model DIR/gaps --input DIR/" + name + ".csv --output-format json --overwrite --output " + output)
                .json();
        List<String> rows = new ArrayList<>();
        try (var files = Files.list(output)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                rows.addAll(Files.readAllLines(file));
            }
        }
        // The time of the first event is of the kind of the table.
        return rows.stream()
                .map(row -> row.replaceFirst("\"start\":\"[^\"]*\",?", ""))
                .sorted()
                .toList();
    }

    /** The month of a window never changes, and scaled by itself it would be 0. */
    @Test
    void timeFeatures_stayAsTheyAreWithScaleWindow() throws IOException {
        List<String> lines = new ArrayList<>(List.of("day,sold"));
        for (int n = 0; n < 90; n++) {
            lines.add(LocalDate.of(2024, 1, 1).plusDays(n) + "," + (100 + n * n % 13));
        }
        Files.write(directory.resolve("sold.csv"), lines);
        String windows = " --prepare windows --time-col day --value-cols sold --window-length 7 --scale window --train"
                + " DIR/sold.csv";
        run("train --model DIR/plain" + windows + SMALL).json();
        JsonNode trained = run("train --model DIR/months --time-features month,weekday" + windows + SMALL)
                .json();
        String spec = Files.readString(directory.resolve("months/data/spec.json"));
        assertTrue(spec.contains("\"unscaled\" : 4"), spec);
        assertTrue(!Files.readString(directory.resolve("plain/data/spec.json")).contains("unscaled"));
        assertEquals(
                trained.get("parameterHash"),
                run("train --model DIR/again --init DIR/months --step-size 1e-30 --time-features month,weekday"
                                + windows + SMALL)
                        .json()
                        .get("parameterHash"));
        run("train --model DIR/other --init DIR/months --time-features month,weekday"
                        + windows.replace("window --t", "standard --t") + SMALL)
                .assertRefused("was trained on numbers scaled otherwise");
        JsonNode exported = run("export --model DIR/months --to onnx --output DIR/months.onnx")
                .json();
        assertTrue(
                exported.get("warnings")
                        .get(0)
                        .asText()
                        .startsWith("the graph computes in float32, and this model scales each window"),
                exported.toString());
    }
}
