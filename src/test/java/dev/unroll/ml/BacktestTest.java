package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the same done by hand: windows, fit, transform, and errors from arrays. */
@SparkTest(
        settings = {
            "spark.sql.shuffle.partitions=2",
            "spark.sql.codegen.wholeStage=false",
            "spark.sql.codegen.factoryMode=NO_CODEGEN"
        })
class BacktestTest {

    private static final int LENGTH = 5;
    private static final int HORIZON = 3;
    private static final int SEASON = 4;
    private static final long SEED = 20260;

    /** First and last day of each series; days are 0 to 39. */
    private static final Map<String, int[]> SERIES = new TreeMap<>(Map.of(
            "all", new int[] {0, 39}, "ends", new int[] {0, 35}, "late", new int[] {26, 39}, "new", new int[] {34, 39
            }));

    private static final StructType SCHEMA = new StructType()
            .add("shop", DataTypes.StringType)
            .add("day", DataTypes.IntegerType)
            .add("sold", DataTypes.DoubleType)
            .add("price", DataTypes.DoubleType);

    private static SparkSession spark;

    /** Of whole numbers as times, without refit. */
    private static List<String> whole;

    @BeforeAll
    static void train() {
        whole = hashes(run(table(), false));
    }

    private static double sold(String shop, int day) {
        return new Random(SEED + 1000L * shop.hashCode() + day).nextInt(20) + 3 * (day % SEASON) + shop.length();
    }

    /** @param sold what becomes of the numbers sold from a day on */
    private static Dataset<Row> table(int from, DoubleUnaryOperator sold) {
        List<Row> rows = new ArrayList<>();
        SERIES.forEach((shop, days) -> {
            for (int day = days[0]; day <= days[1]; day++) {
                double number = sold(shop, day);
                rows.add(
                        RowFactory.create(shop, day, day >= from ? sold.applyAsDouble(number) : number, 1.0 + day % 3));
            }
        });
        Collections.shuffle(rows, new Random(SEED));
        return spark.createDataFrame(rows, SCHEMA);
    }

    private static Dataset<Row> table() {
        return table(0, DoubleUnaryOperator.identity());
    }

    private static SlidingWindows windows() {
        return new SlidingWindows()
                .setKeyCols("shop")
                .setTimeCol("day")
                .setValueCols("sold", "price")
                .setTargetCols("sold")
                .setWindowLength(LENGTH)
                .setHorizon(HORIZON)
                .setMultiStep(true)
                .setHandleInvalid("skip");
    }

    private static RnnRegressor regressor() {
        return new RnnRegressor()
                .setHiddenSize(3)
                .setMaxIter(3)
                .setNumShards(2)
                .setEngine("local")
                .setScale("standard")
                .setSeason(SEASON);
    }

    private static BacktestResult run(Dataset<Row> table, boolean refit) {
        return new Backtest(regressor(), windows())
                .setOrigins(2)
                .setStep(4)
                .setRefit(refit)
                .run(table);
    }

    private static List<String> sorted(Dataset<Row> rows) {
        return rows.collectAsList().stream().map(Row::toString).sorted().toList();
    }

    private static List<String> hashes(BacktestResult result) {
        return result.models().stream()
                .map(model -> model.model().parameterHash())
                .toList();
    }

    private static RnnRegressorModel byHand(Dataset<Row> table, int origin) {
        return regressor()
                .fit(windows().setLabelBefore(Integer.toString(origin)).transform(table));
    }

    private static double naive(String shop, int day, int last, int every) {
        int before = day;
        while (before > last) {
            before -= every;
        }
        return sold(shop, before);
    }

    private static double scale(String shop, int last) {
        double change = 0;
        int first = SERIES.get(shop)[0];
        for (int day = first + SEASON; day <= last; day++) {
            change += Math.abs(sold(shop, day) - sold(shop, day - SEASON));
        }
        return change / (last - first + 1 - SEASON);
    }

