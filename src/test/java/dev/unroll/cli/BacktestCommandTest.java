package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.ml.Backtest;
import dev.unroll.ml.BacktestResult;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.SlidingWindows;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --backtest}: the numbers of {@link Backtest} in its last line and its files. */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=1",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class BacktestCommandTest {

    private static final String WINDOWS = " --prepare windows --time-col day --key-cols shop --value-cols sold"
            + " --window-length 4 --horizon 2 --multi-step --season 3 --scale standard";

    private static final String SMALL = " --hidden-size 2 --max-iter 2 --num-shards 1 --engine local";

    @TempDir
    private static Path directory;

    private static SparkSession spark;

    private static CommandRunner commands;

    @BeforeAll
    static void write() throws IOException {
        commands = new CommandRunner(spark);
        StringBuilder csv = new StringBuilder("day,shop,sold\n");
        for (String shop : new String[] {"north", "south", "young"}) {
            for (int day = shop.equals("young") ? 14 : 0; day < 20; day++) {
                csv.append(LocalDate.of(2024, 1, 1).plusDays(day))
                        .append(',')
                        .append(shop)
                        .append(',')
                        .append(day * day % 7 + 5 * (day % 3) + shop.length())
                        .append('\n');
            }
        }
        Files.writeString(directory.resolve("sales.csv"), csv.toString());
    }

    private static String train(String name, String more) {
        return "train --train " + directory.resolve("sales.csv") + WINDOWS + SMALL + " --model "
                + directory.resolve(name) + " " + more;
    }

    private static BacktestResult inJava(boolean refit) {
        Dataset<Row> sales = spark.read()
                .option("header", true)
                .schema("day date, shop string, sold double")
                .csv(directory.resolve("sales.csv").toString());
        SlidingWindows windows = new SlidingWindows()
                .setTimeCol("day")
                .setKeyCols("shop")
                .setValueCols("sold")
                .setWindowLength(4)
                .setHorizon(2)
                .setMultiStep(true);
        RnnRegressor regressor = new RnnRegressor()
                .setHiddenSize(2)
                .setMaxIter(2)
                .setNumShards(1)
                .setEngine("local")
                .setSeason(3)
                .setScale("standard");
        return new Backtest(regressor, windows)
                .setOrigins(2)
                .setStep(3)
                .setRefit(refit)
                .run(sales);
    }

    @Test
    void lastLineAndFiles_areThoseOfTheBacktest() {
        String output = directory.resolve("forecasts").toString();
        JsonNode line = commands.run(train(
                        "model",
                        "--backtest 2:3 --checkpoint-dir " + directory.resolve("checkpoints") + " --output " + output))
                .json();
        JsonNode backtest = line.get("backtest");
        BacktestResult expected = inJava(true);
        assertEquals("[\"2024-01-16\",\"2024-01-19\"]", backtest.get("origins").toString());
        List<String> hashes = new ArrayList<>();
        backtest.get("parameterHashes").forEach(hash -> hashes.add(hash.asText()));
        assertEquals(
                expected.models().stream()
                        .map(model -> model.model().parameterHash())
                        .toList(),
                hashes);
        Row errors = expected.errors().first();
        assertEquals(10, backtest.get("metrics").get("forecasts").asInt());
        for (String name : errors.schema().fieldNames()) {
            assertEquals(
                    errors.<Number>getAs(name).doubleValue(),
                    backtest.get("metrics").get(name).asDouble(),
                    1e-12,
                    name);
        }
        assertEquals(2, backtest.get("byStep").size());
        assertEquals(2, backtest.get("byStep").get(1).get("horizonStep").asInt());
        assertEquals(3, backtest.get("byKey").size());
        assertEquals("young", backtest.get("byKey").get(2).get("shop").asText());
        assertEquals(
                "{\"shorter than a window at the origin\":1}",
                backtest.get("skipped").toString());
        Dataset<Row> written =
                spark.read().option("header", true).option("inferSchema", true).csv(output);
        assertEquals(
                expected.forecasts().drop("origin", "labelTime").collectAsList().stream()
                        .map(Row::toString)
                        .sorted()
                        .toList(),
                written.drop("origin", "labelTime").collectAsList().stream()
                        .map(Row::toString)
                        .sorted()
                        .toList());
        // The model is the one that there is without a backtest.
        JsonNode alone = commands.run(train("alone", "")).json();
        assertEquals(alone.get("parameterHash"), line.get("parameterHash"));
        assertFalse(alone.has("backtest"));
        assertNotEquals(hashes.get(1), line.get("parameterHash").asText());
    }

    @Test
    void withoutRefit_thereIsOneModel() {
        JsonNode backtest = commands.run(train("once", "--backtest 2:3 --backtest-refit false"))
                .json()
                .get("backtest");
        String hash = inJava(false).models().get(1).model().parameterHash();
        assertEquals(
                "[\"" + hash + "\",\"" + hash + "\"]",
                backtest.get("parameterHashes").toString());
    }

    @Test
    void keysThatDoNotGoTogether_areRefused() {
        for (String form : new String[] {"0", "2:0", "two", "2:3:4", "-1", "1:", "9999999999"}) {
            commands.run(train("refused", "--backtest " + form))
                    .assertRefused("backtest is " + form, "allowed are two whole numbers");
        }
        commands.run(train("refused", "--backtest-refit false"))
                .assertRefused("backtest-refit is given without backtest");
        commands.run(train("refused", "--output x")).assertRefused("output is given without backtest");
        commands.run(train("refused", "--backtest 2 --output-format json"))
                .assertRefused("output-format is given without output");
        commands.run("train --backtest 2").assertRefused("backtest is given, and prepare is none");
        commands.run(train("refused", "--backtest 2 --task classification"))
                .assertRefused("backtest is given, and task is classification");
        commands.run(train("refused", "--backtest 30"))
                .assertRefused("the data need 60 times with a target; they have 20");
        commands.run(train("refused", "--backtest 2 --patience 1")).assertRefused("patience is 1");
        commands.run(train("refused", "--backtest 2 --label-before 2024-01-09"))
                .assertRefused("label-before is 2024-01-09");
        commands.run(train("refused", "--backtest 2 --output " + directory))
                .assertRefused("lies within output", "give a path apart from it");
    }
}
