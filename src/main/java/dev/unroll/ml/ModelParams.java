package dev.unroll.ml;

import dev.unroll.nn.QuantileLevels;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of every model: which columns are read and added, and how rows become sequences.
 *
 * @param <M> the model itself
 */
public abstract class ModelParams<M extends Model<M>> extends IdentifiedModel<M> {

    private static final long serialVersionUID = 1L;

    private final Param<String> featuresCol = ParamFactory.text(
            this, "featuresCol", "column of sequences", "features", AllowedValues.any("a column name"));
    private final Param<String> labelCol = ParamFactory.text(
            this, "labelCol", "column of labels, for evaluation", "label", AllowedValues.any("a column name"));
    private final Param<String> predictionCol = ParamFactory.text(
            this,
            "predictionCol",
            "column to add: the prediction",
            "prediction",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> probabilityCol = ParamFactory.text(
            this,
            "probabilityCol",
            "column to add: the probability of every label; empty: none",
            "probability",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> rawPredictionCol = ParamFactory.text(
            this,
            "rawPredictionCol",
            "column to add: the output of every label before the softmax or the sigmoids, of two classes (-margin, margin); empty: none",
            "rawPrediction",
            AllowedValues.any("a column name; empty for none"));
    private final DoubleArrayParam thresholds = ParamFactory.numbers(
            this,
            "thresholds",
            "which label is predicted: the one whose probability is the largest multiple of its threshold, with loss"
                    + " multi-label those above their thresholds; none: the most probable, and those above 0.5",
            AllowedValues.thresholds());
    private final Param<String> quantiles = ParamFactory.text(
            this,
            "quantiles",
            "levels of the quantiles of a distribution, with a loss that is a likelihood",
            QuantileLevels.DEFAULT,
            AllowedValues.levels());
    private final Param<String> quantilesCol = ParamFactory.text(
            this,
            "quantilesCol",
            "column to add with loss quantile or a likelihood: the quantiles, ascending, of each number of the target",
            "quantiles",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> distributionCol = ParamFactory.text(
            this,
            "distributionCol",
            "column to add with a loss that is a likelihood: the parameters of the distribution of each number of the target",
            "distribution",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> tokenizer = ParamFactory.text(
            this, "tokenizer", "how a string becomes steps", "char", AllowedValues.oneOf("char", "whitespace", "none"));
    private final IntParam window = ParamFactory.integer(
            this, "window", "steps that documents are cut into, for evaluation", 0, AllowedValues.atLeast(0));
    private final IntParam maxLength = ParamFactory.integer(
            this, "maxLength", "steps that a sequence may have at most; 0 = no limit", 0, AllowedValues.atLeast(0));
    private final Param<String> handleInvalid = ParamFactory.text(
            this, "handleInvalid", "rows that cannot be used", "error", AllowedValues.oneOf("error", "skip"));
    private final Param<String> question = ParamFactory.optional(
            this,
            "question",
            "what transform answers in place of predictions, as the Python package asks it",
            AllowedValues.any("a question as JSON"));

    ModelParams(String uid) {
        super(uid);
    }

    @SuppressWarnings("unchecked")
    final M self() {
        return (M) this;
    }

    public final Param<String> featuresCol() {
        return featuresCol;
    }

    public final M setFeaturesCol(String value) {
        return with(featuresCol, value);
    }

    public final Param<String> labelCol() {
        return labelCol;
    }

    public final Param<String> predictionCol() {
        return predictionCol;
    }

    public final M setPredictionCol(String value) {
        return with(predictionCol, value);
    }

    public final Param<String> probabilityCol() {
        return probabilityCol;
    }

    public final M setProbabilityCol(String value) {
        return with(probabilityCol, value);
    }

    public final Param<String> rawPredictionCol() {
        return rawPredictionCol;
    }

    public final M setRawPredictionCol(String value) {
        return with(rawPredictionCol, value);
    }

    public final DoubleArrayParam thresholds() {
        return thresholds;
    }

    /** @param values one for each label, in their order */
    public final M setThresholds(double... values) {
        return with(thresholds, ParamDocs.text(values));
    }

    public final Param<String> quantiles() {
        return quantiles;
    }

    /** @param levels with commas between them */
    public final M setQuantiles(String levels) {
        return with(quantiles, levels);
    }

    public final Param<String> quantilesCol() {
        return quantilesCol;
    }

    public final M setQuantilesCol(String value) {
        return with(quantilesCol, value);
    }

    public final Param<String> distributionCol() {
        return distributionCol;
    }

    public final M setDistributionCol(String value) {
        return with(distributionCol, value);
    }

    public final Param<String> tokenizer() {
        return tokenizer;
    }

    public final IntParam window() {
        return window;
    }

    public final IntParam maxLength() {
        return maxLength;
    }

    public final M setMaxLength(int value) {
        return with(maxLength, Integer.toString(value));
    }

    public final Param<String> handleInvalid() {
        return handleInvalid;
    }

    public final M setHandleInvalid(String value) {
        return with(handleInvalid, value);
    }

    /** Where it is set, transform gives the table that answers it: {@link Answers}. */
    public final Param<String> question() {
        return question;
    }

    final M with(Param<?> param, String value) {
        set(param.name(), ParamDocs.of(param).parse(value));
        return self();
    }
}