    /** The last horizon begins with day 37, and four days before it is the other origin. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void forecasts_haveTheBitsOfFitAndTransformByHand(boolean refit) {
        Dataset<Row> table = table();
        BacktestResult result = run(table, refit);
        assertEquals(List.of("33", "37"), result.origins());
        RnnRegressorModel first = byHand(table, 33);
        List<RnnRegressorModel> models = List.of(first, refit ? byHand(table, 37) : first);
        assertEquals(models.stream().map(model -> model.model().parameterHash()).toList(), hashes(result));

        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int origin = new int[] {33, 37}[i];
            Dataset<Row> last = windows().transform(table).where("day = " + (origin - 1));
            for (Row row : models.get(i).transform(last).collectAsList()) {
                Vector prediction = row.getAs("prediction");
                Vector label = row.getAs("label");
                String shop = row.getAs("shop");
                for (int k = 1; k <= HORIZON; k++) {
                    int day = origin - 1 + k;
                    double target = label.apply(k - 1);
                    double forecast = prediction.apply(k - 1);
                    double naive = naive(shop, day, origin - 1, 1);
                    double seasonal = naive(shop, day, origin - 1, SEASON);
                    assertEquals(sold(shop, day), target);
                    expected.add(RowFactory.create(
                                    shop,
                                    origin,
                                    k,
                                    day,
                                    "sold",
                                    target,
                                    forecast,
                                    naive,
                                    seasonal,
                                    forecast - target,
                                    naive - target,
                                    seasonal - target,
                                    scale(shop, origin - 1))
                            .toString());
                }
            }
        }
        Collections.sort(expected);
        assertEquals(5 * HORIZON, expected.size()); // all and late at both, ends at the first one
        assertEquals(expected, sorted(result.forecasts()));
        assertEquals(
                List.of(
                        "[ends,37,ends before the horizon]",
                        "[new,33,begins at the origin or after it]",
                        "[new,37,shorter than a window at the origin]"),
                sorted(result.leftOut()));
    }

    @Test
    void errors_areMeansByAnyColumns() {
        BacktestResult result = run(table(), true);
        List<Row> forecasts = result.forecasts().collectAsList();
        for (List<String> by :
                List.of(List.<String>of(), List.of("shop"), List.of("horizonStep"), List.of("origin", "shop"))) {
            Map<List<Object>, double[]> sums = new java.util.HashMap<>();
            for (Row row : forecasts) {
                double[] sum =
                        sums.computeIfAbsent(by.stream().map(row::<Object>getAs).toList(), key -> new double[10]);
                sum[0]++;
                int j = 1;
                for (String error : List.of("error", "naiveError", "seasonalNaiveError")) {
                    double value = row.getAs(error);
                    sum[j] += Math.abs(value);
                    sum[j + 3] += value * value;
                    sum[j + 6] += Math.abs(value) / row.<Double>getAs("scale");
                    j++;
                }
            }
            List<Row> errors = result.errors(by.toArray(new String[0])).collectAsList();
            assertEquals(sums.size(), errors.size());
            for (Row row : errors) {
                double[] sum = sums.get(by.stream().map(row::<Object>getAs).toList());
                assertEquals((long) sum[0], row.<Long>getAs("forecasts"));
                int j = 1;
                for (String mean : List.of("MeanAbsoluteError", "MeanSquaredError", "Mase")) {
                    for (String forecast : List.of("", "naive", "seasonalNaive")) {
                        String name = forecast + mean;
                        double value =
                                row.getAs(name.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + name.substring(1));
                        assertEquals(sum[j++] / sum[0], value, 1e-12 * value, by + " " + name);
                    }
                }
            }
        }
    }

    /** Nothing that comes later is seen: not by a model, nor by a forecast or what it is measured by. */
    @Test
    void numbersAfterAnOrigin_changeNothingBeforeIt() {
        BacktestResult result = run(table(), true);
        // From the last origin on: both models and all forecasts stay, but not the labels of the last origin.
        BacktestResult later = run(table(37, x -> 1000 - 7 * x), true);
        assertEquals(hashes(result), hashes(later));
        Column[] made =
                List.of("shop", "origin", "horizonStep", "prediction", "naive", "seasonalNaive", "scale").stream()
                        .map(functions::col)
                        .toArray(Column[]::new);
        assertEquals(
                sorted(result.forecasts().select(made)),
                sorted(later.forecasts().select(made)));
        // What comes after the horizon of the first origin changes nothing of it, errors included.
        assertEquals(
                sorted(result.forecasts().where("origin = 33")),
                sorted(run(table(36, x -> -x), false).forecasts().where("origin = 33")));
        // And what is before an origin does change its model.
        BacktestResult earlier = run(table(36, x -> 1000 - 7 * x), true);
        assertEquals(hashes(result).get(0), hashes(earlier).get(0));
        assertNotEquals(hashes(result).get(1), hashes(earlier).get(1));
    }

