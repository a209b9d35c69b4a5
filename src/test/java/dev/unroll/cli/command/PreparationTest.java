package dev.unroll.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
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

/** Plain tables to train on, to evaluate and to predict: windows of time series, and sequences of events. */
@Tag("slow")
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class PreparationTest {

    private static final String WINDOWS =
            " --prepare windows --time-col day --value-cols sold --window-length 3 --standardize";

    @TempDir
    static Path directory;

    private static TableCommands commands;

    @BeforeAll
    static void writeInputs(SparkSession spark) throws IOException {
        commands = new TableCommands(spark, directory);
        List<String> days = new ArrayList<>(List.of("day,sold,price"));
        for (int i = 0; i < 20; i++) {
            days.add(LocalDate.of(2024, 1, 1).plusDays(i) + "," + (i % 7) + "," + i + ".5");
        }
        commands.write("days.csv", days);
        commands.write("start.csv", days.subList(0, 17));
        days.set(5, "2024-01-05,many,1");
        commands.write("word.csv", days);
        days.set(5, "2024-01-05,,1");
        commands.write("empty.csv", days);
        days.set(5, "2024-01,4,1");
        commands.write("month.csv", days);
        days.set(5, "2024-01-05,1e39,1");
        commands.write("huge.csv", days);
        days.set(5, "2024-01-05,1f,1");
        commands.write("suffix.csv", days);
        commands.write(
                "events.csv", "who,at,what,kind,level", "a,2,buy,x,1", "a,1,see,x,2", "b,1,see,y,3", "b,9,go,y,4");
        commands.write(
                "kinds.csv", "who,at,what,kind,level", "a,2,buy,x,1", "a,1,see,z,2", "b,1,see,y,3", "b,9,go,y,4");
        commands.write(
                "events.json",
                "{\"who\":\"a\",\"at\":1,\"what\":\"see\",\"kind\":\"x\"}",
                "{\"who\":\"b\",\"at\":null,\"what\":\"see\",\"kind\":\"y\"}");
    }

    @Test
    void windows_areSplitByTimeAndLookBackIntoTheTrainingDays() {
        JsonNode byTime = commands.run("train --train DIR/days.csv --validation-from 2024-01-17" + WINDOWS)
                .json();
        assertEquals(13, byTime.get("sequences").asInt(), "labels of the days 4 to 16");
        JsonNode byFile = commands.run(
                        "train --train DIR/start.csv --validation DIR/days.csv --validation-from 2024-01-17" + WINDOWS)
                .json();
        assertEquals(byTime.get("parameterHash"), byFile.get("parameterHash"));
        assertEquals(byTime.get("validation"), byFile.get("validation"));

        String model = byTime.get("model").asText();
        JsonNode evaluated = commands.run("evaluate --model " + model + " --input DIR/days.csv --label-from 2024-01-17")
                .json();
        assertEquals(4, evaluated.get("sequences").asInt());
        assertEquals(
                byTime.get("validation").get("meanAbsoluteError"),
                evaluated.get("metrics").get("meanAbsoluteError"));
        assertEquals(
                17,
                commands.run("evaluate --model " + model + " --input DIR/days.csv")
                        .json()
                        .get("sequences")
                        .asInt(),
                "the part to train on is not kept with the model");
    }

    @Test
    void predict_saysWhatComesAfterTheLastRow() throws IOException {
        String model = commands.model("train --train DIR/days.csv" + WINDOWS);
        List<String> rows =
                commands.predicted("predict --model " + model + " --input DIR/days.csv --label-from 2024-01-20");
        assertEquals(2, rows.size());
        JsonNode last = new ObjectMapper().readTree(rows.get(1));
        assertEquals("2024-01-20", last.get("day").asText());
        assertTrue(last.has("prediction"));
        assertTrue(!last.has("label") && !last.has("features"), rows.get(1));

        Path kept = Path.of(model, "data/preparation.json");
        String text = Files.readString(kept);
        for (String bad :
                List.of("{]", text.replace("Length\":3", "Length\":0"), text.replace("SlidingWindows", "Stranger"))) {
            Files.writeString(kept, bad);
            commands.run("evaluate --model " + model + " --input DIR/days.csv").assertRefused("preparation.json");
        }

        // What is to be predicted need not be there, nor be a number yet.
        String other = commands.model("train --train DIR/days.csv --target-cols price --horizon 0" + WINDOWS);
        commands.write("later.csv", "day,sold", "2024-02-01,1", "2024-02-02,2", "2024-02-03,3", "2024-02-04,4");
        assertEquals(
                2,
                commands.predicted("predict --model " + other + " --input DIR/later.csv")
                        .size());
    }

    /** In csv a time is text, whose kind is known once the rows are read. */
    @Test
    void timeFeatures_areMadeOfEveryTableAgain() throws IOException {
        List<String> hours = new ArrayList<>(List.of("at,who,level,kind"));
        for (int i = 0; i < 20; i++) {
            hours.add("2024-03-0" + (1 + i / 9) + " " + (10 + i % 9) + ":30,w" + i % 4 + "," + i % 3 + ",k" + i % 2);
        }
        commands.write("hours.csv", hours);
        String windows = " --prepare windows --time-col at --value-cols level --window-length 3";
        JsonNode trained = commands.run("train --train DIR/hours.csv --validation-from 2024-03-02T15:30" + windows
                        + " --time-features hour,weekday,gap --standardize")
                .json();
        String model = trained.get("model").asText();
        assertTrue(Files.readString(Path.of(model, "data/preparation.json"))
                .contains("\"timeFeatures\":[\"hour\",\"weekday\",\"gap\"]"));
        JsonNode evaluated = commands.run(
                        "evaluate --model " + model + " --input DIR/hours.csv --label-from 2024-03-02T15:30")
                .json();
        assertEquals(
                trained.get("validation").get("meanAbsoluteError"),
                evaluated.get("metrics").get("meanAbsoluteError"));
        assertEquals(
                18,
                commands.predicted("predict --model " + model + " --input DIR/hours.csv")
                        .size());
        commands.run("evaluate --model " + model + " --input DIR/hours.csv --time-features hour")
                .assertRefused("the steps are rows of width 3, and the model takes rows of width 6");

        String sequences = " --prepare sequences --key-cols who --time-col at --value-cols level --label-col kind";
        String classifier =
                commands.model("train --train DIR/hours.csv --value-type number --time-features hour" + sequences);
        assertEquals(
                4,
                commands.predicted("predict --model " + classifier + " --input DIR/hours.csv")
                        .size());
        commands.run("train --train DIR/hours.csv --time-features hour" + sequences)
                .assertRefused("time-features hour goes with numbers, and value-cols level is text, which gives tokens;"
                        + " allowed is text of numbers, with value-type number");
    }

    @Test
    void sequences_areAssembledForEveryTask() throws IOException {
        String events = " --prepare sequences --key-cols who --time-col at --embedding-size 2 ";
        String classifier = commands.model("train --train DIR/events.csv --value-cols what --label-col kind" + events);
        assertEquals(
                2,
                commands.run("evaluate --model " + classifier + " --input DIR/events.csv")
                        .json()
                        .get("sequences")
                        .asInt());
        List<String> rows = commands.predicted("predict --model " + classifier + " --input DIR/kinds.csv");
        assertEquals(2, rows.size());
        assertEquals("a", new ObjectMapper().readTree(rows.get(0)).get("who").asText());

        String tagger = commands.model(
                "train --train DIR/events.csv --task tagging --value-cols what --label-col kind" + events);
        assertEquals(
                2,
                commands.predicted("predict --model " + tagger + " --input DIR/events.csv")
                        .size());
        commands.model(
                "train --train DIR/events.csv --task regression --value-cols level --value-type number --label-col level"
                        + " --label-per-step" + events);
        commands.run("train --train DIR/events.csv --value-cols what --value-type number --label-col kind" + events)
                .assertRefused("events.csv, line 2: column what: not a number, value buy; 4 rows cannot be used");
        commands.run("train --train DIR/events.json --format json --value-cols what --label-col kind" + events)
                .assertRefused("events.json, line 2: column at: null");

        String different = "train --train DIR/kinds.csv --value-cols what --label-col kind" + events;
        commands.run(different).assertRefused("label-col kind has more than one value in a sequence: [\"z\",\"x\"]");
        JsonNode skipped = commands.run(different + " --handle-invalid skip").json();
        assertEquals(1, skipped.get("sequences").asInt());
        assertEquals(
                "{\"kind: more than one value in a sequence\":1}",
                skipped.get("skipped").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "word.csv | line 6: column sold: not a number, value many",
                "empty.csv | line 6: column sold: null",
                "month.csv | line 6: column day: not a date, value 2024-01",
                "huge.csv | line 6: column sold: not a finite number, value 1e39",
                "suffix.csv | line 6: column sold: not a number, value 1f",
            })
    void cellOfAnotherKind_isRefusedWithItsPlaceOrCounted(String file, String said) {
        String line = "train --train DIR/" + file + " --validation-from 2024-01-17" + WINDOWS;
        commands.run(line).assertRefused(file + ", " + said);
        if (!file.equals("word.csv")) {
            return; // EventRowsTest counts the others
        }
        JsonNode result = commands.run(line + " --handle-invalid skip").json();
        assertEquals(1, result.get("skipped").size());
        assertEquals(1, result.get("skipped").elements().next().asInt(), "the file is read once");
        assertEquals(12, result.get("sequences").asInt());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--window-length 3 | window-length is given, and prepare is none; it goes with prepare windows",
                "--time-col day | time-col is given, and prepare is none; it goes with prepare sequences and windows",
                "--prepare sequences --lags 7 | lags is given, and prepare is sequences; it goes with prepare windows",
                "--prepare sequences --validation-from 3 | validation-from is given, and prepare is sequences",
                "--prepare both | prepare is both; allowed are none, windows and sequences",
                "--prepare windows --window-length 0 | window-length is 0; allowed is a whole number, at least 1",
                "--prepare windows --lags 7,0 | lags is 7,0; allowed is whole numbers, at least 1, with commas between them",
                "--time-features gap | time-features is given, and prepare is none; it goes with prepare sequences and windows",
                "--prepare windows --time-features gap,minute | time-features is gap,minute; allowed is gap, hour, weekday and month",
                "--prepare windows --time-col day --value-cols sold --time-features hour | time-features hour goes with timestamps, and time-col day is of type date",
                "--prepare windows --time-col price --value-cols sold --time-features month | time-features month goes with dates and timestamps, and time-col price is of type double",
                "--prepare windows --label-col sold | label-col is given, and prepare is windows",
                "--prepare windows --features-col sold | features-col is given, and prepare is windows",
                "--prepare windows --time-col day | value-cols is empty",
                "--prepare windows --time-col date --value-cols sold | time-col is date, and there is no such column; there are day, sold, price",
                "--prepare windows --time-col day --value-cols sold,cost | value-cols is cost, and there is no such column",
                "--prepare windows --time-col day --value-cols sold --key-cols shop | key-cols is shop, and there is no such column",
                "--prepare windows --time-col day --value-cols sold --window-length 20 | leaves no sequence of the 20 rows that can be used; window-length is 20, horizon is 1",
                "--prepare windows --time-col day --value-cols sold --validation-from soon | validation-from is soon; allowed is a time of the type of time-col, date, as a date",
                "--prepare windows --time-col day --value-cols sold --validation-from 2024 | validation-from is 2024; allowed is a time",
                "--prepare windows --time-col price --value-cols sold --validation-from NaN | validation-from is NaN; allowed is a time of the type of time-col, double, as a number",
                "--prepare windows --time-col day --value-cols sold,price --scale window | scale window scales targets by the first number of a step, and the targets are sold, price; allowed is sold, the first of value-cols or numeric-cols, as target-cols",
                "--prepare windows --time-col day --value-cols sold,price --target-cols price --scale window | and the targets are price; allowed is sold",
                "--prepare windows --time-col day --value-cols sold --standardize --scale none | standardize is true and scale is none; only one of the two goes",
                "--prepare windows --time-col day --value-cols sold --standardize false --scale standard | standardize is false and scale is standard; only one of the two goes",
                "--features-col day --label-col sold --scale standard | scale standard goes with dense inputs or with task regression",
                "--features-col day --label-col sold --standardize | standardize goes with dense inputs or with task regression",
                "--prepare windows --time-col day --value-cols sold --scale window --window-length 1 | window-length is 1, and scale window",
                "--prepare windows --time-col day --value-cols sold --scale window --standardize | standardize is true and scale is window; only one of the two goes",
                "--prepare windows --time-col day --value-cols sold --scale by-key | scale by-key goes with windows of several series, prepare windows with key-cols",
                "--features-col day --label-col sold --scale by-key | scale by-key goes with windows of several series, prepare windows with key-cols",
                "--scale by-keys | scale is by-keys; allowed is none, standard, by-key and window",
                "--prepare windows --time-col day --value-cols sold --window-length 3 --validation-from 2024-01-10 --validation-fraction 0.5 | validation-fraction is 0.5",
            })
    void keysThatDoNotGo_areRefusedWithOneSentence(String keys, String said) {
        commands.run("train --train DIR/days.csv " + keys).assertRefused(said);
    }

    /** Sold goes round in a week, so the window before it says it all; predictions are of its size at any level. */
    @Test
    void windowsScaledByThemselves_arePredictedInTheirUnits() throws IOException {
        String keys = " --prepare windows --time-col day --value-cols sold,price --target-cols sold --window-length 7";
        String model = commands.train(
                        "train --train DIR/days.csv" + keys
                                + " --scale window --hidden-size 8 --max-iter 150 --step-size 0.03 --num-shards 1 --engine local")
                .json()
                .get("model")
                .asText();
        JsonNode metrics = commands.run("evaluate --model " + model + " --input DIR/days.csv")
                .json()
                .get("metrics");
        assertTrue(metrics.get("meanAbsoluteError").asDouble() < 0.5, metrics.toString());
        double error = 0;
        int known = 0;
        for (String row : commands.predicted("predict --model " + model + " --input DIR/days.csv")) {
            JsonNode json = new ObjectMapper().readTree(row);
            if (json.hasNonNull("label")) {
                error += Math.abs(
                        json.get("label").asDouble() - json.get("prediction").asDouble());
                known++;
            }
        }
        assertEquals(metrics.get("meanAbsoluteError").asDouble(), error / known, 1e-9);
    }

    @Test
    void timeThatIsAValueToo_isReadAsANumber() {
        JsonNode result = commands.run(
                        "train --train DIR/days.csv --prepare windows --time-col price --value-cols price,sold"
                                + " --window-length 3 --validation-from 16.5")
                .json();
        assertEquals(13, result.get("sequences").asInt());
    }

    @Test
    void keysOfATransformer_areRefusedWhereTheModelHasNone() throws IOException {
        commands.write("names.csv", "name,sex", "anna,F", "bob,M");
        String model = commands.model("train --train DIR/names.csv --features-col name --label-col sex");
        commands.run("evaluate --model " + model + " --input DIR/names.csv --lags 3")
                .assertRefused("lags is given, and prepare is none");
        commands.run("train --prepare windows").assertRefused("prepare is given without train");
    }
}
