package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of several kinds of columns, from the command line: to train on, to evaluate and to predict. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class TablePreparationTest {

    private static final String EVENTS = " --prepare sequences --key-cols who --time-col at --label-col bought"
            + " --numeric-cols level --categorical-cols what:3 --static-categorical-cols town";
    private static final String WINDOWS = " --prepare windows --key-cols shop --time-col day --window-length 4"
            + " --numeric-cols sold,price --target-cols sold --static-numeric-cols size";

    @TempDir
    static Path directory;

    private static TableCommands commands;

    @BeforeAll
    static void writeInputs(SparkSession spark) throws IOException {
        commands = new TableCommands(spark, directory);
        List<String> events = new ArrayList<>(List.of("who,at,what,level,town,bought"));
        List<String> days = new ArrayList<>(List.of("day,shop,sold,price,size"));
        for (int i = 0; i < 24; i++) {
            events.add("w" + i % 6 + "," + i + ",p" + i % 4 + "," + i * 0.5 + ",t" + i % 3 + "," + (i % 2 == 0));
            days.add(LocalDate.of(2024, 1, 1).plusDays(i / 2) + ",s" + i % 2 + "," + i % 7 + "," + i + ".5,"
                    + 100 * (i % 2));
        }
        commands.write("events.csv", events);
        commands.write("days.csv", days);
        events.set(3, "w2,2,,1,t2,true");
        events.set(4, "w3,3,p3,,t0,false");
        events.set(5, "w4,4,p0,NaN,,true");
        events.set(11, "w4,10,p2,5,,true");
        events.set(17, "w4,16,p0,8,,true");
        events.set(23, "w4,22,p2,11,,true");
        commands.write("holes.csv", events);
        events.set(2, "w1,1,p1,0.5,t9,false");
        commands.write("moved.csv", events);
        days.set(3, "2024-01-02,s0,,2.5,0");
        days.set(6, "2024-01-03,s1,5,,100");
        commands.write("holes-of-days.csv", days);
        days.set(5, "2024-01-03,s0,4,4.5,7");
        commands.write("grown.csv", days);
        days.set(5, "2024-01-03,s0,4,4.5,0");
        days.set(15, "2024-01-08,s0,,14.5,0");
        days.set(16, "2024-01-08,s1,NaN,15.5,100");
        commands.write("holes-of-targets.csv", days);
    }

    @Test
    void events_areTrainedOnEvaluatedAndPredicted() throws IOException {
        String model = commands.model(
                "train --train DIR/events.csv --standardize --time-features gap --gap-unit numbers" + EVENTS);
        JsonNode evaluated = commands.run("evaluate --model " + model + " --input DIR/events.csv")
                .json();
        assertEquals(6, evaluated.get("sequences").asInt());
        assertEquals("{\"what\":0,\"town\":0}", evaluated.get("unknownTokens").toString());
        List<String> rows = commands.predicted("predict --model " + model + " --input DIR/events.csv");
        assertEquals(6, rows.size());
        assertTrue(
                rows.get(0).matches("\\{\"who\":.*\"start\":.*\"town\":.*\"prediction\":.*\"probability\":.*}"),
                rows.get(0));
        assertTrue(!rows.get(0).contains("level") && !rows.get(0).contains("what"), rows.get(0));
    }

    @Test
    void holes_areRefusedOrMasked() {
        commands.run("train --train DIR/holes.csv --standardize" + EVENTS)
                .assertRefused("holes.csv, line 4: column what: null");
        JsonNode skipped = commands.run("train --train DIR/holes.csv --standardize --handle-invalid skip" + EVENTS)
                .json()
                .get("skipped");
        assertEquals(
                "{\"level: not a number\":1,\"level: null\":1,\"town: null\":3,\"what: null\":1}", skipped.toString());
        JsonNode masked = commands.run("train --train DIR/holes.csv --standardize --missing mask" + EVENTS)
                .json();
        assertEquals(2, masked.get("missingNumbers").asInt());
        JsonNode evaluated = commands.run("evaluate --input DIR/holes.csv --model "
                        + masked.get("model").asText())
                .json();
        assertEquals("{\"what\":1,\"town\":1}", evaluated.get("unknownTokens").toString());
        assertEquals(2, evaluated.get("missingNumbers").asInt());
    }

    @Test
    void staticsWithSeveralValues_areRefusedOrCounted() {
        String said = "static-categorical-cols town has more than one value in a sequence: [\"t9\",\"t1\"]";
        String line = "train --train DIR/moved.csv --standardize --missing mask" + EVENTS;
        commands.run(line).assertRefused(said);
        JsonNode result = commands.run(line + " --handle-invalid skip").json();
        assertEquals(
                "{\"town: more than one value in a sequence\":1}",
                result.get("skipped").toString());
        assertEquals(5, result.get("sequences").asInt());
        line = "train --train DIR/grown.csv --standardize --missing mask" + WINDOWS;
        commands.run(line).assertRefused("static-numeric-cols size has more than one value in a sequence: [0.0,7.0]");
        result = commands.run(line + " --handle-invalid skip").json();
        assertEquals(
                "{\"size: more than one value in a sequence\":3}",
                result.get("skipped").toString());
    }

    @ParameterizedTest
    @CsvSource({"standard", "window"})
    void windows_areTrainedOnEvaluatedAndPredicted(String scale) throws IOException {
        String model = commands.model("train --train DIR/days.csv --validation-from 2024-01-10 --scale " + scale
                + WINDOWS + (scale.equals("window") ? "" : " --lags 2 --time-features weekday"));
        assertTrue(commands.run("evaluate --model " + model + " --input DIR/days.csv")
                .json()
                .get("metrics")
                .has("meanAbsoluteError"));
        List<String> rows =
                commands.predicted("predict --model " + model + " --input DIR/days.csv --label-from 2024-01-12");
        assertEquals(4, rows.size()); // two known labels, and two that nobody knows yet
        assertTrue(rows.get(0).contains("\"size\":") && !rows.get(0).contains("\"price\""), rows.get(0));
        commands.run("train --train DIR/holes-of-days.csv --scale " + scale + WINDOWS)
                .assertRefused("holes-of-days.csv, line 4: column sold: null");
    }

    /** Of 16 windows with a label, two have one that is missing; with two steps ahead, four of 14. */
    @ParameterizedTest
    @CsvSource({"'', 14, 2, 18", "' --horizon 2 --multi-step', 10, 4, 18"})
    void windowsWhoseLabelIsMissing_areLeftOutAndCounted(String more, int used, int leftOut, int predicted)
            throws IOException {
        String table = "DIR/holes-of-targets.csv";
        String skipped = "{\"sold: missing in the label of a window\":" + leftOut + "}";
        String line = "train --train " + table + " --scale window --missing mask" + WINDOWS + more;
        JsonNode trained = commands.run(line).json();
        assertEquals(used, trained.get("sequences").asInt());
        assertEquals(skipped, trained.get("skipped").toString());
        JsonNode evaluated = commands.run("evaluate --input " + table + " --model "
                        + trained.get("model").asText())
                .json();
        assertEquals(used, evaluated.get("sequences").asInt());
        assertEquals(skipped, evaluated.get("skipped").toString());
        // What a window is to be forecast of needs no label.
        List<String> rows = commands.predicted(
                "predict --input " + table + " --model " + trained.get("model").asText());
        assertEquals(predicted, rows.size());
        assertEquals(
                leftOut + (more.isEmpty() ? 2 : 4),
                rows.stream().filter(row -> !row.contains("\"label\":")).count());
    }

    /** Both parts of one table, by time: what the first leaves out and what the second does. */
    @Test
    void bothPartsOfASplit_countWhatTheyLeaveOut() {
        String line = "train --train DIR/holes-of-targets.csv --scale window --missing mask" + WINDOWS;
        for (String from : List.of("2024-01-08", "2024-01-09")) {
            JsonNode result = commands.run(line + " --validation-from " + from).json();
            assertEquals(
                    "{\"sold: missing in the label of a window\":2}",
                    result.get("skipped").toString());
        }
        line = "train --train DIR/grown.csv --standardize --missing mask --handle-invalid skip" + WINDOWS;
        JsonNode result = commands.run(line + " --validation-from 2024-01-06").json();
        assertEquals(
                "{\"size: more than one value in a sequence\":3}",
                result.get("skipped").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--numeric-cols sold --prepare windows --time-col day --key-cols shop --value-cols sold | numeric-cols and value-cols are both given; value-cols make up one column of features",
                "--numeric-cols sold | numeric-cols has sold of type string; allowed is an array of numbers",
                "--static-numeric-cols size | only static columns are given, size; a step needs numeric-cols or categorical-cols",
                "--numeric-cols sold --categorical-cols sold | column sold is in numeric-cols and categorical-cols",
                "--numeric-cols sold --embedding-size 8 | embedding-size is the width of the embedding of tokens",
                "--numeric-cols sold --features-col day | features-col is day, which is no array of structs",
                "--missing maybe | missing is maybe; allowed is error and mask",
                "--missing mask --features-col shop | missing mask goes with numbers, and the steps of features-col shop are tokens",
                "--prepare windows --time-col day --key-cols shop --numeric-cols price,sold --target-cols sold --scale window | the targets are sold; allowed is price, the first of value-cols or numeric-cols",
                "--prepare windows --time-col day --key-cols shop --categorical-cols size --time-features weekday --target-cols sold --window-length 3 --task regression --scale window | scale window scales targets by the first number of a step, and the windows' numeric-cols is empty; allowed are those that begin with sold, the target's own past",
                "--prepare windows --time-col day --key-cols shop --categorical-cols size --target-cols sold --window-length 3 --task regression --season 7 | the windows' numeric-cols is empty; allowed are those that begin with sold",
                "--prepare windows --time-col day --key-cols shop --numeric-cols sold --target-cols sold --horizon 0 --task regression | allowed is 0 for target-cols that are neither value-cols nor numeric-cols, without multi-step",
                "--prepare windows --time-col day --key-cols shop --numeric-cols sold --target-cols sold --window-length 3 --missing mask | missing mask puts the mean, 0 after scaling",
                "--task language-model --categorical-cols shop | task language-model goes with one column of tokens, features-col",
            })
    void keysThatDoNotGo_areRefusedWithOneSentence(String keys, String said) {
        commands.run("train --train DIR/days.csv " + keys).assertRefused(said);
    }
}
