package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.math.CounterRandom;
import dev.unroll.testing.SparkTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
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
import org.junit.jupiter.params.provider.ValueSource;

/** The key {@code loss}, from a table to predictions: whatever the partitions, stopped and resumed, by key, and without Spark. */
@Tag("slow")
@SparkTest(settings = "spark.sql.shuffle.partitions=1")
class LossesTest {

    private static final StructType SCHEMA = new StructType()
            .add("k", DataTypes.IntegerType)
            .add("x", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("y", DataTypes.DoubleType);

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
        List<Row> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(partitions));
        return session.createDataFrame(shuffled, SCHEMA).repartition(partitions);
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
    @ValueSource(strings = {"squared", "absolute", "huber"})
    void bits_areTheSame_whateverTheWay(String loss) throws Exception {
        String expected = hash(regressor(loss).fit(data(1)));
        assertEquals(
                expected,
                hash(regressor(loss).setEngine("spark").setPartitions(3).fit(data(5))));

        String checkpoints = directory.resolve("checkpoints").toString();
        regressor(loss).setMaxIter(3).setCheckpointDir(checkpoints).fit(data(1));
        assertEquals(
                expected,
                hash(regressor(loss)
                        .setCheckpointDir(checkpoints)
                        .setResume(true)
                        .fit(data(2))));

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
    }

    @ParameterizedTest
    @ValueSource(strings = {"absolute", "huber"})
    void fitByKey_hasTheBitsOfFit(String loss) {
        KeyedModels models = regressor(loss).fitByKey(data(3), "k");
        String expected = hash(regressor(loss).fit(data(1).where("k = 1")));
        assertEquals(expected, hash((RnnRegressorModel) models.model(1)));
    }

    /** Of a constant input the mean, the median, and between them: targets are 0 four times in five, and 10. */
    @ParameterizedTest
    @org.junit.jupiter.params.provider.CsvSource({"squared, 2.0, 0.05", "absolute, 0.0, 0.3", "huber, 0.25, 0.05"})
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
        assertEquals("loss is absolute, and task is classification; allowed is softmax", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> regressor("softmax").fit(data(1)));
        assertThrows(IllegalArgumentException.class, () -> regressor("median"));
    }
}
