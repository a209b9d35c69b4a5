package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.math.CounterRandom;
import dev.unroll.testing.Shuffled;
import dev.unroll.testing.SparkTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An evaluation of trained models, against plain loops over what {@code transform} predicts. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=2")
class EvaluationTest {

    private static final StructType SCHEMA = new StructType()
            .add("shop", DataTypes.StringType)
            .add("day", DataTypes.IntegerType)
            .add("x", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("y", DataTypes.DoubleType)
            .add("kind", DataTypes.StringType)
            .add("kinds", DataTypes.createArrayType(DataTypes.StringType))
            .add("weight", DataTypes.DoubleType);

    private static SparkSession session;
    private static List<Row> rows;
    private static RnnClassifierModel classifier;
    private static RnnRegressorModel regressor;

    @BeforeAll
    static void train(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            CounterRandom random = new CounterRandom(5, n);
            List<Double> x = new ArrayList<>();
            List<String> kinds = new ArrayList<>();
            for (int t = 0; t < 3 + n % 3; t++) {
                x.add(random.normal(t));
                kinds.add(t == 1 && n % 4 == 0 ? null : x.get(t) > 0 ? "up" : "down");
            }
            double y = n % 7 == 0 ? 0 : 3 * x.get(0) + random.normal(-1);
            String kind = y > 1 ? "high" : y < -1 ? "low" : "middle";
            rows.add(RowFactory.create(n % 5 == 0 ? null : "s" + n % 2, n % 3, x, y, kind, kinds, 1.0 + n % 3));
        }
        classifier = new RnnClassifier()
                .setFeaturesCol("x")
                .setLabelCol("kind")
                .setHiddenSize(4)
                .setMaxIter(10)
                .setEngine("local")
                .fit(data(rows, 1));
        regressor = new RnnRegressor()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setLoss("quantile:0.1,0.5,0.9")
                .setSeason(1)
                .setHiddenSize(4)
                .setMaxIter(10)
                .setEngine("local")
                .fit(data(rows, 1));
    }

    private static Dataset<Row> data(List<Row> some, int partitions) {
        return Shuffled.rows(session, some, SCHEMA, partitions);
    }

    @Test
    void classes_areMeasuredAsPredicted() {
        EvaluationResult result = new Evaluation(classifier).run(data(rows, 3));
        double hits = 0;
        double loss = 0;
        long[][] confusion = new long[3][3];
        List<String> labels = classifier.model().labels().values();
        for (Row row : classifier.transform(data(rows, 1)).collectAsList()) {
            String kind = row.getAs("kind");
            String predicted = row.getAs("prediction");
            hits += kind.equals(predicted) ? 1 : 0;
            loss -= Math.log(row.<Vector>getAs("probability").apply(labels.indexOf(kind)));
            confusion[labels.indexOf(kind)][labels.indexOf(predicted)]++;
        }
        assertEquals(hits / 60, result.metrics().get("accuracy"), 1e-12);
        assertEquals(loss / 60, result.metrics().get("logLoss"), 1e-12);
        double[][] counted = result.confusion().orElseThrow();
        for (int c = 0; c < 3; c++) {
            assertArrayEquals(Arrays.stream(confusion[c]).asDoubleStream().toArray(), counted[c]);
            assertEquals(labels.get(c), result.classes().get(c).label());
        }
        assertEquals(Map.of("terms", 60L), result.counts());
        assertFalse(result.groups().isPresent());
    }

    /** A row that weighs k counts as k rows, and the weight is no more than that. */
    @Test
    void weights_areNumbersOfCopies() {
        List<Row> copies = new ArrayList<>();
        rows.forEach(row -> copies.addAll(Collections.nCopies((int) row.getDouble(6), row)));
        for (RnnModel<?> model : List.of(classifier, regressor)) {
            Map<String, Double> weighted = new Evaluation(model)
                    .setWeightCol("weight")
                    .run(data(rows, 3))
                    .metrics();
            Map<String, Double> copied =
                    new Evaluation(model).run(data(copies, 2)).metrics();
            assertEquals(copied.keySet(), weighted.keySet());
            copied.forEach((name, value) -> assertEquals(value, weighted.get(name), 1e-12 * Math.max(1, value), name));
        }
    }

    @Test
    void metrics_haveTheSameBits_fromAnyPartitions() {
        for (RnnModel<?> model : List.of(classifier, regressor)) {
            Map<String, Double> expected =
                    new Evaluation(model).run(data(rows, 1)).metrics();
            assertEquals(expected, new Evaluation(model).run(data(rows, 4)).metrics());
            assertEquals(expected, new Evaluation(model).run(data(rows, 70)).metrics());
        }
    }

    @Test
    void numbers_areMeasuredAsPredicted() {
        EvaluationResult result = new Evaluation(regressor).run(data(rows, 3));
        double absolute = 0;
        double naive = 0;
        double covered = 0;
        for (Row row : regressor.transform(data(rows, 1)).collectAsList()) {
            double y = row.getAs("y");
            List<Double> x = row.getList(row.fieldIndex("x"));
            Vector quantiles = row.getAs("quantiles");
            absolute += Math.abs(row.<Double>getAs("prediction") - y);
            naive += Math.abs(x.get(x.size() - 1) - y);
            covered += quantiles.apply(0) <= y && y <= quantiles.apply(2) ? 1 : 0;
        }
        Map<String, Double> metrics = result.metrics();
        assertEquals(absolute / 60, metrics.get("meanAbsoluteError"), 1e-12);
        assertEquals(naive / 60, metrics.get("naiveMeanAbsoluteError"), 1e-6);
        assertEquals(covered / 60, metrics.get("coverage"), 1e-12);
        assertEquals(2 * metrics.get("pinballLoss"), metrics.get("continuousRankedProbabilityScore"));
        assertEquals(Map.of("terms", 60L, "zeroTargets", 9L), result.counts());
        assertTrue(result.classes().isEmpty());
        assertFalse(result.confusion().isPresent());
    }

