package dev.unroll.ml;

import dev.unroll.fit.Trained;
import dev.unroll.nn.LearningTask;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;

/**
 * Classifies sequences: a softmax over the labels on the last state. Trains a recurrent network of
 * any {@code cell} by full back-propagation through time.
 *
 * <p>Labels: one label per sequence: string, boolean or number. Same rows, Params and seed give the same parameters to the bit, whatever the cluster.
 */
public final class RnnClassifier extends RnnEstimator<RnnClassifier, RnnClassifierModel> {

    private static final long serialVersionUID = 1L;

    public RnnClassifier() {
        this(Identifiable$.MODULE$.randomUID("rnnClassifier"));
    }

    public RnnClassifier(String uid) {
        super(uid);
    }

    @Override
    LearningTask task() {
        return LearningTask.CLASSIFICATION;
    }

    @Override
    RnnClassifierModel stage(String uid, Trained trained) {
        return new RnnClassifierModel(uid, trained.model()).withSummary(trained.summary());
    }

    public static MLReader<RnnClassifier> read() {
        return StageFiles.reader(RnnClassifier.class, RnnClassifier::new);
    }

    public static RnnClassifier load(String path) {
        return read().load(path);
    }
}
