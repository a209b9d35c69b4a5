package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.InputException;
import dev.unroll.model.Prediction;
import dev.unroll.model.Predictor;
import dev.unroll.spark.rows.UsedRows;
import dev.unroll.spark.source.FileSource;
import dev.unroll.testing.SparkTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SparkTest
class PredictRowsTest {

    private static final StructType SCHEMA = StructType.fromDDL("n long, x string, y string");

    @TempDir
    private Path directory;

    private static SparkSession spark;
    private static JavaSparkContext context;
    private static RnnClassifierModel model;

    /** More of them than are predicted together; each 100th is no text. */
    private static List<Row> rows(int count) {
        Random random = new Random(3);
        List<Row> rows = new ArrayList<>();
        for (long n = 0; n < count; n++) {
            StringBuilder text = new StringBuilder();
            for (int t = random.nextInt(30); t >= 0; t--) {
                text.append((char) ('a' + random.nextInt(20)));
            }
            rows.add(RowFactory.create(
                    n, n % 100 == 99 ? null : text.toString(), text.length() % 2 == 0 ? "even" : "odd"));
        }
        return rows;
    }

    @BeforeAll
    static void train() {
        context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        model = new RnnClassifier()
                .setFeaturesCol("x")
                .setLabelCol("y")
                .setHiddenSize(5)
                .setMaxIter(2)
                .setHandleInvalid("skip")
                .fit(spark.createDataFrame(rows(200), SCHEMA));
    }

    @Test
    void rowsTogether_areInTheirOrderAndThoseOfThePredictor() {
        Predictor alone = model.local();
        List<Row> found = model.transform(spark.createDataFrame(context.parallelize(rows(3000), 1), SCHEMA))
                .collectAsList();
        assertEquals(2970, found.size());
        long before = -1;
        for (Row row : found) {
            assertEquals(true, row.getLong(0) > before);
            before = row.getLong(0);
            Prediction expected = alone.predict(row.getString(1));
            Vector probability = row.getAs("probability");
            for (int c = 0; c < 2; c++) {
                assertEquals(expected.values()[c], (float) probability.apply(c));
            }
            assertEquals(alone.label(expected, 0), row.getAs("prediction"));
        }
    }

    private static UsedRows counter() {
        UsedRows used = new UsedRows();
        spark.sparkContext().register(used);
        return used;
    }

    @Test
    void counts_comeWithTheRowsInOneStageAndNothingIsKept() {
        Dataset<Row> rows = spark.createDataFrame(context.parallelize(rows(3000), 4), SCHEMA);
        UsedRows used = counter();
        context.setJobGroup("predict", "one look");
        model.transform(rows, used).write().format("noop").mode("overwrite").save();
        context.clearJobGroup();
        assertEquals(2970, used.usable());
        assertEquals(Map.of("x: null", 30L), used.skipped());
        used.requireUsable(rows, true);
        int[] jobs = context.statusTracker().getJobIdsForGroup("predict");
        assertEquals(1, jobs.length);
        SparkJobInfo job = context.statusTracker().getJobInfo(jobs[0]);
        assertEquals(1, job.stageIds().length, "a second stage would be a shuffle");
        assertEquals(0, context.getPersistentRDDs().size());
    }

    @Test
    void firstBadRow_isTheFirstByItsPlace() throws IOException {
        Files.writeString(directory.resolve("a.csv"), "x,z\n" + "ab,1\n".repeat(10) + ",2\n" + "abc\n");
        Files.writeString(directory.resolve("b.csv"), "x,z\n" + ",3\n" + "ab,4\n".repeat(20));
        spark.conf().set("spark.sql.files.maxPartitionBytes", "40");
        spark.conf().set("spark.sql.files.openCostInBytes", "1");
        try {
            Dataset<Row> rows = new FileSource("csv", Map.of()).read(spark, directory.toString(), List.of("x"));
            String expected = directory.resolve("a.csv") + ", line 12: column x: null, value null"
                    + "; 3 rows cannot be used: {malformed line: too few columns=1, x: null=2}"
                    + " (handle-invalid skip leaves such rows out and counts them)";
            for (Dataset<Row> order : List.of(
                    rows, rows.repartition(5), rows.orderBy(rows.col("x").desc()))) {
                UsedRows used = counter();
                List<Row> found = model.transform(order, used).collectAsList();
                assertEquals(30, found.size());
                assertEquals(30, used.usable());
                assertEquals(
                        List.of("x", "z", "prediction", "probability", "rawPrediction"),
                        List.of(found.get(0).schema().fieldNames()));
                assertEquals(
                        expected,
                        assertThrows(InputException.class, () -> used.requireUsable(order, false))
                                .getMessage());
            }
        } finally {
            spark.conf().unset("spark.sql.files.maxPartitionBytes");
            spark.conf().unset("spark.sql.files.openCostInBytes");
        }
    }
}