    /** Steps without a label are no terms. */
    @Test
    void tags_areMeasuredStepByStep() {
        RnnTaggerModel tagger = new RnnTagger()
                .setFeaturesCol("x")
                .setLabelCol("kinds")
                .setHiddenSize(4)
                .setMaxIter(10)
                .setEngine("local")
                .fit(data(rows, 1));
        EvaluationResult result = new Evaluation(tagger).run(data(rows, 3));
        long terms = 0;
        double hits = 0;
        for (Row row : tagger.transform(data(rows, 1)).collectAsList()) {
            List<String> kinds = row.getList(row.fieldIndex("kinds"));
            List<String> predicted = row.getList(row.fieldIndex("prediction"));
            for (int t = 0; t < kinds.size(); t++) {
                terms += kinds.get(t) == null ? 0 : 1;
                hits += predicted.get(t).equals(kinds.get(t)) ? 1 : 0;
            }
        }
        assertEquals(Map.of("terms", terms), result.counts());
        assertEquals(hits / terms, result.metrics().get("accuracy"), 1e-12);
        assertTrue(
                result.metrics().containsKey("areaUnderROC"), result.metrics().toString());
    }

    /** The metrics of a group are those of its rows alone; null is a value like any other, and the first. */
    @Test
    void groups_haveTheMetricsOfTheirRows() {
        for (RnnModel<?> model : List.of(classifier, regressor)) {
            List<Row> groups = new Evaluation(model)
                    .setWeightCol("weight")
                    .setBy("shop", "day")
                    .run(data(rows, 3))
                    .groups()
                    .orElseThrow()
                    .collectAsList();
            assertEquals(9, groups.size());
            int at = 0;
            for (String shop : new String[] {null, "s0", "s1"}) {
                for (int day = 0; day < 3; day++) {
                    Row group = groups.get(at++);
                    assertEquals(shop, group.getAs("shop"));
                    assertEquals(day, group.<Integer>getAs("day"));
                    Dataset<Row> own = data(rows, 1)
                            .where(functions
                                    .col("day")
                                    .equalTo(day)
                                    .and(functions.col("shop").eqNullSafe(shop)));
                    EvaluationResult alone =
                            new Evaluation(model).setWeightCol("weight").run(own);
                    assertEquals(alone.counts().get("terms"), group.<Long>getAs("terms"));
                    Map<String, Double> metrics = new TreeMap<>();
                    for (String name : group.schema().fieldNames()) {
                        if (group.getAs(name) instanceof Double value) {
                            metrics.put(name, value);
                        }
                    }
                    assertEquals(new TreeMap<>(alone.metrics()), metrics);
                }
            }
        }
    }

    /** Texts that a collation takes for equal are groups apart: a group is of one text. */
    @Test
    void groups_ofCollatedText_areThoseOfPlainText() {
        Dataset<Row> plain = data(rows, 2)
                .withColumn(
                        "shop",
                        functions
                                .when(functions.col("day").equalTo(1), functions.upper(functions.col("shop")))
                                .otherwise(functions.col("shop")));
        Dataset<Row> collated = plain.withColumn("shop", functions.collate(functions.col("shop"), "UTF8_LCASE"));
        Evaluation evaluation = new Evaluation(classifier).setBy("shop");
        Dataset<Row> expected = evaluation.run(plain).groups().orElseThrow();
        Dataset<Row> groups = evaluation.run(collated).groups().orElseThrow();
        assertEquals(5, expected.count());
        assertEquals(expected.schema(), groups.schema());
        assertEquals(expected.collectAsList(), groups.collectAsList());
    }

    @Test
    void columns_thatCannotBeGroups_areRefused() {
        Evaluation evaluation = new Evaluation(regressor);
        assertEquals(
                "by is shops, and there is no such column; there are shop, day, x, y, kind, kinds, weight",
                assertThrows(
                                InputException.class,
                                () -> evaluation.setBy("shops").run(data(rows, 1)))
                        .getMessage());
        assertEquals(
                "by is x, which is of type array<double>; allowed are text, whole numbers, decimals, booleans, dates and times",
                assertThrows(InputException.class, () -> evaluation.setBy("x").run(data(rows, 1)))
                        .getMessage());
        assertEquals(
                "by is weight, which is of type double; allowed are text, whole numbers, decimals, booleans, dates and times",
                assertThrows(
                                InputException.class,
                                () -> evaluation.setBy("weight").run(data(rows, 1)))
                        .getMessage());
        assertEquals(
                "the table of groups has columns TERMS and terms, whose names differ in capital letters alone",
                assertThrows(InputException.class, () -> evaluation
                                .setBy("TERMS")
                                .run(data(rows, 1).withColumnRenamed("shop", "TERMS")))
                        .getMessage());
    }
}
