package dev.unroll.ml;

import static dev.unroll.ml.SeriesSales.LENGTH;
import static dev.unroll.ml.SeriesSales.byKey;
import static dev.unroll.ml.SeriesSales.regressor;
import static dev.unroll.ml.SeriesSales.sales;
import static dev.unroll.ml.SeriesSales.windows;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.RowOutcome;
import dev.unroll.ml.SeriesSales.Sale;
import dev.unroll.model.Model;
import dev.unroll.model.Predictor;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.StopRequest;
import dev.unroll.train.TrainingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code scale by-key}: trainings, predictions and errors, against tables that are scaled by hand. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class KeyScaleTest {

    private static SparkSession spark;

    @TempDir
    Path directory;

    private static Dataset<Row> table(List<Sale> sales) {
        return SeriesSales.table(spark, sales);
    }

    private static Dataset<Row> made(List<Sale> sales) {
        return windows().transform(table(sales));
    }

    /** Sums of a series, by plain loops over its windows. */
    private record Scale(double[] mean, double[] deviation) {

        static Scale of(List<Sale> series) {
            List<Sale> steps = new ArrayList<>();
            for (int end = LENGTH; end < series.size(); end++) { // the last day is a label alone
                steps.addAll(series.subList(end - LENGTH, end));
            }
            double[] mean = new double[2];
            double[] deviation = new double[2];
            for (int j = 0; j < 2; j++) {
                for (Sale sale : steps) {
                    mean[j] += number(sale, j) / steps.size();
                }
                for (Sale sale : steps) {
                    deviation[j] += (number(sale, j) - mean[j]) * (number(sale, j) - mean[j]) / steps.size();
                }
                deviation[j] = Math.sqrt(deviation[j]);
            }
            return new Scale(mean, deviation);
        }

        private static double number(Sale sale, int j) {
            return j == 0 ? sale.sold() : sale.price();
        }

        Sale apply(Sale sale) {
            return new Sale(
                    sale.shop(),
                    sale.item(),
                    sale.day(),
                    (sale.sold() - mean[0]) / deviation[0],
                    (sale.price() - mean[1]) / deviation[1]);
        }
    }

    private static Map<String, Scale> scales(List<Sale> sales) {
        Map<String, List<Sale>> bySeries = new TreeMap<>();
        sales.forEach(sale ->
                bySeries.computeIfAbsent(sale.key(), key -> new ArrayList<>()).add(sale));
        Map<String, Scale> scales = new TreeMap<>();
        bySeries.forEach((key, series) -> scales.put(key, Scale.of(series)));
        return scales;
    }

    private static List<Sale> byHand(List<Sale> sales) {
        Map<String, Scale> scales = scales(sales);
        return sales.stream().map(sale -> scales.get(sale.key()).apply(sale)).toList();
    }

    /** The order of a training's rows: that of their hashes. */
    private static List<String> order(Dataset<Row> windows, long seed, boolean ofSeries) {
        Map<Long, String> names = new TreeMap<>(Long::compareUnsigned);
        for (Row row : windows.collectAsList()) {
            List<scala.collection.Seq<Double>> steps = row.getList(row.fieldIndex("features"));
            double[] values = steps.stream()
                    .flatMapToDouble(step -> IntStream.range(0, step.size()).mapToDouble(j -> (double) step.apply(j)))
                    .toArray();
            RowOutcome label = RowOutcome.targets(new double[] {row.<Double>getAs("label")}, 1);
            CanonicalRow plain = CanonicalRow.ofValues(values, values.length / LENGTH, label, 1f);
            String shop = row.getAs("shop");
            String item = item(row);
            CanonicalRow read = ofSeries ? plain.ofSeries(List.of(shop, item)) : plain;
            names.put(read.hash(seed), shop + item + row.getAs("day"));
        }
        return List.copyOf(names.values());
    }

    private static String hash(RnnRegressor regressor, Dataset<Row> rows) {
        return regressor.fit(rows).model().parameterHash();
    }

    /** The order of rows is that of their hashes, so what is compared are seeds for which both orders are one. */
    @Test
    void training_isThatOnATableScaledByHand() {
        List<Sale> sales = sales(2, LENGTH + 2, 5); // two windows each
        Dataset<Row> rows = made(sales).cache();
        Dataset<Row> scaled = made(byHand(sales)).cache();
        int compared = 0;
        for (long seed = 1; compared < 2; seed++) {
            if (order(rows, seed, true).equals(order(scaled, seed, false))) {
                compared++;
                String expected = hash(regressor().setSeed(seed), scaled);
                assertEquals(expected, hash(byKey().setSeed(seed), rows), "seed " + seed);
            }
        }
    }

    @Test
    void predictions_areInTheUnitsOfEachSeries_everywhere() throws Exception {
        List<Sale> sales = sales(4, 14, 6);
        Dataset<Row> rows = made(sales);
        RnnRegressorModel model = byKey().fit(rows);
        RnnRegressorModel plain = regressor().setMaxIter(1).fit(rows); // only to have a network
        Predictor network = new Predictor(new Model(
                plain.model().task(),
                plain.model().spec(),
                model.model().theta(),
                plain.model().encoding(),
                Map.of()));
        String path = directory.resolve("model").toString();
        model.write().save(path);
        String spec = Files.readString(directory.resolve("model/data/spec.json"));
        assertTrue(spec.contains("\"by\" : \"key\"") && spec.contains("\"keyCols\" : [ \"shop\", \"item\" ]"), spec);
        RnnRegressorModel loaded = RnnRegressorModel.load(path);
        Map<String, Scale> scales = scales(sales);
        List<Row> ofHand = made(byHand(sales)).orderBy("shop", "item", "day").collectAsList();
        List<Row> predicted =
                loaded.transform(rows).orderBy("shop", "item", "day").collectAsList();
        assertEquals(4 * (14 - LENGTH), predicted.size());
        for (int n = 0; n < predicted.size(); n++) {
            Row row = predicted.get(n);
            double prediction = row.<Double>getAs("prediction");
            Scale scale = scales.get(row.getAs("shop") + "/" + item(row));
            double output = network.predict(steps(ofHand.get(n))).numbers()[0];
            assertEquals(scale.mean[0] + scale.deviation[0] * output, prediction, 1e-6 * scale.mean[0]);
            Model one = loaded.model().ofSeries(List.of(row.getAs("shop"), item(row)));
            assertEquals(prediction, new Predictor(one).predict(steps(row)).numbers()[0]);
        }
    }

    /** Of a whole number, which is a double where it is a static too. */
    private static String item(Row row) {
        return Long.toString(row.<Number>getAs("item").longValue());
    }

    private static double[][] steps(Row row) {
        List<scala.collection.Seq<Double>> steps = row.getList(row.fieldIndex("features"));
        return steps.stream()
                .map(step -> IntStream.range(0, step.size())
                        .mapToDouble(j -> (double) step.apply(j))
                        .toArray())
                .toArray(double[][]::new);
    }

    @Test
    void partitionsEngineAndOrder_doNotChangeOneBit() {
        List<Sale> sales = sales(5, 12, 7);
        RnnRegressorModel expected = byKey().fit(made(sales));
        for (int partitions : new int[] {1, 3, 8}) {
            List<Sale> shuffled = new ArrayList<>(sales);
            Collections.shuffle(shuffled, new Random(partitions));
            RnnRegressorModel model = byKey().setEngine("spark")
                    .setPartitions(partitions)
                    .fit(made(shuffled).repartition(partitions + 1));
            assertEquals(expected.model().parameterHash(), model.model().parameterHash(), partitions + " partitions");
            assertArrayEquals(
                    expected.model().scaling().series().numbers().means(),
                    model.model().scaling().series().numbers().means());
            assertArrayEquals(
                    expected.model().scaling().series().numbers().deviations(),
                    model.model().scaling().series().numbers().deviations());
        }
    }

    /** A count is divided by the mean of its series: of two series, one a hundred times the other, so are the predictions. */
    @Test
    void counts_areDividedByTheMeanOfTheirSeries() {
        List<Sale> sales = new ArrayList<>();
        for (int day = 0; day < 20; day++) {
            int sold = 1 + day % 5 + day % 3;
            sales.add(new Sale("small", 1, day, sold, 1));
            sales.add(new Sale("large", 1, day, 100 * sold, 1));
        }
        Dataset<Row> windows = made(sales);
        RnnRegressor counts = byKey().setLoss("poisson");
        RnnRegressorModel model = counts.fit(windows);
        assertEquals(
                model.model().parameterHash(),
                hash(byKey().setLoss("poisson").setEngine("spark").setPartitions(2), windows.repartition(3)));
        List<Row> small = model.transform(windows.where("shop = 'small'").orderBy("day"))
                .select("prediction")
                .collectAsList();
        List<Row> large = model.transform(windows.where("shop = 'large'").orderBy("day"))
                .select("prediction")
                .collectAsList();
        assertFalse(small.isEmpty());
        for (int n = 0; n < small.size(); n++) {
            double expected = 100 * small.get(n).getDouble(0);
            assertTrue(expected > 0);
            assertEquals(expected, large.get(n).getDouble(0), 1e-5 * expected);
        }
    }

    /** Statistics of the rows to train on alone; errors in the units of the data, beside those of the naive forecast. */
    @Test
    void validation_isScaledByTheTrainingPart_andItsErrorsAreOfTheData() {
        List<Sale> sales = sales(4, 16, 8);
        Dataset<Row> training =
                windows().setLabelBefore("2024-03-12").transform(table(sales)).cache();
        Dataset<Row> validation =
                windows().setLabelFrom("2024-03-12").transform(table(sales)).cache();
        RnnRegressorModel model = byKey().setSeason(2).fit(training, validation);
        Scale[] expected = scales(sales.stream().filter(sale -> sale.day() < 11).toList())
                .values()
                .toArray(Scale[]::new);
        double[] means = model.model().scaling().series().numbers().means();
        double[] deviations = model.model().scaling().series().numbers().deviations();
        for (int i = 0; i < means.length; i++) {
            assertEquals(expected[i / 2].mean[i % 2], means[i], 1e-12 * means[i]);
            assertEquals(expected[i / 2].deviation[i % 2], deviations[i], 1e-12 * deviations[i]);
        }
        double absolute = 0;
        double naive = 0;
        List<Row> predicted = model.transform(validation).collectAsList();
        for (Row row : predicted) {
            double label = row.<Double>getAs("label");
            absolute += Math.abs(row.<Double>getAs("prediction") - label) / predicted.size();
            naive += Math.abs(steps(row)[LENGTH - 1][0] - label) / predicted.size();
        }
        Map<String, Double> metrics = model.summary().orElseThrow().result().validation();
        assertEquals(absolute, metrics.get("meanAbsoluteError"), 1e-9 * absolute);
        assertEquals(naive, metrics.get("naiveMeanAbsoluteError"), 1e-6 * naive);
    }

    @Test
    void resumedTraining_hasTheBitsOfOneThatNeverStopped_andNoOtherScale() {
        Dataset<Row> rows = made(sales(3, 12, 10)).cache();
        String expected = hash(byKey(), rows);
        String checkpoints = directory.resolve("checkpoints").toString();
        RnnRegressor first = byKey().setCheckpointDir(checkpoints).setCheckpointInterval(0);
        first.addListener(report -> {
            if (report.iteration() == 5) {
                throw new StopRequest("by the test");
            }
        });
        assertThrows(TrainingException.class, () -> hash(first, rows));
        for (String other : List.of("none", "standard", "window")) {
            assertRefused(
                    "is of another training: it has scal",
                    () -> hash(
                            regressor()
                                    .setScale(other)
                                    .setCheckpointDir(checkpoints)
                                    .setResume(true),
                            rows));
        }
        assertEquals(expected, hash(byKey().setCheckpointDir(checkpoints).setResume(true), rows));
    }

    @Test
    void init_isOfTheSameScales() throws Exception {
        Dataset<Row> rows = made(sales(3, 12, 10)).cache();
        String path = directory.resolve("begun").toString();
        byKey().fit(rows).write().save(path);
        byKey().setInit(path).setMaxIter(1).fit(rows);
        for (UnaryOperator<RnnRegressor> other : List.<UnaryOperator<RnnRegressor>>of(
                some -> some, some -> some.setScale("window"), some -> some.setScale("standard"))) {
            RnnRegressor next = other.apply(regressor().setInit(path).setMaxIter(1));
            assertRefused("was trained on numbers scaled otherwise", () -> next.fit(rows));
        }
        assertRefused(
                "was trained on numbers scaled otherwise",
                () -> byKey().setInit(path).setMaxIter(1).fit(made(sales(3, 12, 11))));
    }

    /** Windows that reach over their horizon, of columns, with a static number, and what of it is unknown. */
    @Test
    void windowsOfColumns_haveTheScaleOfTheirSeries_alsoAhead() {
        List<Sale> sales = sales(4, 14, 12);
        SlidingWindows ahead = new SlidingWindows()
                .setKeyCols("shop", "item")
                .setTimeCol("day")
                .setNumericCols("sold", "price")
                .setStaticNumericCols("item")
                .setKnownCols("price")
                .setTargetCols("sold")
                .setHorizon(2)
                .setWindowLength(LENGTH);
        Dataset<Row> rows = ahead.transform(table(sales)).cache();
        RnnRegressor regressor = byKey().setNumericCols("sold", "price")
                .setStaticNumericCols("item")
                .setMissing("mask");
        RnnRegressorModel model = regressor.fit(rows, rows);
        double absolute = 0;
        int count = 0;
        for (Row row : model.transform(rows).collectAsList()) {
            List<Double> predicted = row.getList(row.fieldIndex("prediction"));
            List<Double> labels = row.getList(row.fieldIndex("label"));
            double[] local = new Predictor(model.model().ofSeries(List.of(row.getAs("shop"), item(row))))
                    .predict(Map.of(
                            "sold", row.getList(row.fieldIndex("sold")),
                            "price", row.getList(row.fieldIndex("price")),
                            "item", row.<Object>getAs("item")))
                    .numbers();
            for (int k = 0; k < 2; k++) {
                assertEquals(predicted.get(k), local[k]);
                absolute += Math.abs(predicted.get(k) - labels.get(LENGTH + k));
                count++;
            }
        }
        double measured = model.summary().orElseThrow().result().validation().get("meanAbsoluteError");
        assertEquals(absolute / count, measured, 1e-9 * measured);
        assertEquals(1, model.model().scaling().statics().means().length);
    }

    @Test
    void backtest_scalesBySeriesBeforeEachOrigin() {
        Dataset<Row> table = table(sales(3, 20, 13));
        BacktestResult result =
                new Backtest(byKey(), windows()).setOrigins(2).setStep(3).run(table);
        List<String> expected = result.origins().stream()
                .map(origin -> hash(byKey(), windows().setLabelBefore(origin).transform(table)))
                .toList();
        assertEquals(
                expected,
                result.models().stream()
                        .map(model -> model.model().parameterHash())
                        .toList());
    }

    /** Two series of 20 days, and those of one shop more that begin later. */
    private static Dataset<Row> withYoung(int... begin) {
        List<Sale> sales = sales(2, 20, 13);
        for (int item = 0; item < begin.length; item++) {
            for (int day = begin[item]; day < 20; day++) {
                sales.add(new Sale("young", item, day, 5 + day % 3, 1 + day % 2));
            }
        }
        return table(sales);
    }

    private static List<String> leftOut(BacktestResult result) {
        return result.leftOut().orderBy("origin", "item").collectAsList().stream()
                .map(Row::toString)
                .toList();
    }

    /** One item has just a window before the first origin, and nothing to learn from; the other one not even that. */
    @Test
    void backtest_leavesOutWindowsOfSeries_thatItsTrainingDidNotSee() {
        Dataset<Row> table = withYoung(12, 14);
        Backtest backtest = new Backtest(byKey(), windows()).setOrigins(2).setStep(3);
        BacktestResult result = backtest.run(table);
        List<String> young = List.of(
                "[young,0,2024-03-17,no window to train on before the origin]",
                "[young,1,2024-03-17,shorter than a window at the origin]");
        assertEquals(young, leftOut(result));
        assertEquals(2 + 4, result.forecasts().count());
        for (int n = 0; n < 2; n++) {
            String origin = result.origins().get(n);
            Dataset<Row> forecasts = result.forecasts().where("origin = date'" + origin + "'");
            Dataset<Row> last = windows()
                    .setRequireLabel(true)
                    .transform(table)
                    .where("day = date'" + origin + "' - interval 1 day" + (n == 0 ? " and shop != 'young'" : ""));
            assertEquals(predicted(result.models().get(n).transform(last)), predicted(forecasts), "origin " + origin);
        }
        assertEquals(
                List.of(
                        young.get(0),
                        young.get(1),
                        "[young,0,2024-03-20,no window to train on before the origin]",
                        "[young,1,2024-03-20,no window to train on before the origin]"),
                leftOut(backtest.setRefit(false).run(table)));
    }

    private static List<String> predicted(Dataset<Row> rows) {
        return rows.orderBy("shop", "item").select("shop", "item", "prediction").collectAsList().stream()
                .map(Row::toString)
                .toList();
    }

    /** The first row of a series is a window where one row is, but not one before the origin. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "by-key"})
    void backtest_ofWindowsOfOneRow_leavesOutASeriesThatBeginsAtTheOrigin(String scale) {
        BacktestResult result = new Backtest(
                        regressor().setScale(scale), windows().setWindowLength(1))
                .setOrigins(2)
                .setStep(3)
                .run(withYoung(16));
        assertEquals(List.of("[young,0,2024-03-17,begins at the origin or after it]"), leftOut(result));
        assertEquals(2 + 3, result.forecasts().count());
    }

    private static void assertRefused(String sentence, Runnable work) {
        RuntimeException refused = assertThrows(RuntimeException.class, work::run);
        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
    }
}