    /** With one label a window, a horizon of 3 is the third step alone. */
    @Test
    void oneStep_isTheLastOfTheHorizon() {
        Dataset<Row> table = table();
        SlidingWindows windows = windows().setMultiStep(false).setStride(2);
        BacktestResult result = new Backtest(regressor(), windows).run(table);
        assertEquals(List.of("37"), result.origins());
        RnnRegressorModel model = regressor()
                .fit(windows.copy(ParamMap.empty()).setLabelBefore("37").transform(table));
        Dataset<Row> last =
                windows.copy(ParamMap.empty()).setStride(1).transform(table).where("day = 36");
        assertEquals(
                sorted(model.transform(last).selectExpr("shop", "37", "3", "labelTime", "label", "prediction")),
                sorted(result.forecasts().select("shop", "origin", "horizonStep", "labelTime", "label", "prediction")));
        assertEquals(2, result.forecasts().count());
    }

    /** Of several targets each has its rows, and its own past as naive forecast. */
    @Test
    void severalTargets_areSeveralRows() {
        SlidingWindows windows = windows().setTargetCols("sold", "price").setHorizon(2);
        BacktestResult result =
                new Backtest(regressor().setSeason(0), windows).setOrigins(3).run(table());
        assertEquals(List.of("34", "36", "38"), result.origins());
        List<Row> rows = result.forecasts()
                .where("shop = 'all' and origin = 38")
                .orderBy("horizonStep", "target")
                .collectAsList();
        assertEquals(4, rows.size());
        Row last = windows.transform(table()).where("shop = 'all' and day = 37").first();
        Vector labels = last.getAs("label");
        int[] order = {1, 0, 3, 2}; // price before sold
        for (int i = 0; i < 4; i++) {
            assertEquals(i / 2 + 1, rows.get(i).<Integer>getAs("horizonStep"));
            assertEquals(labels.apply(order[i]), rows.get(i).<Double>getAs("label"));
            assertEquals(
                    i % 2 == 0 ? 1.0 + 37 % 3 : sold("all", 37), rows.get(i).<Double>getAs("naive"));
            assertTrue(rows.get(i).isNullAt(rows.get(i).fieldIndex("seasonalNaive")));
        }
        assertTrue(result.errors().select("seasonalNaiveMase").first().isNullAt(0));
    }

    /** The text of an origin is a time again, in every type of times and whatever the zone of the session. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "date_add(date'2024-01-01', day)|2024-02-07",
                "timestamp'2024-01-01 00:00:00.5Z' + make_dt_interval(day, 1)|2024-02-07T01:00:00.500Z",
                "timestamp_ntz'2024-01-01 00:00:00.5' + make_dt_interval(day, 1)|2024-02-07 01:00:00.5",
                "double(day) * 1e9|3.7E10",
                "float(day) / 10|3.7",
                "cast(day as decimal(12,2))|37.00",
                "bigint(day)|37"
            })
    void originsOfEveryType_cutTheSamePlace(String time, String last) {
        Dataset<Row> table = table().withColumn("day", functions.expr(time));
        BacktestResult result = run(table, false);
        assertEquals(last, result.origins().get(1));
        assertEquals(whole, hashes(result));
        assertEquals(5 * HORIZON, result.forecasts().count());
    }

    /** A label that is missing is none to learn from; its forecast is there, and the means are over the others. */
    @Test
    void missingNumbers_areMasked_andMissingLabelsAreNull() {
        Dataset<Row> table = table().withColumn("sold", functions.expr("if(day in (20, 38), null, sold)"));
        SlidingWindows windows = windows().setValueCols().setNumericCols("sold", "price");
        RnnRegressor regressor = regressor().setNumericCols("sold", "price").setMissing("mask");
        BacktestResult result = new Backtest(regressor, windows).run(table.where("day < 39"));
        // Day 38 has no target, so the last horizon with targets begins with day 35.
        assertEquals(List.of("35"), result.origins());
        BacktestResult two = new Backtest(regressor, windows).run(table);
        assertEquals(List.of("36"), two.origins());
        List<Row> labels = two.forecasts()
                .where("shop = 'all'")
                .orderBy("horizonStep")
                .select("label", "prediction", "error")
                .collectAsList();
        assertEquals(sold("all", 36), labels.get(0).getDouble(0));
        assertTrue(labels.get(2).isNullAt(0));
        assertFalse(labels.get(2).isNullAt(1));
        assertEquals(4, two.errors().first().<Long>getAs("forecasts")); // two series with two of three labels
    }

