package dev.unroll.ml;

import dev.unroll.fit.Trained;
import dev.unroll.nn.LearningTask;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;

/**
 * Tags steps: a softmax over the labels on every state. Trains a recurrent network of
 * any {@code cell} by full back-propagation through time.
 *
 * <p>Labels: an array with one label per step. Same rows, Params and seed give the same parameters to the bit, whatever the cluster.
 */
public final class RnnTagger extends RnnEstimator<RnnTagger, RnnTaggerModel> {

    private static final long serialVersionUID = 1L;

    public RnnTagger() {
        this(Identifiable$.MODULE$.randomUID("rnnTagger"));
    }

    public RnnTagger(String uid) {
        super(uid);
    }

    @Override
    LearningTask task() {
        return LearningTask.TAGGING;
    }

    @Override
    RnnTaggerModel stage(String uid, Trained trained) {
        return new RnnTaggerModel(uid, trained.model()).withSummary(trained.summary());
    }

    public static MLReader<RnnTagger> read() {
        return StageFiles.reader(RnnTagger.class, RnnTagger::new);
    }

    public static RnnTagger load(String path) {
        return read().load(path);
    }
}
