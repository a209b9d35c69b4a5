package dev.unroll.ml;

import dev.unroll.model.Model;
import org.apache.spark.ml.util.MLReader;

/** A trained classifier: adds the most probable label, and the probability of every label in ascending order of labels. */
public final class RnnClassifierModel extends RnnModel<RnnClassifierModel> {

    private static final long serialVersionUID = 1L;

    /** For {@link java.util.ServiceLoader}, by which Spark Connect finds out what may be loaded; it holds no network. */
    public RnnClassifierModel() {
        this("rnnClassifierModel", null);
    }

    RnnClassifierModel(String uid, Model model) {
        super(uid, model);
    }

    @Override
    RnnClassifierModel newInstance() {
        return new RnnClassifierModel(uid(), model());
    }

    public static MLReader<RnnClassifierModel> read() {
        return new RnnModelReader<>(RnnClassifierModel.class, RnnClassifierModel::new);
    }

    public static RnnClassifierModel load(String path) {
        return read().load(path);
    }
}
