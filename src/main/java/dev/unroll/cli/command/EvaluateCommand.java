package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.CommandPaths;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.Source;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.data.Columns;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.ShardPlan;
import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnModel;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.ml.RnnRegressorModel;
import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.rows.SparkCanonicalRows;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.worker.EvaluationSum;
import dev.unroll.worker.NaiveForecast;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** {@code evaluate}: metrics of a model on labelled data. */
public final class EvaluateCommand implements Command {

    private static final String TOP = "top";
    private static final String SEASON = "season";
    private static final String WEIGHT = "weight-col";
    private static final String TOP_BY = "topBy";

    @Override
    public String name() {
        return "evaluate";
    }

    @Override
    public String description() {
        return "Prints metrics of a model on labelled data.";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(ModelInput.options(true, "files to evaluate on"));
        options.add(Option.whole(
                        TOP,
                        0,
                        "rows to write to output: so many with the largest loss, and so many with the largest norm of"
                                + " the gradient")
                .orElse(0));
        options.addAll(RowsOutput.options());
        Map<String, ParamDocs.Key> params = ParamDocs.of(new RnnRegressor());
        options.add(Option.of(params.get(WEIGHT))
                .describedAs("column of weights, as train has them; none: every row and step weighs 1"));
        options.add(Option.of(params.get(SEASON)).orElseAs(ModelInput.OF_THE_TRAINING));
        return options;
    }

    @Override
    public boolean prepares() {
        return true;
    }

    @Override
    public void check(Settings settings) {
        ModelInput.check(settings);
        for (String key : List.of("output", "output-format", "overwrite")) {
            if (settings.has(key) && top(settings) == 0) {
                throw new UsageException(key + " is given without top, the number of rows to write");
            }
        }
        if (top(settings) > 0) {
            RowsOutput.of(settings);
            weight(settings).ifPresent(column -> {
                throw new UsageException(WEIGHT + " is " + column + ", and " + TOP + " is " + top(settings)
                        + ": the losses of top are those of rows that weigh 1; leave one of them out");
            });
        }
    }

    private static Optional<String> weight(Settings settings) {
        return settings.get(WEIGHT).filter(column -> !column.isEmpty());
    }

    private static int top(Settings settings) {
        return settings.integer(TOP);
    }

    @Override
    public CommandPaths paths(Settings settings) {
        return CommandPaths.of(settings).reads("model", "input").writes("output");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        RnnModel<?> trained = ModelInput.load(settings, spark);
        boolean skip = SkippedRows.areAllowed(settings);
        OptionalInt season = settings.has(SEASON) ? OptionalInt.of(settings.integer(SEASON)) : OptionalInt.empty();
        Model model = trained.model();
        if (top(settings) > 0) {
            RowsOutput.of(settings).requireWritable(spark);
        }
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        boolean labelled = model.task() != LearningTask.LANGUAGE_MODEL;
        String label = labelled ? settings.get("label-col").orElse(trained.getOrDefault(trained.labelCol())) : null;
        RowSpec rowSpec =
                trained.rowSpec().withLabel(label).withWeight(weight(settings).orElse(null));
        SequenceReader reader = new SequenceReader(context, rowSpec, skip, 0);
        Preparation preparation = Preparation.of(settings, rowSpec, trained.preparation());
        Preparation.Input input = ModelInput.read(spark, settings, preparation);
        Dataset<Row> given = input.rows();
        NaiveForecast naive = naive(trained, given.schema(), label, season);
        Optional<Dataset<Row>> withLoss = Optional.empty();
        if (top(settings) > 0) {
            given = RowsOutput.of(settings).files().checked(given);
            trained.setHandleInvalid(skip ? "skip" : "error");
            Dataset<Row> usable = requireNoTop(Source.withoutFaults(given));
            withLoss = Optional.of(trained.withLoss(usable, label));
        }
        Labels labels = model.labels();
        try (SparkCanonicalRows rows = reader.readAll(given, labels)) {
            rows.statistics().requireInput(model.spec().input());
            // The number of shards is one of the data, not of the cluster: the last bits of a sum depend on it.
            int shardCount = ShardPlan.defaultShards(
                    rows.statistics().sequences(), rows.statistics().steps(), 0);
            RowDecoder decoder = new RowDecoder(model.task(), model.encoding());
            ShardedRows shards = rows.all(shardCount, Math.min(shardCount, context.defaultParallelism()), decoder);
            Problem problem = Problem.of(model.spec(), model.task(), new LossSpec(LossReduction.STEP), model.scaling())
                    .ahead(model.horizon())
                    .beside(naive.scaled(model.scaling()));
            EvaluationSum sum = SparkObjective.evaluate(context, problem, shards, model.theta());
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("metrics", sum.metrics(problem));
            if (model.horizon() > 0) {
                result.put("meanAbsoluteErrorByStep", sum.absoluteErrorsAhead());
            }
            result.put("sequences", rows.statistics().sequences());
            result.put(
                    "skipped",
                    SkippedRows.sum(input.skipped(), rows.statistics().skipped()));
            if (rows.statistics().missingTargets() > 0) {
                result.put("missingTargets", rows.statistics().missingTargets());
            }
            if (rows.statistics().missingNumbers() > 0) {
                result.put("missingNumbers", rows.statistics().missingNumbers());
            }
            if (model.encoding().columns() != null
                    && !model.encoding().columns().coded().isEmpty()) {
                result.put("unknownTokens", unknown(model.encoding().columns(), shards));
            }
            if (rows.statistics().hasTokens()) {
                result.put("unknownTokens", shards.unknownTokens());
            }
            if (model.task().hasClasses()) {
                result.put("perClass", perClass(sum, labels));
                if (sum.hasConfusion()) {
                    result.put("confusion", confusion(sum, labels));
                }
            }
            if (withLoss.isPresent()) {
                writeTop(withLoss.get(), settings);
                result.put("output", settings.require("output"));
            }
            return result;
        }
    }

