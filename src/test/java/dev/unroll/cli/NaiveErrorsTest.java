package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.SlidingWindows;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The errors of naive forecasts beside a model's: in the summary of a training and in {@code evaluate}. */
@SparkTest
class NaiveErrorsTest {

    private static final int DAYS = 60;
    private static final int HORIZON = 9;
    private static final int SEASON = 7;

    private static final String WINDOWS = " --prepare windows --time-col day --key-cols shop --value-cols sold"
            + " --window-length 14 --horizon " + HORIZON + " --multi-step true --season " + SEASON + " ";

    private static final String TRAIN = " --hidden-size 3 --max-iter 2 --num-shards 2 --engine local";

    @TempDir
    private static Path directory;

    private static SparkSession session;
    private static CommandRunner commands;

    /** Sold on a day by a shop. */
    private static int sold(int shop, int day) {
        return 100 * (shop + 1) + 20 * (day % SEASON) + day * day % 11;
    }

    @BeforeAll
    static void write(SparkSession spark) throws IOException {
        session = spark;
        commands = new CommandRunner(spark);
        StringBuilder csv = new StringBuilder("day,shop,sold,price\n");
        for (int shop = 0; shop < 3; shop++) {
            for (int day = 0; day < DAYS; day++) {
                csv.append(LocalDate.of(2024, 1, 1).plusDays(day))
                        .append(",shop ")
                        .append(shop)
                        .append(',')
                        .append(sold(shop, day))
                        .append(',')
                        .append(day % 5)
                        .append('\n');
            }
        }
        Files.writeString(directory.resolve("sales.csv"), csv.toString());
    }

    /** Over all windows whose labels begin on that day or later. */
    private static double expected(int every, int first) {
        double absolute = 0;
        int terms = 0;
        for (int shop = 0; shop < 3; shop++) {
            for (int last = first - 1; last + HORIZON < DAYS; last++) {
                for (int day = last + 1; day <= last + HORIZON; day++) {
                    int before = day;
                    while (before > last) {
                        before -= every;
                    }
                    absolute += Math.abs(sold(shop, day) - sold(shop, before));
                    terms++;
                }
            }
        }
        return absolute / terms;
    }

    /** The mean change of a season within a window, over the same windows. */
    private static double change(int first) {
        double change = 0;
        int terms = 0;
        for (int shop = 0; shop < 3; shop++) {
            for (int last = first - 1; last + HORIZON < DAYS; last++) {
                for (int day = last - 13 + SEASON; day <= last; day++) {
                    change += Math.abs(sold(shop, day) - sold(shop, day - SEASON));
                    terms++;
                }
            }
        }
        return change / terms;
    }

    private static void assertErrors(JsonNode metrics, int first) {
        assertEquals(expected(1, first), metrics.get("naiveMeanAbsoluteError").asDouble(), 1e-3);
        assertEquals(
                expected(SEASON, first),
                metrics.get("seasonalNaiveMeanAbsoluteError").asDouble(),
                1e-3);
        double scaled = metrics.get("meanAbsoluteError").asDouble() / change(first);
        assertEquals(scaled, metrics.get("meanAbsoluteScaledError").asDouble(), 1e-5 * scaled);
    }

    @Test
    void windows_haveThemInTrainAndEvaluate() {
        String sales = directory.resolve("sales.csv").toString();
        for (String scale : new String[] {"none", "standard", "window"}) {
            String model = directory.resolve("model-" + scale).toString();
            String from = LocalDate.of(2024, 1, 1).plusDays(40).toString();
            JsonNode trained = commands.run("train --train " + sales + WINDOWS + TRAIN + " --scale " + scale
                            + " --validation-from " + from + " --model " + model)
                    .json();
            assertErrors(trained.get("validation"), 40);
            JsonNode evaluated = commands.run(
                            "evaluate --model " + model + " --input " + sales + " --label-from " + from)
                    .json();
            assertErrors(evaluated.get("metrics"), 40);
            trained.get("validation") // by other shards: the last digits of sums may differ
                    .properties()
                    .forEach(metric -> assertEquals(
                            1,
                            metric.getValue().asDouble()
                                    / evaluated
                                            .get("metrics")
                                            .get(metric.getKey())
                                            .asDouble(),
                            1e-12,
                            metric.getKey()));
            assertErrors(
                    commands.run("evaluate --model " + model + " --input " + sales)
                            .json()
                            .get("metrics"),
                    14);
        }
    }

