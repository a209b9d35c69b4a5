package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Pooling;
import dev.unroll.testing.Shuffled;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The key {@code pooling}, from a table to predictions: whatever the partitions, stopped and resumed, by key, and without Spark. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class PoolingTest {

    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("y", DataTypes.StringType);

    private static SparkSession session;
    private static List<Row> rows;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeRows(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 80; n++) {
            CounterRandom random = new CounterRandom(12, n);
            List<Double> x = new ArrayList<>();
            for (int t = 0; t < 1 + n % 7; t++) {
                x.add(random.normal(t));
            }
            rows.add(RowFactory.create(n % 2, x, Collections.max(x) > 1 ? "high" : "low"));
        }
    }

    private static Dataset<Row> data(int partitions) {
        return Shuffled.rows(session, rows, SCHEMA, partitions);
    }

    private static RnnClassifier classifier(String pooling) {
        return new RnnClassifier()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setPooling(pooling)
                .setBidirectional(true)
                .setHiddenSize(5)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(8)
                .setEngine("local");
    }

    private static String hash(RnnClassifierModel model) {
        return model.model().parameterHash();
    }

    @ParameterizedTest
    @EnumSource(value = Pooling.class, mode = EnumSource.Mode.EXCLUDE, names = "EVERY")
    void bits_areTheSame_whateverTheWay(Pooling pooling) throws Exception {
        String key = pooling.key();
        SameBits.whateverTheWay(() -> classifier(key), PoolingTest::data, directory);
        assertEquals(
                hash(classifier(key).setTruncation("fixed:2").fit(data(1))),
                hash(classifier(key)
                        .setTruncation("fixed:2")
                        .setEngine("spark")
                        .setBpttMemory(40_000)
                        .fit(data(4))));

        RnnClassifierModel model = classifier(key).fit(data(1));
        model.save(directory.resolve("model").toString());
        RnnClassifierModel loaded =
                RnnClassifierModel.load(directory.resolve("model").toString());
        assertEquals(model.model().spec(), loaded.model().spec());
        for (Row row : loaded.transform(data(2)).collectAsList()) {
            double[][] steps = row.<Double>getList(row.fieldIndex("x")).stream()
                    .map(number -> new double[] {number})
                    .toArray(double[][]::new);
            float[] local = model.local().predict(steps).values();
            double[] probabilities = row.<Vector>getAs("probability").toArray();
            assertEquals(local.length, probabilities.length);
            for (int c = 0; c < local.length; c++) {
                assertEquals(local[c], probabilities[c]);
            }
        }
    }

    @Test
    void everyPooling_isAnotherNetwork() {
        List<String> hashes = new ArrayList<>();
        for (String pooling : List.of("last", "mean", "max", "attention")) {
            hashes.add(hash(classifier(pooling).fit(data(1))));
        }
        assertEquals(hashes.size(), hashes.stream().distinct().count());
        assertNotEquals(
                hash(classifier("mean").setTruncation("fixed:1").fit(data(1))),
                hash(classifier("mean").fit(data(1))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mean", "max", "attention"})
    void fitByKey_hasTheBitsOfFit(String pooling) {
        KeyedModels models = classifier(pooling).fitByKey(data(3), "k");
        String expected = hash(classifier(pooling).fit(data(1).where("k = 1")));
        assertEquals(expected, hash((RnnClassifierModel) models.model(1)));
    }

    /** The label is in any of the steps: whether one is above 1. */
    @Test
    void max_findsWhatAnyStepSays() {
        RnnClassifierModel model =
                classifier("max").setMaxIter(300).setStepSize(0.02).fit(data(1));
        long right = model.transform(data(1)).where("prediction = y").count();
        assertTrue(right >= 76, right + " of 80");
    }

    @Test
    void whatNeedsNoOtherStep_isRefused() {
        RnnClassifierModel model =
                classifier("mean").setBidirectional(false).setMaxIter(1).fit(data(1));
        IllegalStateException stepper =
                assertThrows(IllegalStateException.class, () -> model.local().stepper());
        assertEquals(
                "pooling mean needs the states of all steps; a stepper sees one step after another",
                stepper.getMessage());
        assertThrows(IllegalArgumentException.class, () -> classifier("sum"));
    }

    private static <E extends RnnEstimator<E, ?>> E small(E estimator) {
        return estimator.setFeaturesCol("x").setHiddenSize(3).setMaxIter(2).setEngine("local");
    }

    /** Labels of every step: the numbers, whether they are above 0, and of a whole sequence how many there are. */
    private static Dataset<Row> labels() {
        return data(2).withColumn("numbers", functions.col("x"))
                .withColumn("signs", functions.transform(functions.col("x"), number -> number.gt(0)))
                .withColumn("count", functions.size(functions.col("x")))
                .withColumn("text", functions.lit("abc"));
    }

    @Test
    void every_isWhatLabelsOfEveryStepHaveAnyway() {
        Dataset<Row> labels = labels();
        RnnTagger tagger = small(new RnnTagger()).setLabelCol("signs");
        assertEquals(
                tagger.fit(labels).model().parameterHash(),
                tagger.setPooling("every").fit(labels).model().parameterHash());
        RnnRegressor regressor = small(new RnnRegressor()).setLabelCol("numbers");
        assertEquals(
                regressor.fit(labels).model().parameterHash(),
                regressor.setPooling("every").fit(labels).model().parameterHash());
        RnnLanguageModel language = small(new RnnLanguageModel()).setFeaturesCol("text");
        assertEquals(
                language.fit(labels).model().parameterHash(),
                language.setPooling("every").fit(labels).model().parameterHash());
    }

    private static void assertRefused(RnnEstimator<?, ?> estimator, String message) {
        Dataset<Row> labels = labels();
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> estimator.fit(labels))
                        .getMessage());
    }

    /** So that an estimator that was copied with the defaults of all Params is the same. */
    @Test
    void lastStateOfAStep_isItsOwn() {
        for (String pooling : List.of("last", "every")) {
            RnnTagger tagger = small(new RnnTagger()).setLabelCol("signs");
            assertEquals(
                    tagger.fit(labels()).model().parameterHash(),
                    tagger.setPooling(pooling).fit(labels()).model().parameterHash());
            RnnRegressorModel model = small(new RnnRegressor())
                    .setLabelCol("numbers")
                    .setPooling(pooling)
                    .fit(labels());
            assertEquals(Pooling.EVERY, model.model().spec().head().pooling());
        }
    }

    @Test
    void poolingOfOtherLabels_isRefused() {
        String every = ", and every step has a label or target; allowed is every";
        String one = ", and the whole sequence has one label or target; allowed are last, mean, max and attention";
        assertRefused(
                small(new RnnTagger()).setLabelCol("signs").setPooling("max"),
                "pooling is max, task is tagging" + every);
        assertRefused(
                small(new RnnLanguageModel()).setFeaturesCol("text").setPooling("mean"),
                "pooling is mean, task is language-model" + every);
        assertRefused(
                small(new RnnRegressor()).setLabelCol("count").setPooling("every"),
                "pooling is every, task is regression" + one);
        assertRefused(
                small(new RnnClassifier()).setLabelCol("y").setPooling("every"),
                "pooling is every, task is classification" + one);
    }
}
