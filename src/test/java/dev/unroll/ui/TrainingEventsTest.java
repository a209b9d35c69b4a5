package dev.unroll.ui;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.data.Scaling;
import dev.unroll.data.ShardPlan;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.testing.SparkTest;
import dev.unroll.train.StopRequest;
import dev.unroll.train.TrainingException;
import dev.unroll.worker.Problem;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class TrainingEventsTest {

    /** A null stands for a Spark whose UI and bus are not those that are known. */
    @Test
    void contextThatGivesNeitherUiNorBus_costsNoTraining() {
        NetworkSpec spec = new NetworkSpec(new NetworkSpec.Dense(2), "gru", "tanh", 5, new HeadSpec(3, false));
        Problem problem = Problem.of(spec, LearningTask.CLASSIFICATION, new LossSpec(LossReduction.STEP), Scaling.NONE);
        TrainingEvents events = new TrainingEvents(null);
        assertDoesNotThrow(() -> events.begin("name", problem, new ShardPlan(1, 2, 10, 4)));
        assertDoesNotThrow(() -> events.end("over"));
    }

    @SparkTest
    @Test
    void trainingThatIsStopped_saysWhyAndWhere(SparkSession spark) throws Exception {
        Runs runs = new Runs();
        spark.sparkContext().addSparkListener(runs);
        RnnClassifier classifier = new RnnClassifier()
                .setFeaturesCol("name")
                .setLabelCol("sex")
                .setHiddenSize(4)
                .setMaxIter(9)
                .addListener(report -> {
                    if (report.iteration() == 3) {
                        throw new StopRequest("by hand");
                    }
                });
        assertThrows(
                TrainingException.class,
                () -> classifier.fit(spark.sql("select 'anna' as name, 'F' as sex union all select 'otto', 'M'")));
        spark.sparkContext().listenerBus().waitUntilEmpty();
        spark.sparkContext().removeSparkListener(runs);
        assertEquals(
                "stopped by hand after iteration 3 of 9", runs.runs().get(0).status());
    }
}
