package dev.unroll.ml;

import dev.unroll.fit.Trained;
import dev.unroll.nn.LearningTask;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;

/**
 * Predicts the next token at every step: characters or words of documents, between end marks. Trains a recurrent network of
 * any {@code cell} by full back-propagation through time.
 *
 * <p>Labels: none: the labels are the next tokens. Same rows, Params and seed give the same parameters to the bit, whatever the cluster.
 */
public final class RnnLanguageModel extends RnnEstimator<RnnLanguageModel, RnnLanguageModelModel> {

    private static final long serialVersionUID = 1L;

    public RnnLanguageModel() {
        this(Identifiable$.MODULE$.randomUID("rnnLanguageModel"));
    }

    public RnnLanguageModel(String uid) {
        super(uid);
    }

    @Override
    LearningTask task() {
        return LearningTask.LANGUAGE_MODEL;
    }

    @Override
    RnnLanguageModelModel stage(String uid, Trained trained) {
        return new RnnLanguageModelModel(uid, trained.model()).withSummary(trained.summary());
    }

    public static MLReader<RnnLanguageModel> read() {
        return StageFiles.reader(RnnLanguageModel.class, RnnLanguageModel::new);
    }

    public static RnnLanguageModel load(String path) {
        return read().load(path);
    }
}
