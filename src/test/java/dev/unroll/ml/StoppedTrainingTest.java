package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.testing.SparkTest;
import dev.unroll.train.StopSwitch;
import dev.unroll.train.TrainingException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training that somebody ends: by its switch after an update, by cancelling a job in one sentence. */
@SparkTest
class StoppedTrainingTest {

    @TempDir
    static Path directory;

    private static Dataset<Row> names(SparkSession spark) {
        return spark.sql("select 'anna' as name, 'F' as sex union all select 'otto', 'M'");
    }

    private static RnnClassifier classifier() {
        return new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(4)
                .setMaxIter(1_000_000);
    }

    @ParameterizedTest
    @CsvSource({"spark", "local"})
    void switch_endsAfterTheUpdate_withACheckpoint(String engine, SparkSession spark) {
        String checkpoints = directory.resolve(engine).toString();
        StopSwitch stop = new StopSwitch();
        RnnClassifier classifier = classifier().setEngine(engine).setCheckpointDir(checkpoints);
        classifier.addListener(report -> {
            if (report.iteration() == 3) {
                stop.stop("by hand");
            }
        });
        classifier.addListener(stop);
        TrainingException stopped = assertThrows(TrainingException.class, () -> classifier.fit(names(spark)));
        assertEquals("stopped by hand after iteration 3 of 1000000", stopped.getMessage());
        assertTrue(stop.hasUpdated());
        RnnClassifier longer = classifier().setMaxIter(7);
        assertEquals(
                longer.fit(names(spark)).model().parameterHash(),
                longer.setCheckpointDir(checkpoints)
                        .setResume(true)
                        .fit(names(spark))
                        .model()
                        .parameterHash());
    }

    @ParameterizedTest
    @CsvSource({"all", "group", "tag", "stages"})
    void cancelledJob_isOneSentence(String what, SparkSession spark) throws InterruptedException {
        SparkContext context = spark.sparkContext();
        AtomicBoolean trains = new AtomicBoolean();
        AtomicBoolean ended = new AtomicBoolean();
        RnnClassifier classifier = classifier().setEngine("spark").addListener(report -> trains.set(true));
        Thread canceller = new Thread(() -> {
            while (!ended.get()) { // a cancellation between two jobs meets none
                if (trains.get()) {
                    switch (what) {
                        case "all" -> context.cancelAllJobs();
                        case "group" -> context.cancelJobGroup("mine");
                        case "tag" -> context.cancelJobsWithTag("mine");
                        default -> {
                            for (int stage : context.statusTracker().getActiveStageIds()) {
                                context.cancelStage(stage, "killed via the Web UI");
                            }
                        }
                    }
                }
                Thread.onSpinWait();
            }
        });
        canceller.setDaemon(true);
        context.setJobGroup("mine", "a training", false);
        context.addJobTag("mine");
        canceller.start();
        try {
            TrainingException stopped = assertThrows(TrainingException.class, () -> classifier.fit(names(spark)));
            assertTrue(
                    stopped.getMessage()
                            .matches(
                                    "stopped after iteration \\d+, since a job of it was cancelled: Job \\d+ cancelled [^\\n\\[]+"),
                    stopped.getMessage());
        } finally {
            ended.set(true);
            canceller.join();
            context.removeJobTag("mine");
            context.clearJobGroup();
        }
    }

    @Test
    void otherFailures_areWhatTheyWere(SparkSession spark) {
        IllegalStateException failure = new IllegalStateException("Job 3 cancelled is what I say");
        RnnClassifier classifier = classifier().addListener(report -> {
            throw failure;
        });
        assertEquals(failure, assertThrows(IllegalStateException.class, () -> classifier.fit(names(spark))));
    }
}
