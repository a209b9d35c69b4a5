package dev.unroll.ml;

import dev.unroll.model.Model;
import org.apache.spark.ml.util.MLReader;

/** A trained regressor: adds the predicted number, vector, or array of them per step, in the units of the targets. */
public final class RnnRegressorModel extends RnnModel<RnnRegressorModel> {

    private static final long serialVersionUID = 1L;

    /** For {@link java.util.ServiceLoader}, by which Spark Connect finds out what may be loaded; it holds no network. */
    public RnnRegressorModel() {
        this("rnnRegressorModel", null);
    }

    RnnRegressorModel(String uid, Model model) {
        super(uid, model);
    }

    @Override
    RnnRegressorModel newInstance() {
        return new RnnRegressorModel(uid(), model());
    }

    public static MLReader<RnnRegressorModel> read() {
        return new RnnModelReader<>(RnnRegressorModel.class, RnnRegressorModel::new);
    }

    public static RnnRegressorModel load(String path) {
        return read().load(path);
    }
}
