package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.metric.ClassCounts;
import dev.unroll.metric.ClassSums;
import dev.unroll.metric.LabelSetSums;
import dev.unroll.metric.MetricSums;
import dev.unroll.metric.RankCurve;
import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.Readout;
import dev.unroll.spark.rows.ColumnType;
import dev.unroll.spark.rows.RowParser;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.spark.source.Origin;
import dev.unroll.worker.NaiveForecast;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How good a model's predictions are on labelled rows, over all of them and by group: metrics as scikit-learn defines them, the
 * same to the bit from any partitions. docs/metrics.md defines each.
 */
public final class Evaluation {

    /** What {@link #names} takes, in words. */
    public static final String NAMES = ColumnLists.ALLOWED;

    private final RnnModel<?> trained;
    private String label;
    private String weight; // null where every row weighs 1
    private OptionalInt season = OptionalInt.empty();
    private List<String> by = List.of();

    /** @param model of classes or numbers, whose {@code labelCol} is the column of labels */
    public Evaluation(RnnModel<?> model) {
        if (model.model().task() == LearningTask.LANGUAGE_MODEL) {
            throw new IllegalArgumentException(
                    "a language model predicts no label; allowed are models of classification, tagging and regression");
        }
        this.trained = model;
        this.label = ParamFactory.get(model, model.labelCol());
    }

    /** @param column of labels */
    public Evaluation setLabelCol(String column) {
        label = column;
        return this;
    }

    /** @param column of weights, of rows or steps, as the estimators have them; empty, as where it is not set: all weigh 1 */
    public Evaluation setWeightCol(String column) {
        weight = column.isEmpty() ? null : column;
        return this;
    }

    /** @param steps of a season, for the seasonal naive forecast; that of the training where it is not set */
    public Evaluation setSeason(int steps) {
        season = OptionalInt.of(steps);
        return this;
    }

    /** @param columns of which each combination of values is a group, with metrics of its own */
    public Evaluation setBy(String... columns) {
        by = List.of(columns);
        return this;
    }

    /**
     * The names in a list with commas, as {@link #setBy} takes them.
     *
     * @throws NumberFormatException for a quote that is not closed where a name ends
     */
    public static String[] names(String list) {
        return ColumnLists.names(list).toArray(new String[0]);
    }

    /**
     * Refuses groups that rows cannot have, before any row is read.
     *
     * @param schema of the rows
     * @throws InputException if a column of {@link #setBy} is missing, of a type that cannot be used, or called as a metric is
     * @throws IllegalArgumentException if labels or the season do not go with the model
     */
    public void requireGroups(StructType schema) {
        StructType columns = Origin.without(schema);
        keys(columns, rows(problem(trained, columns, label, season).naive().season()));
    }

    /**
     * Predicts, and measures. Groups stay on executors, in memory or on disk, while the result is in use.
     *
     * @throws InputException if a column is missing or of a type that cannot be used
     * @throws IllegalArgumentException if labels or the season do not go with the model
     */
    public EvaluationResult run(Dataset<?> dataset) {
        StructType schema = Origin.without(dataset.schema());
        NaiveForecast naive = problem(trained, schema, label, season).naive();
        return run(dataset, trained.labelled(schema, label, weight), naive, rows(naive.season()));
    }

    private TermRows<?> rows(int steps) {
        Model model = trained.model();
        if (model.task() != LearningTask.REGRESSION) {
            int labels = model.labels().size();
            return model.spec().head().loss().hasLabelSets()
                    ? new TermRows.OfLabelSets(labels)
                    : new TermRows.OfLabels(labels);
        }
        boolean distributed = new Readout(model.spec().head()).hasDistribution();
        return new TermRows.OfNumbers(trained.levels(), distributed, steps);
    }

