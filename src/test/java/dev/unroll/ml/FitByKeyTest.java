package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.InputException;
import dev.unroll.fit.TrainingSummary;
import dev.unroll.math.CounterRandom;
import dev.unroll.model.Predictor;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model per key: each is the one that {@code fit} on the key's rows alone gives, to the bit. */
@Tag("slow")
@SparkTest
class FitByKeyTest {

    private static final DataType NUMBERS = DataTypes.createArrayType(DataTypes.DoubleType);
    private static final StructType SERIES = new StructType()
            .add("store", DataTypes.StringType)
            .add("part", DataTypes.IntegerType)
            .add("x", NUMBERS)
            .add("y", DataTypes.DoubleType);

    private static SparkSession spark;

    @TempDir
    Path directory;

    /** Series of three stores with two parts each, of ragged lengths; the label is the sum of the last two steps. */
    private static List<Row> series() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 90; n++) {
            CounterRandom random = new CounterRandom(7, n);
            List<Double> steps = new ArrayList<>();
            for (int t = 0; t < 2 + n % 5; t++) {
                steps.add(random.uniform(t));
            }
            double label = steps.get(steps.size() - 1) + steps.get(steps.size() - 2);
            rows.add(RowFactory.create("store " + n % 3, n % 2, steps, label));
        }
        return rows;
    }

    private static Dataset<Row> dataset(List<Row> rows) {
        return spark.createDataFrame(rows, SERIES).repartition(5);
    }

    private static RnnRegressor regressor() {
        return new RnnRegressor()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setHiddenSize(6)
                .setBatchSize(8)
                .setStepSize(0.02)
                .setEngine("spark") // of fit, with which models are compared
                .setMaxIter(12);
    }

    private static Map<String, String> hashes(KeyedModels models) {
        Map<String, String> hashes = new TreeMap<>();
        for (Row row : models.results().collectAsList()) {
            hashes.put(row.get(0) + " " + row.get(1), row.getAs("parameterHash"));
        }
        return hashes;
    }

    @Test
    void eachKeyHasTheModelOfItsRowsAlone() {
        Dataset<Row> data = dataset(series());
        RnnRegressor regressor =
                regressor().setNumLayers(2).setDropout(0.2).setStandardize(true).setValidationFraction(0.2);
        KeyedModels models = regressor.fitByKey(data, "store", "part");
        assertEquals(List.of("store", "part"), models.keys());
        assertEquals(6, models.size());
        assertEquals(0, models.failures());
        for (Row row : models.results().collectAsList()) {
            RnnRegressorModel alone = regressor.fit(data.where(RnnModel.column("store")
                    .equalTo(row.get(0))
                    .and(RnnModel.column("part").equalTo(row.get(1)))));
            TrainingSummary summary = alone.summary().orElseThrow();
            assertEquals(alone.model().parameterHash(), row.getAs("parameterHash"));
            assertEquals(summary.result().loss(), row.<Double>getAs("loss"));
            assertEquals(summary.result().validation(), row.getJavaMap(row.fieldIndex("validation")));
            assertEquals(summary.sequences(), row.<Long>getAs("sequences"));
            assertEquals(0L, row.<Long>getAs("missingTargets"));
            assertEquals(12L, row.<Long>getAs("iterations"));
            assertEquals("reached max-iter 12", row.getAs("stopReason"));
            assertEquals(
                    alone.model().parameterHash(),
                    models.model(row.get(0), row.get(1)).model().parameterHash());
        }
    }

    @Test
    void partitionsAndOrderOfRowsChangeNothing() {
        List<Row> rows = series();
        Map<String, String> once = hashes(regressor().fitByKey(dataset(rows), "store", "part"));
        java.util.Collections.reverse(rows);
        Map<String, String> again =
                hashes(regressor().setPartitions(1).fitByKey(dataset(rows).coalesce(1), "store", "part"));
        assertEquals(once, again);
    }

    @Test
    void documentsAreStreamsOfTheirKey() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 24; n++) {
            rows.add(RowFactory.create((long) (n % 2), "abc".repeat(3 + n) + "d"));
        }
        Dataset<Row> data = spark.createDataFrame(
                rows, new StructType().add("user", DataTypes.LongType).add("text", DataTypes.StringType));
        RnnLanguageModel model = new RnnLanguageModel()
                .setFeaturesCol("text")
                .setHiddenSize(8)
                .setCarryState(true)
                .setWindow(5)
                .setBatchSize(3)
                .setEpochs(2);
        KeyedModels models = model.fitByKey(data, "user");
        for (long user = 0; user < 2; user++) {
            assertEquals(
                    model.fit(data.where("user = " + user)).model().parameterHash(),
                    models.model(user).model().parameterHash());
        }
    }

    @Test
    void everyRowIsPredictedByTheModelOfItsKey() {
        Dataset<Row> data = dataset(series());
        KeyedModels models = regressor().setPredictionCol("forecast").fitByKey(data, "store");
        models.results().write().parquet(directory.resolve("models").toString());
        KeyedModels read =
                new KeyedModels(spark.read().parquet(directory.resolve("models").toString()));
        List<Row> predicted = read.transform(data).collectAsList();
        assertEquals(90, predicted.size());
        Map<String, Predictor> byStore = new TreeMap<>();
        for (Row row : predicted) {
            Predictor alone = byStore.computeIfAbsent(
                    row.getString(0), store -> models.model(store).local());
            List<Double> steps = row.getList(2);
            float[][] x = new float[steps.size()][];
            for (int t = 0; t < x.length; t++) {
                x[t] = new float[] {steps.get(t).floatValue()};
            }
            assertEquals(alone.predict(x).values()[0], row.<Double>getAs("forecast"));
        }
    }

    @Test
    void classesOfEachKeyAreItsOwn() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            String word = n % 2 == 0 ? "aab" : "bba";
            rows.add(RowFactory.create(n < 30 ? "x" : "y", word, n < 30 ? word : n % 2 == 0 ? "left" : "right"));
        }
        Dataset<Row> data = spark.createDataFrame(
                rows,
                new StructType()
                        .add("k", DataTypes.StringType)
                        .add("features", DataTypes.StringType)
                        .add("label", DataTypes.StringType));
        KeyedModels models = new RnnClassifier()
                .setHiddenSize(8)
                .setStepSize(0.02)
                .setEpochs(40)
                .fitByKey(data, "k");
        for (Row row : models.transform(data).collectAsList()) {
            assertEquals(row.getString(2), row.getAs("prediction"));
            assertEquals(2, row.<Vector>getAs("probability").size());
        }
    }

    @Test
    void rowsToValidateOnAreMarked() {
        Dataset<Row> data =
                dataset(series()).withColumn("late", RnnModel.column("part").equalTo(1));
        RnnRegressor regressor = regressor().setValidationIndicatorCol("late");
        KeyedModels models = regressor.fitByKey(data, "store");
        for (Row row : models.results().collectAsList()) {
            RnnRegressorModel alone =
                    regressor.fit(data.where(RnnModel.column("store").equalTo(row.get(0))));
            assertEquals(alone.model().parameterHash(), row.getAs("parameterHash"));
            assertEquals(
                    alone.summary().orElseThrow().result().validation(), row.getJavaMap(row.fieldIndex("validation")));
        }
    }

    @Test
    void labelsOnlyToValidateOnAreNoClasses() {
        List<Row> rows = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            rows.add(RowFactory.create(n % 2, n % 4 < 2 ? "ab" : "ba", n % 4 < 2 ? "l" : "r", n > 30));
        }
        rows.add(RowFactory.create(1, "cc", "never", true));
        Dataset<Row> data = spark.createDataFrame(
                rows,
                new StructType()
                        .add("k", DataTypes.IntegerType, false)
                        .add("features", DataTypes.StringType)
                        .add("label", DataTypes.StringType)
                        .add("late", DataTypes.BooleanType));
        RnnClassifier classifier = new RnnClassifier()
                .setHiddenSize(4)
                .setMaxIter(5)
                .setValidationIndicatorCol("late")
                .setHandleInvalid("skip");
        KeyedModels models = classifier.fitByKey(data, "k");
        for (int key = 0; key < 2; key++) {
            RnnClassifierModel alone = classifier.fit(data.where("k = " + key));
            assertEquals(
                    alone.model().parameterHash(), models.model(key).model().parameterHash());
        }
        KeyedModels strict = classifier.setHandleInvalid("error").fitByKey(data, "k");
        assertEquals(1, strict.failures());
        assertTrue(
                strict.results().where("k = 1").first().<String>getAs("error").contains("never seen in training"));
    }

    /** Keys that are not nullable, of another integer type, or with metadata; and read again from Parquet. */
    @Test
    void keysOfEveryKindFindTheirModel() {
        Dataset<Row> data = dataset(series())
                .selectExpr("cast(substring(store, 7) as int) as k", "x", "y")
                .withColumn("k", functions.coalesce(RnnModel.column("k"), functions.lit(0)));
        KeyedModels models = regressor().fitByKey(data, "k");
        String path = directory.resolve("kinds").toString();
        models.results().write().parquet(path);
        KeyedModels read = new KeyedModels(spark.read().parquet(path));
        Dataset<Row> wide = data.withColumn(
                "k", RnnModel.column("k").cast("long").as("k", Metadata.fromJson("{\"comment\": \"a key\"}")));
        for (KeyedModels some : List.of(models, read)) {
            assertEquals(90, some.transform(data).count());
            assertEquals(90, some.transform(wide).count());
        }
        KeyedModels twice = new KeyedModels(models.results().union(models.results()));
        assertThrows(IllegalArgumentException.class, () -> twice.model(1));
        KeyedModels none = new KeyedModels(models.results().where("loss < 0"));
        assertThrows(IllegalArgumentException.class, () -> none.transform(data));
    }

    @Test
    void aKeyThatCannotBeTrainedSaysWhyAndTheOthersGoOn() {
        List<Row> rows = series();
        rows.add(RowFactory.create("huge", 0, List.of(1e38, 1e38), 3e38));
        rows.add(RowFactory.create("empty", 0, null, 1.0));
        rows.add(RowFactory.create("store 1", 0, null, 1.0));
        Dataset<Row> data = dataset(rows);
        InputException refused =
                assertThrows(InputException.class, () -> regressor().fitByKey(data, "store"));
        assertTrue(refused.getMessage().contains("2 rows cannot be used"), refused.getMessage());

        KeyedModels models = regressor().setHandleInvalid("skip").fitByKey(data, "store");
        assertEquals(5, models.size());
        assertEquals(2, models.failures());
        Map<String, Row> byStore = new TreeMap<>();
        models.results().collectAsList().forEach(row -> byStore.put(row.getString(0), row));
        assertTrue(
                byStore.get("huge").<String>getAs("error").contains("at iteration 1"),
                byStore.get("huge").toString());
        assertNull(byStore.get("huge").getAs("tensors"));
        assertTrue(
                byStore.get("empty").<String>getAs("error").contains("no usable row"),
                byStore.get("empty").toString());
        assertEquals(
                Map.of("x: null", 1L),
                byStore.get("store 1").getJavaMap(byStore.get("store 1").fieldIndex("skipped")));

        assertEquals(90, models.transform(dataset(rows)).count());
        IllegalArgumentException failed = assertThrows(IllegalArgumentException.class, () -> models.model("huge"));
        assertTrue(failed.getMessage().contains("at iteration 1"), failed.getMessage());
        assertThrows(IllegalArgumentException.class, () -> models.model("nowhere"));
        Dataset<Row> huge = data.where("store = 'huge'");
        TrainingException none =
                assertThrows(TrainingException.class, () -> regressor().fitByKey(huge, "store"));
        assertTrue(none.getMessage().startsWith("none of 1 keys could be trained"), none.getMessage());
    }

    @Test
    void whatCannotBeAKeyIsRefused() {
        Dataset<Row> data = dataset(series());
        assertThrows(IllegalArgumentException.class, () -> regressor().fitByKey(data));
        InputException missing =
                assertThrows(InputException.class, () -> regressor().fitByKey(data, "shop"));
        assertTrue(missing.getMessage().contains("shop"), missing.getMessage());
        assertThrows(InputException.class, () -> regressor().fitByKey(data, "store", "store"));
        assertThrows(
                IllegalArgumentException.class, () -> regressor().setPatience(2).fitByKey(data, "store"));
        assertThrows(
                InputException.class, () -> regressor().fitByKey(data.withColumnRenamed("store", "Steps"), "Steps"));
        InputException taken = assertThrows(
                InputException.class, () -> regressor().fitByKey(data.withColumnRenamed("store", "loss"), "loss"));
        assertTrue(taken.getMessage().contains("loss"), taken.getMessage());
    }
}