    /** The naive one alone is known without a season, and another season may be given. */
    @Test
    void season_isThatOfTheTrainingUnlessAnotherIsGiven() {
        String sales = directory.resolve("sales.csv").toString();
        String model = directory.resolve("plain").toString();
        commands.run("train --train " + sales + WINDOWS.replace("--season 7", "") + TRAIN + " --model " + model)
                .json();
        String evaluate = "evaluate --model " + model + " --input " + sales;
        JsonNode naive = commands.run(evaluate).json().get("metrics");
        assertEquals(expected(1, 14), naive.get("naiveMeanAbsoluteError").asDouble(), 1e-3);
        assertFalse(naive.has("seasonalNaiveMeanAbsoluteError"));
        JsonNode seasonal = commands.run(evaluate + " --season 7").json().get("metrics");
        assertErrors(seasonal, 14);
        String trained = directory.resolve("seasonal").toString();
        commands.run("train --train " + sales + WINDOWS + TRAIN + " --model " + trained)
                .json();
        evaluate = "evaluate --model " + trained + " --input " + sales;
        assertEquals(seasonal, commands.run(evaluate).json().get("metrics"));
        assertEquals(naive, commands.run(evaluate + " --season 0").json().get("metrics"));
    }

    /** A season of 0 says nothing, so it goes with every task. */
    @Test
    void seasonOfAClassifier_isNoneOrRefused() throws IOException {
        String names = directory.resolve("names.csv").toString();
        Files.writeString(Path.of(names), "name,sex\nanna,F\nbob,M\n");
        String model = directory.resolve("names").toString();
        commands.run("train --train " + names + " --features-col name --label-col sex --season 0" + TRAIN + " --model "
                        + model)
                .json();
        String evaluate = "evaluate --model " + model + " --input " + names;
        JsonNode metrics = commands.run(evaluate).json().get("metrics");
        assertTrue(metrics.has("accuracy"), metrics.toString());
        assertEquals(metrics, commands.run(evaluate + " --season 0").json().get("metrics"));
        commands.run(evaluate + " --season 7")
                .assertRefused("season is 7, which goes with task regression, and task is classification");
    }

    @Test
    void targetsThatAreNotTheFutureOfTheFirstNumber_haveNone() {
        String sales = directory.resolve("sales.csv").toString();
        String train = "train --train " + sales + " --prepare windows --time-col day --key-cols shop"
                + " --value-cols price,sold --target-cols sold --window-length 5" + TRAIN + " --model "
                + directory.resolve("others");
        commands.run(train + " --season 7")
                .assertRefused(
                        "season is 7",
                        "the targets are sold; allowed is price, the first of value-cols or numeric-cols");
        commands.run(train).json();
        assertFalse(commands.run("evaluate --input " + sales + " --model " + directory.resolve("others"))
                .json()
                .get("metrics")
                .has("naiveMeanAbsoluteError"));
        commands.run("train --season 3 --max-iter 1").assertRefused("season is 3, which goes with task regression");
    }

    private static Map<String, Double> naive(RnnRegressor regressor, Dataset<Row> rows) {
        return regressor
                .setHiddenSize(2)
                .setMaxIter(1)
                .setEngine("local")
                .fit(rows, rows)
                .summary()
                .orElseThrow()
                .result()
                .validation();
    }

    /** The windows say it themselves, in Java as well. */
    @Test
    void windowsInJava_haveThemToo_andScaleWindowAsksTheSame() {
        Dataset<Row> sales = session.read()
                .option("header", true)
                .option("inferSchema", true)
                .csv(directory.resolve("sales.csv").toString());
        SlidingWindows windows = new SlidingWindows()
                .setTimeCol("day")
                .setKeyCols("shop")
                .setValueCols("sold", "price")
                .setTargetCols("sold")
                .setWindowLength(14)
                .setHorizon(HORIZON)
                .setMultiStep(true);
        RnnRegressor regressor = new RnnRegressor()
                .setHiddenSize(3)
                .setMaxIter(1)
                .setEngine("local")
                .setSeason(SEASON);
        Dataset<Row> rows = windows.transform(sales);
        Map<String, Double> metrics =
                regressor.fit(rows, rows).summary().orElseThrow().result().validation();
        assertEquals(expected(SEASON, 14), metrics.get("seasonalNaiveMeanAbsoluteError"), 1e-3);
        // Steps that were computed are in units that nobody knows; a season says what they are.
        Dataset<Row> halved =
                rows.withColumn("features", functions.expr("transform(features, s -> transform(s, x -> x / 2))"));
        Dataset<Row> elsewhere =
                rows.withColumnRenamed("features", "f").withColumn("features", functions.expr("reverse(f)"));
        for (Dataset<Row> changed : List.of(halved, elsewhere)) {
            assertFalse(naive(new RnnRegressor(), changed).containsKey("naiveMeanAbsoluteError"));
        }
        assertTrue(naive(new RnnRegressor(), rows).containsKey("naiveMeanAbsoluteError"));
        assertTrue(naive(new RnnRegressor().setSeason(2), halved).containsKey("naiveMeanAbsoluteError"));
        Dataset<Row> others = windows.setTargetCols("price").transform(sales);
        Exception refused = assertThrows(
                IllegalArgumentException.class,
                () -> new RnnRegressor().setScale("window").fit(others));
        assertEquals(
                "scale window scales targets by the first number of a step, and the targets are price; allowed is sold,"
                        + " the first of value-cols or numeric-cols, as target-cols",
                refused.getMessage());
    }
}