    private static NaiveForecast naive(RnnModel<?> trained, StructType schema, String label, OptionalInt season) {
        if (trained instanceof RnnRegressorModel regressor) {
            return regressor.naive(schema, label, season);
        }
        NaiveForecast.requireNone(season.orElse(0), trained.model().task());
        return NaiveForecast.NONE;
    }

    /** Rows with the largest loss, then those with the largest norm of the gradient; a row may be among both. */
    private static void writeTop(Dataset<Row> rows, Settings settings) {
        Dataset<Row> kept = rows.persist();
        try {
            Dataset<Row> byLoss = top(kept, RnnModel.LOSS, RnnModel.GRADIENT_NORM, settings);
            Dataset<Row> byNorm = top(kept, RnnModel.GRADIENT_NORM, RnnModel.LOSS, settings);
            RowsOutput.of(settings).write(byLoss.unionAll(byNorm).coalesce(1), Set.of());
        } finally {
            kept.unpersist();
        }
    }

    private static Dataset<Row> top(Dataset<Row> rows, String column, String then, Settings settings) {
        Column all = functions.to_json(functions.struct(
                Arrays.stream(rows.columns()).map(RnnModel::column).toArray(Column[]::new)));
        return rows.orderBy(functions.desc(column), functions.desc(then), all)
                .limit(top(settings))
                .withColumn(TOP_BY, functions.lit(column));
    }

    private static Dataset<Row> requireNoTop(Dataset<Row> rows) {
        if (ColumnName.isIn(rows.schema(), TOP_BY)) {
            throw new InputException("the input has a column " + TOP_BY + ", which top adds; rename it");
        }
        return rows;
    }

    /** Categories that the training did not see, or that are missing, by column. */
    private static Map<String, Long> unknown(Columns columns, ShardedRows shards) {
        long[] counts = shards.unknownCategories(
                columns.categories().size(), columns.statics().size());
        Map<String, Long> byColumn = new LinkedHashMap<>();
        for (Columns.Category category : columns.coded()) {
            byColumn.put(category.column(), counts[byColumn.size()]);
        }
        return byColumn;
    }

    /** Precision, recall and F1 of every class, and how often it occurs in the data. */
    private static Map<String, Object> perClass(EvaluationSum sum, Labels labels) {
        Map<String, Object> classes = new LinkedHashMap<>();
        boolean doubles = labels.areDoubles();
        for (int c = 0; c < labels.size(); c++) {
            double hits = sum.hits(c);
            long actual = sum.labels(c);
            long predicted = sum.predicted(c);
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("precision", predicted == 0 ? 0 : hits / predicted);
            figures.put("recall", actual == 0 ? 0 : hits / actual);
            figures.put("f1", actual + predicted == 0 ? 0 : 2 * hits / (actual + predicted));
            figures.put("count", actual);
            classes.put(doubles ? labels.value(c) : labels.digits(c), figures); // as predictions show them
        }
        return classes;
    }

    /** How often each label (row) was predicted as each (column), in the order of perClass. */
    private static long[][] confusion(EvaluationSum sum, Labels labels) {
        long[][] rows = new long[labels.size()][labels.size()];
        for (int label = 0; label < rows.length; label++) {
            for (int prediction = 0; prediction < rows.length; prediction++) {
                rows[label][prediction] = sum.confusion(label, prediction);
            }
        }
        return rows;
    }
}
