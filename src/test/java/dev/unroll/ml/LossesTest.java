package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.math.CounterRandom;
import dev.unroll.testing.Shuffled;
import dev.unroll.testing.SparkTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The key {@code loss}, from a table to predictions: whatever the partitions, stopped and resumed, by key, and without Spark. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class LossesTest {

    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("y", DataTypes.DoubleType);

    private static final List<String> LIKELIHOODS = List.of("gaussian", "student-t");

    private static SparkSession session;
    private static List<Row> rows;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeRows(SparkSession spark) {
        session = spark;
        rows = new ArrayList<>();
        for (int n = 0; n < 80; n++) {
            CounterRandom random = new CounterRandom(11, n);
            List<Double> x = new ArrayList<>();
            for (int t = 0; t < 2 + n % 4; t++) {
                x.add(10 * random.normal(t));
            }
            rows.add(RowFactory.create(n % 2, x, 500 + 3 * x.get(0) + 20 * random.normal(-1)));
        }
    }

    private static Dataset<Row> data(int partitions) {
        return Shuffled.rows(session, rows, SCHEMA, partitions);
    }

    private static RnnRegressor regressor(String loss) {
        return new RnnRegressor()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setLoss(loss)
                .setStandardize(true)
                .setHiddenSize(5)
                .setBatchSize(16)
                .setNumShards(4)
                .setMaxIter(8)
                .setEngine("local");
    }

    private static String hash(RnnRegressorModel model) {
        return model.model().parameterHash();
    }

    @ParameterizedTest
    @ValueSource(strings = {"squared", "absolute", "huber", "quantile:0.1,0.4,0.9", "gaussian", "student-t"})
    void bits_areTheSame_whateverTheWay(String loss) throws Exception {
        SameBits.whateverTheWay(() -> regressor(loss), LossesTest::data, directory);

        RnnRegressorModel model = regressor(loss).fit(data(1));
        model.save(directory.resolve("model").toString());
        RnnRegressorModel loaded =
                RnnRegressorModel.load(directory.resolve("model").toString());
        Dataset<Row> one = data(1).orderBy("y").limit(1);
        Row row = loaded.transform(one).first();
        double[][] steps = row.<Double>getList(row.fieldIndex("x")).stream()
                .map(number -> new double[] {number})
                .toArray(double[][]::new);
        assertEquals(
                row.<Double>getAs("prediction"), model.local().predict(steps).numbers()[0]);
        boolean quantiles = loss.startsWith("quantile") || LIKELIHOODS.contains(loss);
        assertEquals(quantiles, List.of(row.schema().fieldNames()).contains("quantiles"));
        if (quantiles) {
            assertArrayEquals(
                    row.<Vector>getAs("quantiles").toArray(),
                    model.local().predict(steps).quantiles());
        }
        double[] distribution = model.local().predict(steps).distribution();
        assertEquals(distribution.length > 0, LIKELIHOODS.contains(loss));
        if (distribution.length > 0) {
            assertArrayEquals(distribution, row.<Vector>getAs("distribution").toArray());
        }
    }

    /** By the rows that transform writes: means over them, of quantiles in the units of the labels. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {"0.1,0.5,0.9 none", "0.1,0.8 standard", "0.5 standard", "0.2,0.3,0.9 window"})
    void metrics_areThoseOfTheQuantilesThatRowsHave(String levels, String scale) {
        RnnRegressorModel model = regressor("quantile:" + levels)
                .setStandardize(scale.equals("standard"))
                .setScale(scale)
                .setQuantilesCol("q")
                .setValidationIndicatorCol("held")
                .fit(data(2).withColumn("held", functions.col("k").equalTo(1)));
        double[] q = Arrays.stream(levels.split(","))
                .mapToDouble(Double::parseDouble)
                .toArray();
        double pinball = 0;
        double covered = 0;
        double absolute = 0;
        List<Row> predicted = model.transform(data(3).where("k = 1")).collectAsList();
        for (Row row : predicted) {
            double y = row.getAs("y");
            double[] quantiles = row.<Vector>getAs("q").toArray();
            assertEquals(q.length, quantiles.length);
            for (int k = 0; k < q.length; k++) {
                assertTrue(k == 0 || quantiles[k] >= quantiles[k - 1], row.toString());
                pinball += Math.max(q[k] * (y - quantiles[k]), (q[k] - 1) * (y - quantiles[k])) / q.length;
            }
            covered += quantiles[0] <= y && y <= quantiles[q.length - 1] ? 1 : 0;
            double median = quantiles[q.length > 1 ? 1 : 0]; // of these levels
            assertEquals(median, row.<Double>getAs("prediction"));
            absolute += Math.abs(y - median);
        }
        Map<String, Double> metrics = model.summary().orElseThrow().result().validation();
        assertEquals(pinball / predicted.size(), metrics.get("pinballLoss"), 1e-9 * pinball);
        assertEquals(absolute / predicted.size(), metrics.get("meanAbsoluteError"), 1e-9 * absolute);
        if (q.length == 1) {
            assertFalse(metrics.containsKey("coverage"));
        } else {
            assertEquals(covered / predicted.size(), metrics.get("coverage"), 1e-12);
        }
    }

    /**
     * By the rows that transform writes: minus the log of their densities, in which a label is so many deviations of the scaling. So the
     * loss is that of the data less the logarithm of the deviation.
     */
    @ParameterizedTest
    @CsvSource({"gaussian, none", "gaussian, standard", "student-t, none", "student-t, standard"})
    void loss_isOfTheDistributionsThatRowsHave(String loss, String scale) {
        RnnRegressorModel model = regressor(loss)
                .setStandardize(scale.equals("standard"))
                .setScale(scale)
                .setValidationIndicatorCol("held")
                .fit(data(2).withColumn("held", functions.col("k").equalTo(1)));
        double unit = model.model().scaling().targets().deviation(0);
        double likelihood = 0;
        List<Row> predicted = model.transform(data(3).where("k = 1")).collectAsList();
        for (Row row : predicted) {
            double[] parameters = row.<Vector>getAs("distribution").toArray();
            assertEquals(parameters[0], row.<Double>getAs("prediction"));
            likelihood -= logDensity(row.<Double>getAs("y"), parameters) + Math.log(unit);
        }
        Map<String, Double> metrics = model.summary().orElseThrow().result().validation();
        assertEquals(likelihood / predicted.size(), metrics.get("loss"), 1e-5 * Math.abs(metrics.get("loss")));
    }

    private static double logDensity(double y, double... p) {
        return p.length == 2
                ? new NormalDistribution(p[0], p[1]).logDensity(y)
                : new TDistribution(p[2]).logDensity((y - p[0]) / p[1]) - Math.log(p[1]);
    }

    /** Of a constant input the distribution that labels are most probable by: more than by the one they were drawn from. */
    @ParameterizedTest
    @CsvSource({"gaussian, 1000", "student-t, 4"})
    void distribution_isTheMostProbableOne(String loss, double freedom) {
        List<Row> drawn = new ArrayList<>();
        double[] labels = new double[1000];
        for (int n = 0; n < labels.length; n++) {
            CounterRandom random = new CounterRandom(9, n);
            double squares = 0;
            for (int k = 1; k <= freedom; k++) {
                squares += random.normal(k) * random.normal(k);
            }
            labels[n] = 500 + 20 * random.normal(0) / Math.sqrt(squares / freedom);
            drawn.add(RowFactory.create(0, List.of(1.0), labels[n]));
        }
        RnnRegressorModel model = regressor(loss)
                .setBatchSize(0)
                .setStepSize(0.02)
                .setMaxIter(600)
                .setSchedule("linear")
                .fit(session.createDataFrame(drawn, SCHEMA));
        double[] found = model.local().predict(new double[][] {{1}}).distribution();
        double[] truth = loss.equals("gaussian") ? new double[] {500, 20} : new double[] {500, 20, freedom};
        double gain = 0;
        for (double y : labels) {
            gain += logDensity(y, found) - logDensity(y, truth);
        }
        assertTrue(gain > 0 && gain < 10, "a gain of " + gain + " by " + Arrays.toString(found));
        assertEquals(500, found[0], 2);
        assertEquals(20, found[1], 2);
        if (loss.equals("gaussian")) {
            assertEquals(Arrays.stream(labels).average().orElseThrow(), found[0], 0.02);
        } else {
            assertEquals(freedom, found[2], 2);
        }
    }

    /** Of a constant input the quantiles of the labels: 1 to 100, and ten times as much of a second number, with steps of both. */
    @Test
    void quantiles_areThoseOfTheLabels() {
        Dataset<Row> even = session.range(1, 101)
                .select(
                        functions.array(functions.lit(1.0), functions.lit(1.0)).as("x"),
                        functions
                                .array(
                                        functions.array(
                                                functions.col("id").cast("double"),
                                                functions.col("id").multiply(-10.0)),
                                        functions.array(
                                                functions.col("id").cast("double"),
                                                functions.col("id").multiply(-10.0)))
                                .as("y"));
        RnnRegressorModel model = regressor("quantile:0.1,0.5,0.8")
                .setBatchSize(0)
                .setStepSize(0.02)
                .setMaxIter(1500)
                .setSchedule("linear")
                .fit(even);
        Row row = model.transform(even).first();
        List<Vector> quantiles = row.getList(row.fieldIndex("quantiles"));
        List<Vector> predictions = row.getList(row.fieldIndex("prediction"));
        assertEquals(2, quantiles.size());
        for (int t = 0; t < 2; t++) {
            assertArrayEquals(
                    new double[] {10.5, 50.5, 80.5, -900, -500, -200},
                    quantiles.get(t).toArray(),
                    25,
                    "step " + t);
            assertArrayEquals(
                    new double[] {quantiles.get(t).apply(1), quantiles.get(t).apply(4)},
                    predictions.get(t).toArray());
        }
    }

    /** A saved estimator is a file like any other: what is false in it is refused with the file and the level. */
    @Test
    void savedLevels_thatAreFalse_areRefusedByName() throws Exception {
        Path saved = directory.resolve("estimator");
        regressor("quantile:0.2,0.7").save(saved.toString());
        RnnRegressor loaded = RnnRegressor.load(saved.toString());
        assertEquals("quantile:0.2,0.7", loaded.getOrDefault(loaded.loss()));
        Path metadata = saved.resolve("metadata/part-00000");
        Files.deleteIfExists(saved.resolve("metadata/.part-00000.crc"));
        Files.writeString(metadata, Files.readString(metadata).replace("quantile:0.2,0.7", "quantile:0.7,0.2"));
        Exception e = assertThrows(Exception.class, () -> RnnRegressor.load(saved.toString()));
        assertTrue(
                e.getMessage().contains("part-00000: Param loss: quantiles have the level 0.2 after 0.7"), e::toString);
    }

    @Test
    void quantilesColumn_thatIsThere_isRefused() {
        RnnRegressorModel model = regressor("quantile:0.2,0.7").setMaxIter(1).fit(data(1));
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> model.setQuantilesCol("k").transform(data(1)));
        assertEquals("quantiles-col is k, and the dataset has a column of that name already", e.getMessage());
        IllegalArgumentException level =
                assertThrows(IllegalArgumentException.class, () -> regressor("quantile:0.2,1.7"));
        assertTrue(level.getMessage().contains("the level 1.7"), level.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"absolute", "huber", "quantile:0.1,0.9", "gaussian", "student-t"})
    void fitByKey_hasTheBitsOfFit(String loss) {
        KeyedModels models = regressor(loss).fitByKey(data(3), "k");
        String expected = hash(regressor(loss).fit(data(1).where("k = 1")));
        assertEquals(expected, hash((RnnRegressorModel) models.model(1)));
    }

    /** Of a constant input the mean, the median, and between them: targets are 0 four times in five, and 10. */
    @ParameterizedTest
    @CsvSource({
        "squared, 2.0, 0.05",
        "absolute, 0.0, 0.3",
        "huber, 0.25, 0.05",
        "quantile:0.7, 0.0, 0.3",
        "quantile:0.9, 10.0, 0.3",
        "gaussian, 2.0, 0.05"
    })
    void predictions_areWhatTheLossIsLeastAt(String loss, double expected, double tolerance) {
        Dataset<Row> skewed = session.range(50)
                .select(
                        functions.array(functions.lit(1.0)).as("x"),
                        functions
                                .when(functions.col("id").mod(5).equalTo(0), 10.0)
                                .otherwise(0.0)
                                .as("y"));
        RnnRegressorModel model = regressor(loss)
                .setStandardize(false)
                .setBatchSize(0)
                .setStepSize(0.02)
                .setMaxIter(1500)
                .setSchedule("linear")
                .fit(skewed);
        assertEquals(expected, model.local().predict(new double[][] {{1}}).numbers()[0], tolerance);
    }

    @Test
    void loss_ofAnotherTask_isRefused() {
        RnnClassifier classifier =
                new RnnClassifier().setFeaturesCol("x").setLabelCol("y").setLoss("absolute");
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> classifier.fit(data(1)));
        assertEquals(
                "loss is absolute, and task is classification; allowed are softmax, binary and multi-label",
                e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> regressor("softmax").fit(data(1)));
        assertThrows(IllegalArgumentException.class, () -> regressor("median"));
    }
}