    private <T> EvaluationResult run(Dataset<?> dataset, RowParser parser, NaiveForecast naive, TermRows<T> rows) {
        StructType keys = keys(Origin.without(dataset.schema()), rows);
        List<Column> read = new ArrayList<>();
        parser.columns().forEach(column -> read.add(RnnModel.column(column)));
        for (StructField key : keys.fields()) {
            read.add(RnnModel.column(key.name()).cast(key.dataType()));
        }
        StructType schema = rows.schema();
        for (int i = 0; i < keys.length(); i++) {
            schema = schema.add(TermGroups.key(i), keys.apply(i).dataType());
        }
        TermFunction function = new TermFunction(trained.model(), trained.levels(), parser, naive, trained.skips());
        Dataset<Row> terms = dataset.sparkSession()
                .createDataFrame(
                        dataset.select(read.toArray(new Column[0])).javaRDD().flatMap(function), schema);
        if (rows.ranked() == 0 && by.isEmpty()) {
            return result(terms, rows, keys); // one pass: there is nothing to keep for another
        }
        terms.persist();
        try {
            return result(terms, rows, keys);
        } finally {
            terms.unpersist();
        }
    }

    private <T> EvaluationResult result(Dataset<Row> terms, TermRows<T> rows, StructType keys) {
        MetricSums<T> sums = TermTotals.sums(terms, rows);
        int partitions = TermTotals.partitions(sums.counts().get("terms") * (1 + rows.ranked()));
        List<RankCurve> curves = rows.ranked() > 0 ? TermTotals.curves(terms, rows, partitions) : List.of();
        Optional<Dataset<Row>> groups =
                by.isEmpty() ? Optional.empty() : Optional.of(TermGroups.of(terms, rows, keys, partitions));
        groups.ifPresent(Dataset::count); // while the terms are there
        return new EvaluationResult(
                defined(TermGroups.metrics(rows, sums, curves)),
                sums.counts(),
                byClass(sums)
                        .map(classes ->
                                EvaluationResult.ofClasses(trained.model().labels(), classes, curves))
                        .orElse(List.of()),
                sums instanceof ClassSums classes ? Optional.of(classes) : Optional.empty(),
                groups);
    }

    private static Optional<ClassCounts> byClass(MetricSums<?> sums) {
        return sums instanceof ClassSums labels
                ? Optional.of(labels.classes())
                : sums instanceof LabelSetSums sets ? Optional.of(sets.classes()) : Optional.empty();
    }

    private static Map<String, Double> defined(Map<String, Double> metrics) {
        Map<String, Double> defined = new LinkedHashMap<>(metrics);
        defined.values().removeIf(value -> value.isNaN());
        return defined;
    }

    /** The columns of groups; text is plain text, whatever its collation, so that a group is of one text. */
    private StructType keys(StructType schema, TermRows<?> rows) {
        StructType keys = new StructType();
        for (String column : by) {
            if (!Arrays.asList(schema.fieldNames()).contains(column)) {
                throw new InputException("by is " + column + ", and there is no such column; there are "
                        + String.join(", ", schema.fieldNames()));
            }
            DataType type = schema.apply(column).dataType();
            if (!ColumnType.of(type).isKey() || type instanceof FloatType || type instanceof DoubleType) {
                throw new InputException("by is " + column + ", which is of type " + ColumnType.shown(type)
                        + "; allowed are text, whole numbers, decimals, booleans, dates and times");
            }
            keys = keys.add(column, ColumnType.of(type) == ColumnType.TEXT ? DataTypes.StringType : type);
        }
        if (!by.isEmpty()) {
            ColumnName.requireDistinct(TermGroups.schema(rows, keys), "the table of groups");
        }
        return keys;
    }

    /**
     * What a model has learnt, with the naive forecasts beside it.
     *
     * @param schema of labelled rows
     * @param label their column of labels
     * @param season steps of a season; empty for that of the training
     * @throws IllegalArgumentException for a season that does not go with the task or the labels
     */
    public static Problem problem(RnnModel<?> trained, StructType schema, String label, OptionalInt season) {
        Model model = trained.model();
        NaiveForecast naive = NaiveForecast.NONE;
        if (trained instanceof RnnRegressorModel regressor) {
            naive = regressor.naive(schema, label, season);
        } else {
            NaiveForecast.requireNone(season.orElse(0), model.task());
        }
        return Problem.of(model.spec(), model.task(), new LossSpec(LossReduction.STEP), model.scaling())
                .ahead(model.horizon())
                .beside(naive.scaled(model.scaling()));
    }
}
