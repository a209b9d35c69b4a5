package dev.unroll.ml;

import dev.unroll.nn.QuantileLevels;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of every estimator: which columns are read and written, and how rows become sequences.
 *
 * @param <E> the estimator itself, for setters that can be chained
 * @param <M> its model
 */
public abstract class ColumnParams<E extends ColumnParams<E, M>, M extends Model<M>> extends InputParams<E, M> {

    private static final long serialVersionUID = 1L;

    private final Param<String> featuresCol = ParamFactory.text(
            this,
            "featuresCol",
            "column of sequences: string, array of string, of whole numbers, of numbers, of arrays of numbers, or of vectors",
            "features",
            AllowedValues.any("a column name"));
    private final Param<String> labelCol = ParamFactory.text(
            this,
            "labelCol",
            "column of labels: string, boolean or number; or arrays of them, with loss multi-label or a label for each step",
            "label",
            AllowedValues.any("a column name"));
    private final Param<String> weightCol = ParamFactory.text(
            this,
            "weightCol",
            "column of weights above 0, or of arrays with a weight for each step; empty: every row weighs 1",
            "",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> predictionCol = ParamFactory.text(
            this,
            "predictionCol",
            "column that the model adds: the most probable label, with loss multi-label an array of those more probable than not, or numbers",
            "prediction",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> probabilityCol = ParamFactory.text(
            this,
            "probabilityCol",
            "column that the model adds: the probability of every label, in their order; empty: none",
            "probability",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> rawPredictionCol = ParamFactory.text(
            this,
            "rawPredictionCol",
            "column that the model adds: the output of every label before the softmax or the sigmoids, in their order, and of two classes (-margin, margin); empty: none",
            "rawPrediction",
            AllowedValues.any("a column name; empty for none"));
    private final DoubleArrayParam thresholds = ParamFactory.numbers(
            this,
            "thresholds",
            "the label whose probability is the largest multiple of its threshold is predicted, and with loss multi-label"
                    + " those above their thresholds; none: the most probable label, and those above 0.5; no part of the training",
            AllowedValues.thresholds());
    private final Param<String> quantiles = ParamFactory.text(
            this,
            "quantiles",
            "levels of the quantiles that the model predicts with loss gaussian, student-t, poisson or negative-binomial; no part of the training",
            QuantileLevels.DEFAULT,
            AllowedValues.levels());
    private final Param<String> quantilesCol = ParamFactory.text(
            this,
            "quantilesCol",
            "column that the model adds with loss quantile, gaussian, student-t, poisson or negative-binomial: the quantile of every level, ascending, of each number of the target",
            "quantiles",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> distributionCol = ParamFactory.text(
            this,
            "distributionCol",
            "column that the model adds with loss gaussian, student-t, poisson or negative-binomial: the parameters of the distribution of each number of the target",
            "distribution",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> validationIndicatorCol = ParamFactory.text(
            this,
            "validationIndicatorCol",
            "column that is true in rows to validate on and false in those to train on; empty: none",
            "",
            AllowedValues.any("a column name; empty for none"));
    private final Param<String> tokenizer = ParamFactory.text(
            this,
            "tokenizer",
            "how a string becomes steps: Unicode code points, or words between white space; none for columns that are arrays",
            "char",
            AllowedValues.oneOf("char", "whitespace", "none"));
    private final IntParam maxLength = ParamFactory.integer(
            this,
            "maxLength",
            "steps that a sequence may have at most, here and in predictions; a longer one cannot be used; 0 = no limit",
            0,
            AllowedValues.atLeast(0));
    private final IntParam window = ParamFactory.integer(
            this,
            "window",
            "language models: documents are cut into windows of this many steps; 0 = whole documents",
            0,
            AllowedValues.atLeast(0));
    private final IntParam vocabularySize = ParamFactory.integer(
            this,
            "vocabularySize",
            "token ids at most, the one for unknown tokens included; the most frequent tokens of the training part are kept; 0 = all",
            0,
            AllowedValues.atLeast(0));
    private final BooleanParam standardize = ParamFactory.flag(
            this,
            "standardize",
            "whether dense inputs and targets are scaled to mean 0 and deviation 1 by the training part",
            false);
    private final Param<String> scale = ParamFactory.text(
            this,
            "scale",
            "how numbers are scaled: standard is standardize; window scales each sequence by its own means and deviations, and targets as the"
                    + " first number of a step; by-key does so by those of its series (key-cols of windows) in the training part",
            "none",
            AllowedValues.oneOf("none", "standard", "by-key", "window"));
    private final IntParam season = ParamFactory.integer(
            this,
            "season",
            "regression: steps of a season, for the errors of the seasonal naive forecast beside the model's; 1 = of the naive one"
                    + " alone, which windows of the target's own past have anyway; 0 = nothing is said",
            0,
            AllowedValues.atLeast(0));
    private final Param<String> handleInvalid = ParamFactory.text(
            this,
            "handleInvalid",
            "rows that cannot be used: error names the first, skip leaves them out and counts them by reason",
            "error",
            AllowedValues.oneOf("error", "skip"));

    ColumnParams(String uid) {
        super(uid);
    }

    public final Param<String> featuresCol() {
        return featuresCol;
    }

    public final E setFeaturesCol(String value) {
        return with(featuresCol, value);
    }

    public final Param<String> labelCol() {
        return labelCol;
    }

    public final E setLabelCol(String value) {
        return with(labelCol, value);
    }

    public final Param<String> weightCol() {
        return weightCol;
    }

    public final E setWeightCol(String value) {
        return with(weightCol, value);
    }

    public final Param<String> predictionCol() {
        return predictionCol;
    }

    public final E setPredictionCol(String value) {
        return with(predictionCol, value);
    }

    public final Param<String> probabilityCol() {
        return probabilityCol;
    }

    public final E setProbabilityCol(String value) {
        return with(probabilityCol, value);
    }

    public final Param<String> rawPredictionCol() {
        return rawPredictionCol;
    }

    public final E setRawPredictionCol(String value) {
        return with(rawPredictionCol, value);
    }

    public final DoubleArrayParam thresholds() {
        return thresholds;
    }

    /** @param values one for each label, in their order */
    public final E setThresholds(double... values) {
        return with(thresholds, values);
    }

    public final Param<String> quantiles() {
        return quantiles;
    }

    /** @param levels with commas between them */
    public final E setQuantiles(String levels) {
        return with(quantiles, levels);
    }

    public final Param<String> quantilesCol() {
        return quantilesCol;
    }

    public final E setQuantilesCol(String value) {
        return with(quantilesCol, value);
    }

    public final Param<String> distributionCol() {
        return distributionCol;
    }

    public final E setDistributionCol(String value) {
        return with(distributionCol, value);
    }

    public final Param<String> validationIndicatorCol() {
        return validationIndicatorCol;
    }

    public final E setValidationIndicatorCol(String value) {
        return with(validationIndicatorCol, value);
    }

    public final Param<String> tokenizer() {
        return tokenizer;
    }

    public final E setTokenizer(String value) {
        return with(tokenizer, value);
    }

    public final IntParam maxLength() {
        return maxLength;
    }

    public final E setMaxLength(int value) {
        return with(maxLength, value);
    }

    public final IntParam window() {
        return window;
    }

    public final E setWindow(int value) {
        return with(window, value);
    }

    public final IntParam vocabularySize() {
        return vocabularySize;
    }

    public final E setVocabularySize(int value) {
        return with(vocabularySize, value);
    }

    public final BooleanParam standardize() {
        return standardize;
    }

    public final E setStandardize(boolean value) {
        return with(standardize, value);
    }

    public final Param<String> scale() {
        return scale;
    }

    public final E setScale(String value) {
        return with(scale, value);
    }

    public final IntParam season() {
        return season;
    }

    public final E setSeason(int steps) {
        return with(season, steps);
    }

    public final Param<String> handleInvalid() {
        return handleInvalid;
    }

    public final E setHandleInvalid(String value) {
        return with(handleInvalid, value);
    }
}
