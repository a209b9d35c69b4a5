package dev.unroll.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnClassifierModel;
import dev.unroll.testing.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics as a sink of Spark writes them. */
class TrainingMetricsTest {

    private static final int UPDATES = 7;
    private static final int BATCH = 10;

    @TempDir
    Path directory;

    @AfterEach
    void stopSpark() {
        TestSpark.stop();
    }

    @Test
    void aSinkHasTheLatestUpdateAndTheSumsOfAllTrainings() throws IOException {
        SparkSession spark = TestSpark.session(Map.of(
                "spark.metrics.conf.driver.sink.csv.class",
                "org.apache.spark.metrics.sink.CsvSink",
                "spark.metrics.conf.driver.sink.csv.period",
                "3600",
                "spark.metrics.conf.driver.sink.csv.directory",
                directory.toString()));
        classifier().fit(TrainingTabTest.rows(spark));
        RnnClassifierModel model = classifier().setStepSize(0.02).fit(TrainingTabTest.rows(spark));
        SparkEnv.get().metricsSystem().report();

        double[] losses = model.summary().orElseThrow().objectiveHistory();
        assertEquals(losses[losses.length - 1], value("loss", 1));
        assertEquals(0.02, value("stepSize", 1));
        assertTrue(value("gradientNorm", 1) > 0);
        assertTrue(value("balance", 1) >= 1);
        assertEquals(0, value("fallbacks", 1));
        assertTrue(value("updatesPerJob", 1) > 0);
        assertEquals(2 * UPDATES * BATCH, value("sequences", 1));
        assertTrue(value("steps", 1) > 2 * UPDATES * BATCH);
        for (String timer :
                List.of("iteration", "phase.broadcast", "phase.compute", "phase.wait", "phase.merge", "phase.update")) {
            assertEquals(2 * UPDATES, value(timer, 1), timer);
        }
        double longest = value("iteration", 2); // ms
        assertTrue(longest > 0 && longest < 600_000, "longest iteration: " + longest);
    }

    /** What the sink has written last, in that column. */
    private double value(String metric, int column) throws IOException {
        try (var files = Files.list(directory)) {
            Path file = files.filter(
                            path -> path.getFileName().toString().endsWith(".driver.unroll." + metric + ".csv"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no file of the metric " + metric));
            List<String> lines = Files.readAllLines(file);
            return Double.parseDouble(lines.get(lines.size() - 1).split(",")[column]);
        }
    }

    private static RnnClassifier classifier() {
        return new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(8)
                .setEmbeddingSize(4)
                .setBatchSize(BATCH)
                .setEngine("spark")
                .setMaxIter(UPDATES);
    }
}
