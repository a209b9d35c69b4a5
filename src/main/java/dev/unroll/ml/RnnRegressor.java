package dev.unroll.ml;

import dev.unroll.fit.Trained;
import dev.unroll.nn.LearningTask;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;

/**
 * Predicts numbers: a linear map and the squared error or another {@code loss}, on the last state (a number or a vector per sequence) or on
 * every state (an array of numbers or of arrays). Trains a recurrent network of
 * any {@code cell} by full back-propagation through time.
 *
 * <p>Labels: numbers to hit. Same rows, Params and seed give the same parameters to the bit, whatever the cluster.
 */
public final class RnnRegressor extends RnnEstimator<RnnRegressor, RnnRegressorModel> {

    private static final long serialVersionUID = 1L;

    public RnnRegressor() {
        this(Identifiable$.MODULE$.randomUID("rnnRegressor"));
    }

    public RnnRegressor(String uid) {
        super(uid);
    }

    @Override
    LearningTask task() {
        return LearningTask.REGRESSION;
    }

    @Override
    RnnRegressorModel stage(String uid, Trained trained) {
        return new RnnRegressorModel(uid, trained.model()).withSummary(trained.summary());
    }

    public static MLReader<RnnRegressor> read() {
        return StageFiles.reader(RnnRegressor.class, RnnRegressor::new);
    }

    public static RnnRegressor load(String path) {
        return read().load(path);
    }
}
