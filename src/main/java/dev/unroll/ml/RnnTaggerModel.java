package dev.unroll.ml;

import dev.unroll.model.Model;
import org.apache.spark.ml.util.MLReader;

/** A trained tagger: adds the most probable label of each step, and the probabilities of every label at each step. */
public final class RnnTaggerModel extends RnnModel<RnnTaggerModel> {

    private static final long serialVersionUID = 1L;

    /** For {@link java.util.ServiceLoader}, by which Spark Connect finds out what may be loaded; it holds no network. */
    public RnnTaggerModel() {
        this("rnnTaggerModel", null);
    }

    RnnTaggerModel(String uid, Model model) {
        super(uid, model);
    }

    @Override
    RnnTaggerModel newInstance() {
        return new RnnTaggerModel(uid(), model());
    }

    public static MLReader<RnnTaggerModel> read() {
        return new RnnModelReader<>(RnnTaggerModel.class, RnnTaggerModel::new);
    }

    public static RnnTaggerModel load(String path) {
        return read().load(path);
    }
}
