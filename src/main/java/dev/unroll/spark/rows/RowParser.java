package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.RowOutcome;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * One row of a DataFrame to a {@link CanonicalRow}, or to the reason why it cannot be used: {@link FeatureParser} makes
 * the steps, {@link LabelParser} the labels or targets, {@link WeightParser} the weights, {@link DocumentWindows} the windows of a language model's
 * document.
 */
public final class RowParser implements Serializable {

    private static final long serialVersionUID = 1L;

    private final RowSpec spec;
    private final SequenceParser features;
    private final LabelParser labels;
    private final WeightParser weights;
    private final DocumentWindows windows;
    private final SeriesParser series;

    /**
     * @param knownLabels the labels allowed; null for any
     * @throws InputException if a column is missing or of a type that cannot be used; the message lists what is there
     */
    public RowParser(StructType schema, RowSpec spec, Labels knownLabels) {
        this.spec = spec;
        boolean languageModel = spec.task() == LearningTask.LANGUAGE_MODEL;
        if (languageModel && spec.inputs().isSome()) {
            throw new InputException(
                    "task language-model goes with one column of tokens, features-col, and steps are made of columns: "
                            + spec.inputs().keys());
        }
        FeatureParser one = spec.inputs().isSome()
                ? null
                : new FeatureParser(type(schema, spec.featuresCol(), "features-col"), spec);
        this.features = one == null ? new ColumnsParser(schema, spec) : one;
        DataType label = spec.labelCol() == null ? null : type(schema, spec.labelCol(), "label-col");
        this.labels = new LabelParser(label, spec, knownLabels);
        this.windows = languageModel ? new DocumentWindows(one, spec) : null;
        DataType weight = spec.weightCol() == null ? null : type(schema, spec.weightCol(), "weight-col");
        this.weights = new WeightParser(weight, spec, labels);
        this.series = new SeriesParser(schema, spec.inputs().series());
        if (languageModel && !features.tokens()) {
            throw new InputException("task language-model goes with text or tokens, and features-col "
                    + spec.featuresCol() + " is of type "
                    + schema.apply(spec.featuresCol()).dataType().simpleString());
        }
    }

    private RowParser(
            RowSpec spec,
            SequenceParser features,
            LabelParser labels,
            WeightParser weights,
            DocumentWindows windows,
            SeriesParser series) {
        this.spec = spec;
        this.features = features;
        this.labels = labels;
        this.weights = weights;
        this.windows = windows;
        this.series = series;
    }

    private static DataType type(StructType schema, String column, String key) {
        if (!Arrays.asList(schema.fieldNames()).contains(column)) {
            throw new InputException(key + " is " + column + ", and there is no such column; there are "
                    + String.join(", ", Origin.without(schema).fieldNames()));
        }
        return schema.apply(column).dataType();
    }

    /** A parser for which steps or targets of any other widths than these are a fault; 0 to allow every width. */
    RowParser withWidths(int width, int targetWidth) {
        return new RowParser(spec, features.withWidth(width), labels.withWidth(targetWidth), weights, windows, series);
    }

    /**
     * A parser for a network that exists already.
     *
     * @throws InputException if the column gives tokens where the network takes numbers, or the other way round
     */
    public RowParser forInput(NetworkSpec.Input input) {
        return forInput(input, 0);
    }

    /**
     * As {@link #forInput(NetworkSpec.Input)}, for rows with targets of that many numbers; 0 where they are not read.
     */
    public RowParser forInput(NetworkSpec.Input input, int targetWidth) {
        if (tokens() != (input instanceof NetworkSpec.Tokens)) {
            throw new InputException("features-col " + spec.featuresCol() + " gives "
                    + (tokens() ? "tokens" : "numbers") + ", and the model takes " + (tokens() ? "numbers" : "tokens"));
        }
        return withWidths(input.numbers(), targetWidth);
    }

    /** The columns to select. */
    public List<String> columns() {
        List<String> columns = new ArrayList<>(features.columns());
        if (spec.labelCol() != null) {
            columns.add(spec.labelCol());
        }
        if (spec.weightCol() != null) {
            columns.add(spec.weightCol());
        }
        columns.addAll(series.columns());
        return columns;
    }

    /** Whether labels are numbers that name classes. */
    boolean numericLabel() {
        return labels.numeric();
    }

    /** Whether labels come in sets. */
    boolean hasLabelSets() {
        return spec.hasLabelSets();
    }

    /** The columns that steps are made of, and whether numbers may be missing. */
    InputColumns inputs() {
        return spec.inputs();
    }

    /** Whether steps are tokens; otherwise they are numbers. */
    boolean tokens() {
        return features.tokens();
    }

    /** Whether every step has a loss term; otherwise the last state has. */
    public boolean everyStep() {
        return spec.task() == LearningTask.LANGUAGE_MODEL || labels.everyStep();
    }

    /** The fault of a row with a label that the training rows do not have. */
    Fault unseen(Object label) {
        return labels.unseen(label);
    }

    /**
     * The row as it is trained on; a language model's document gives one for each window.
     *
     * @param row columns as in {@link #columns}
     */
    public List<CanonicalRow> parse(Row row) throws Fault {
        if (row.isNullAt(0)) {
            throw new Fault(features.columns().get(0), "null", null);
        }
        Object weighed = spec.weightCol() == null
                ? null
                : row.get(features.columns().size() + (spec.labelCol() == null ? 0 : 1));
        float weight = weights.ofRow(weighed);
        if (spec.task() == LearningTask.LANGUAGE_MODEL) {
            return windows.of(row.get(0), weight);
        }
        RowOutcome outcome =
                labels.reads() ? labels.parse(row.get(features.columns().size())) : RowOutcome.NONE;
        CanonicalRow parsed = features.parse(row, weights.weighted(outcome, weighed), weight);
        int terms = outcome.terms();
        if (labels.everyStep() && terms != parsed.length()) {
            throw new Fault(
                    spec.labelCol(),
                    "number of labels unlike the number of steps",
                    terms + " for " + parsed.length() + " steps");
        }
        return List.of(series.of(parsed, row, firstOfSeries()));
    }

    /** Where the columns of {@link SeriesParser} begin. */
    private int firstOfSeries() {
        return features.columns().size() + (spec.labelCol() == null ? 0 : 1) + (spec.weightCol() == null ? 0 : 1);
    }
}
