package dev.unroll.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * Params of sliding windows: how they are cut, and what their labels are.
 *
 * @param <S> the stage itself, for setters that can be chained
 */
public abstract class WindowParams<S extends WindowParams<S>> extends EventStage<S> {

    private static final long serialVersionUID = 1L;

    private final StringArrayParam targetCols;
    private final IntParam windowLength;
    private final IntArrayParam lags;
    private final IntParam horizon;
    private final StringArrayParam knownCols;
    private final IntParam stride;
    private final BooleanParam multiStep;
    private final BooleanParam requireLabel;
    private final Param<String> labelFrom;
    private final Param<String> labelBefore;
    private final Param<String> labelCol;
    private final Param<String> labelTimeCol;

    WindowParams(String uid) {
        super(uid);
        targetCols = ParamFactory.names(this, "targetCols", "columns to predict; none for the value columns");
        windowLength = ParamFactory.integer(this, "windowLength", "steps of a window", 16, AllowedValues.atLeast(1));
        lags = ParamFactory.integers(
                this,
                "lags",
                "a step also has the value columns of this many rows before it, such as 364 for the same weekday of the year before",
                AllowedValues.eachAtLeast(1));
        horizon = ParamFactory.integer(
                this,
                "horizon",
                "steps from the end of a window to what it is to predict",
                1,
                AllowedValues.atLeast(0));
        knownCols = ParamFactory.names(
                this,
                "knownCols",
                "columns of numeric-cols and categorical-cols that are known ahead, or time-col where its time-features"
                        + " alone are: a window has the steps up to the horizon too, with these columns, and the label is an"
                        + " array with the target at each of them");
        stride = ParamFactory.integer(this, "stride", "steps from a window to the next", 1, AllowedValues.atLeast(1));
        multiStep = ParamFactory.flag(
                this,
                "multiStep",
                "whether the label is a vector of the targets at every step up to the horizon",
                false);
        requireLabel = ParamFactory.flag(
                this,
                "requireLabel",
                "whether windows without a label, as at the end of a series, are left out; otherwise not even the target columns need be there",
                true);
        labelFrom = ParamFactory.text(
                this,
                "labelFrom",
                "windows whose label is of an earlier time, or begins at one, are left out; empty = none",
                "",
                AllowedValues.any("a time"));
        labelBefore = ParamFactory.text(
                this,
                "labelBefore",
                "windows whose label is of this time or a later one are left out; empty = none",
                "",
                AllowedValues.any("a time"));
        labelCol = ParamFactory.text(
                this, "labelCol", "column to add: the label", "label", AllowedValues.any("a column name"));
        labelTimeCol = ParamFactory.text(
                this,
                "labelTimeCol",
                "column to add: the time of the label",
                "labelTime",
                AllowedValues.any("a column name"));
    }

    public final StringArrayParam targetCols() {
        return targetCols;
    }

    public final S setTargetCols(String... columns) {
        return with(targetCols, columns);
    }

    public final IntParam windowLength() {
        return windowLength;
    }

    public final S setWindowLength(int steps) {
        return with(windowLength, steps);
    }

    public final IntArrayParam lags() {
        return lags;
    }

    public final S setLags(int... rows) {
        return with(lags, rows);
    }

    public final IntParam horizon() {
        return horizon;
    }

    public final S setHorizon(int steps) {
        return with(horizon, steps);
    }

    public final StringArrayParam knownCols() {
        return knownCols;
    }

    /** @param columns with names as they are, without widths of embeddings */
    public final S setKnownCols(String... columns) {
        return with(knownCols, columns);
    }

    public final IntParam stride() {
        return stride;
    }

    public final S setStride(int steps) {
        return with(stride, steps);
    }

    public final BooleanParam multiStep() {
        return multiStep;
    }

    public final S setMultiStep(boolean value) {
        return with(multiStep, value);
    }

    public final BooleanParam requireLabel() {
        return requireLabel;
    }

    public final S setRequireLabel(boolean value) {
        return with(requireLabel, value);
    }

    public final Param<String> labelFrom() {
        return labelFrom;
    }

    public final S setLabelFrom(String time) {
        return with(labelFrom, time);
    }

    public final Param<String> labelBefore() {
        return labelBefore;
    }

    public final S setLabelBefore(String time) {
        return with(labelBefore, time);
    }

    public final Param<String> labelCol() {
        return labelCol;
    }

    public final S setLabelCol(String column) {
        return with(labelCol, column);
    }

    public final Param<String> labelTimeCol() {
        return labelTimeCol;
    }

    public final S setLabelTimeCol(String column) {
        return with(labelTimeCol, column);
    }

    final int integer(IntParam param) {
        return this.<Integer>value(param);
    }

    final boolean flag(BooleanParam param) {
        return this.<Boolean>value(param);
    }
}
