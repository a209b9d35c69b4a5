package dev.unroll.ml;

import dev.unroll.model.Model;
import dev.unroll.worker.NaiveForecast;
import java.util.OptionalInt;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/**
 * A trained regressor: adds the predicted number, vector, or array of them per step, in the units of the targets; with {@code
 * loss quantile} that is the median, and a vector of all quantiles stands in a column of its own; with a loss that is a likelihood it is the
 * mean, and the parameters of the distribution stand in one, and its quantiles.
 */
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

    /**
     * The naive forecasts that its errors can be measured beside.
     *
     * @param schema of labelled rows
     * @param label their column of labels
     * @param season steps of a season, as the estimator's Param; empty for that of the training
     * @throws IllegalArgumentException for a season that does not go with the labels
     */
    public NaiveForecast naive(StructType schema, String label, OptionalInt season) {
        int steps = season.orElseGet(() -> Integer.parseInt(model().provenance().getOrDefault("season", "0")));
        return WindowTargets.naive(schema, rowSpec(), label, steps);
    }

    public static MLReader<RnnRegressorModel> read() {
        return new RnnModelReader<>(RnnRegressorModel.class, RnnRegressorModel::new);
    }

    public static RnnRegressorModel load(String path) {
        return read().load(path);
    }
}