    /** Windows that extend over the horizon, and rows of a future without targets. */
    @Test
    void knownColumns_areReadUpToTheHorizon() {
        Dataset<Row> table = table().where("shop = 'all' or shop = 'ends'")
                .withColumn("sold", functions.expr("if(day > 37 or (shop = 'ends' and day > 32), null, sold)"));
        SlidingWindows windows = windows()
                .setMultiStep(false)
                .setValueCols()
                .setNumericCols("sold", "price")
                .setKnownCols("price");
        RnnRegressor regressor = regressor().setNumericCols("sold", "price").setMissing("mask");
        BacktestResult result =
                new Backtest(regressor, windows).setOrigins(2).setStep(2).run(table);
        assertEquals(List.of("33", "35"), result.origins());
        RnnRegressorModel model = regressor.fit(windows.copy(ParamMap.empty())
                .setLabelBefore("35")
                .transform(table)
                .where("label is not null"));
        assertEquals(model.model().parameterHash(), hashes(result).get(1));
        Row last = model.transform(windows.transform(table))
                .where("shop = 'all' and day = 34")
                .first();
        List<Row> forecasts = result.forecasts()
                .where("shop = 'all' and origin = 35")
                .orderBy("horizonStep")
                .collectAsList();
        assertEquals(
                last.getList(last.fieldIndex("prediction")),
                forecasts.stream().map(row -> row.<Double>getAs("prediction")).toList());
        for (int k = 0; k < HORIZON; k++) {
            assertEquals(35 + k, forecasts.get(k).<Integer>getAs("labelTime"));
            assertEquals(sold("all", 35 + k), forecasts.get(k).<Double>getAs("label"));
        }
        assertEquals(
                List.of("[ends,33,has no target in the horizon]", "[ends,35,ends before the horizon]"),
                sorted(result.leftOut()));
    }

    /** A pause that cuts a series cuts what is known of it too. */
    @Test
    void sessions_areSeriesOfTheirOwn() {
        Dataset<Row> table =
                table().where("shop = 'all'").withColumn("day", functions.expr("if(day < 34, day, day + 10)"));
        BacktestResult result = new Backtest(regressor(), windows().setSessionGap(3)).run(table);
        assertEquals(List.of("47"), result.origins());
        assertEquals(List.of("[all,47,shorter than a window at the origin]"), sorted(result.leftOut()));
        BacktestResult whole = new Backtest(regressor(), windows()).run(table);
        assertEquals(HORIZON, whole.forecasts().count());
    }

    @Test
    void whatCannotBe_isRefused() {
        Dataset<Row> table = table();
        assertEquals(
                "backtest has 13 origins, 3 times apart, and horizon is 3, for which the data need 39 times with a target;"
                        + " they have 38",
                assertThrows(InputException.class, () -> new Backtest(regressor(), windows())
                                .setOrigins(13)
                                .run(table.where("day < 38")))
                        .getMessage());
        assertTrue(assertThrows(InputException.class, () -> new Backtest(regressor(), windows())
                        .setOrigins(12)
                        .run(table))
                .getMessage()
                .startsWith("the origin 4 of the backtest leaves no window to train on"));
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> new Backtest(regressor(), windows().setLabelBefore("3")).run(table))
                .getMessage()
                .startsWith("label-before is 3, and a backtest sets it"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> new Backtest(
                                regressor(),
                                windows()
                                        .setHorizon(0)
                                        .setMultiStep(false)
                                        .setTargetCols("price")
                                        .setValueCols("sold"))
                        .run(table))
                .getMessage()
                .startsWith("horizon is 0"));
        assertThrows(IllegalArgumentException.class, () -> new Backtest(regressor(), windows()).setOrigins(0));
        assertThrows(IllegalArgumentException.class, () -> new Backtest(regressor(), windows()).setStep(-1));
        assertEquals(
                "the result has two columns of the name origin",
                assertThrows(InputException.class, () -> new Backtest(
                                        regressor(), windows().setKeyCols("origin"))
                                .run(table.withColumnRenamed("shop", "origin")))
                        .getMessage());
    }
}
