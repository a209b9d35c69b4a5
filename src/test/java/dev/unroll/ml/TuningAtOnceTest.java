package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.testing.SparkTest;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Trainings that each want all slots, at once in one application, end and give the models that they give alone. */
@Tag("slow")
@SparkTest
@Timeout(300)
class TuningAtOnceTest {

    private static CrossValidatorModel tuned(SparkSession spark, int atOnce) {
        RnnRegressor regressor = new RnnRegressor("tuned")
                .setFeaturesCol("name")
                .setLabelCol("number")
                .setHiddenSize(4)
                .setMaxIter(60)
                .setBatchSize(16)
                .setEngine("spark");
        ParamMap[] grid = new ParamGridBuilder()
                .addGrid(regressor.stepSize(), new double[] {0.001, 0.003, 0.01, 0.03})
                .build();
        return new CrossValidator()
                .setEstimator(regressor)
                .setEvaluator(new RegressionEvaluator().setLabelCol("number"))
                .setEstimatorParamMaps(grid)
                .setNumFolds(2)
                .setSeed(3)
                .setParallelism(atOnce)
                .fit(spark.sql("select concat('n', id * id) as name, double(id % 7) as number from range(200)"));
    }

    @Test
    void crossValidator_inParallel_givesTheSameModels(SparkSession spark) {
        CrossValidatorModel alone = tuned(spark, 1);
        CrossValidatorModel atOnce = tuned(spark, 4);
        assertArrayEquals(alone.avgMetrics(), atOnce.avgMetrics());
        assertEquals(
                ((RnnRegressorModel) alone.bestModel()).model().parameterHash(),
                ((RnnRegressorModel) atOnce.bestModel()).model().parameterHash());
    }
}
