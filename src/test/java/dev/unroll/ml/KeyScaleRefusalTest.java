package dev.unroll.ml;

import static dev.unroll.ml.SeriesSales.LENGTH;
import static dev.unroll.ml.SeriesSales.byKey;
import static dev.unroll.ml.SeriesSales.sales;
import static dev.unroll.ml.SeriesSales.windows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.export.Onnx;
import dev.unroll.ml.SeriesSales.Sale;
import dev.unroll.model.Model;
import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code scale by-key} cannot do, in a sentence: series that training did not see, rows without a key, other keys. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class KeyScaleRefusalTest {

    private static SparkSession spark;

    private static Dataset<Row> table(List<Sale> sales) {
        return SeriesSales.table(spark, sales);
    }

    private static Dataset<Row> made(List<Sale> sales) {
        return windows().transform(table(sales));
    }

    @Test
    void seriesWithoutTraining_isAnErrorOrLeftOut() {
        List<Sale> sales = sales(4, 12, 9);
        List<Sale> known =
                sales.stream().filter(sale -> !sale.key().equals("shop 1/1")).toList();
        Dataset<Row> training = made(known);
        Dataset<Row> all = made(sales);
        RnnRegressorModel model = byKey().fit(training);
        String sentence = "a series without rows to train on, so scale by-key has no scale for it";
        Exception refused =
                assertThrows(Exception.class, () -> model.transform(all).collectAsList());
        String said = messages(refused);
        assertTrue(said.contains("shop, item: " + sentence + ", value shop 1, 1 (handleInvalid skip"), said);
        assertEquals(
                3 * (12 - LENGTH),
                model.copy(org.apache.spark.ml.param.ParamMap.empty())
                        .setHandleInvalid("skip")
                        .transform(all)
                        .count());
        InputException ofValidation = assertThrows(InputException.class, () -> byKey().fit(training, all));
        assertTrue(ofValidation.getMessage().contains(sentence), ofValidation.getMessage());
        assertTrue(ofValidation.getMessage().contains("shop 1, 1"), ofValidation.getMessage());
        Map<String, Long> skipped = byKey().setHandleInvalid("skip")
                .fit(training, all)
                .summary()
                .orElseThrow()
                .skipped();
        assertEquals(Map.of("shop, item: " + sentence, 12L - LENGTH), skipped);
        // a share of the rows that happens to have all of a series
        List<Sale> short1 = new ArrayList<>(known);
        sales.stream()
                .filter(sale -> sale.key().equals("shop 1/1") && sale.day() <= LENGTH)
                .forEach(short1::add);
        Dataset<Row> fraction = made(short1).cache();
        List<String> outcomes = IntStream.range(1, 9)
                .mapToObj(seed -> {
                    try {
                        return byKey().setMaxIter(1)
                                        .setValidationFraction(seed / 10.0)
                                        .fit(fraction)
                                        .model()
                                        .scaling()
                                        .series()
                                        .size()
                                + " series";
                    } catch (InputException e) {
                        return e.getMessage();
                    }
                })
                .distinct()
                .toList();
        assertTrue(
                outcomes.stream()
                        .anyMatch(text -> text.contains("shop, item shop ")
                                && text.contains("has no row to train on with a first number of a step")),
                outcomes.toString());
    }

    private static String messages(Throwable thrown) {
        StringBuilder all = new StringBuilder();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            all.append(t.getMessage()).append('\n');
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain | scale by-key goes with windows of several series, prepare windows with key-cols",
                "keyless | scale by-key goes with windows of several series, prepare windows with key-cols",
                "price | scale by-key scales targets by the first number of a step, and the targets are price",
                "timestamp | key column item is of type timestamp; with scale by-key allowed are string, boolean, whole numbers and dates",
                "standardize | standardize is true and scale is by-key; only one of the two goes",
                "fitByKey | scale is by-key, and fitByKey trains a model for each key, of which scale standard is the same",
            })
    void whatMakesNoSense_isRefusedInASentence(String kind, String sentence) {
        List<Sale> sales = sales(2, 12, 14);
        Dataset<Row> table = table(sales);
        Dataset<Row> rows =
                switch (kind) {
                    case "plain" -> made(sales).withColumn("label", functions.expr("label + 1"));
                    case "keyless" ->
                        windows().setKeyCols(new String[0]).transform(table.where("shop = 'shop 0' and item = 0"));
                    case "price" -> windows().setTargetCols("price").transform(table);
                    case "timestamp" ->
                        windows().transform(table.withColumn("item", functions.expr("cast(item as timestamp)")));
                    default -> made(sales);
                };
        RnnRegressor regressor = kind.equals("standardize") ? byKey().setStandardize(true) : byKey();
        assertRefused(sentence, () -> {
            if (kind.equals("fitByKey")) {
                regressor.fitByKey(rows, "shop");
            } else {
                regressor.fit(rows);
            }
        });
    }

    @Test
    void modelWithoutAKey_isRefusedInASentence() {
        RnnRegressorModel model = byKey().setMaxIter(1).fit(made(sales(2, 12, 14)));
        double[][] steps = new double[LENGTH][4];
        assertRefused("the model scales by key, shop, item, and steps alone have none", () -> model.local()
                .predict(steps));
        assertRefused(
                "the model scales by key, shop, item, and steps alone have none",
                () -> model.local().stepper().step(steps[0]));
        assertRefused("an ONNX graph reads none", () -> Onnx.of(model.model()));
        assertRefused(
                "a function of SQL has one argument, and the model reads columns shop, item",
                () -> model.registerFunction(spark, "forecast"));
        assertRefused(
                "there is no series shop 7, 0 among the 2 by shop, item that the model was trained on",
                () -> model.model().ofSeries(List.of("shop 7", "0")));
        Model one = model.model().ofSeries(List.of("shop 0", "1"));
        assertRefused("the model does not scale by key", () -> one.ofSeries(List.of("shop 0", "1")));
        assertTrue(Onnx.of(one).length > 0);
        assertRefused(
                "scale by-key reads key column shop, and there is none",
                () -> model.transform(made(sales(2, 12, 14)).drop("shop")));
    }

    private static void assertRefused(String sentence, Runnable work) {
        RuntimeException refused = assertThrows(RuntimeException.class, work::run);
        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
    }
}
