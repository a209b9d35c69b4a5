package dev.unroll.ml;

import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;

/**
 * Predicts the next token at every step: characters or words of documents, between end marks. Trains an Elman network, an
 * LSTM or a GRU by full back-propagation through time.
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
    RnnLanguageModelModel stage(String uid, Model trained, TrainingSummary summary) {
        return new RnnLanguageModelModel(uid, trained).withSummary(summary);
    }

    public static MLReader<RnnLanguageModel> read() {
        return new DefaultParamsReader<>();
    }

    public static RnnLanguageModel load(String path) {
        return read().load(path);
    }
}
