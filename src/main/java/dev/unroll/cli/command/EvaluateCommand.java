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
import dev.unroll.ml.Evaluation;
import dev.unroll.ml.EvaluationResult;
import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnModel;
import dev.unroll.ml.RnnRegressor;
import dev.unroll.model.Model;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.rows.SparkCanonicalRows;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.worker.EvaluationSum;
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

/** {@code evaluate}: metrics of a model on labelled data. */
public final class EvaluateCommand implements Command {

    private static final String TOP = "top";
    private static final String SEASON = "season";
    private static final String WEIGHT = "weight-col";
    private static final String BY = "by";
    private static final String OUTPUT = "output";
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
        List<Option> options = new ArrayList<>(ModelInput.options(true, "files to evaluate on, or a table"));
        options.add(Option.whole(
                        TOP,
                        0,
                        "rows to write to output: so many with the largest loss, and so many with the largest norm of"
                                + " the gradient")
                .orElse(0));
        options.add(Option.text(
                BY,
                "columns, with commas between them: metrics of each group of rows that have the same values there, as a"
                        + " table in output, or without output as lines of JSON before the last one"));
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
        for (String key : List.of(OUTPUT, "output-format", "overwrite")) {
            if (settings.has(key) && top(settings) == 0 && !settings.has(BY)) {
                throw new UsageException(key + " is given without " + TOP + ", the number of rows to write, or " + BY
                        + ", the columns of groups");
            }
        }
        for (String key : List.of("output-format", "overwrite")) {
            if (settings.has(key) && !settings.has(OUTPUT)) {
                throw new UsageException(key + " is given without " + OUTPUT + ", a directory or a table to write to");
            }
        }
        by(settings);
        if (top(settings) > 0) {
            RowsOutput.of(settings);
            if (settings.has(BY)) {
                throw new UsageException(BY + " is " + settings.require(BY) + ", and " + TOP + " is " + top(settings)
                        + ": both write a table to " + OUTPUT + "; leave one of them out");
            }
            weight(settings).ifPresent(column -> {
                throw new UsageException(WEIGHT + " is " + column + ", and " + TOP + " is " + top(settings)
                        + ": the losses of top are those of rows that weigh 1; leave one of them out");
            });
        }
    }

    private static Optional<String> weight(Settings settings) {
        return settings.get(WEIGHT).filter(column -> !column.isEmpty());
    }

    /** The columns of groups; none where metrics are those of all rows alone. */
    private static String[] by(Settings settings) {
        String list = settings.get(BY).orElse("");
        try {
            String[] names = Evaluation.names(list);
            if (names.length == 0 && settings.has(BY)) {
                throw new NumberFormatException(list);
            }
            return names;
        } catch (NumberFormatException e) {
            throw new UsageException(BY + " is " + list + "; allowed are " + Evaluation.NAMES);
        }
    }

    private static int top(Settings settings) {
        return settings.integer(TOP);
    }

    @Override
    public CommandPaths paths(Settings settings) {
        return CommandPaths.of(settings).reads("model").readsRows("input").writesRows("output");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        RnnModel<?> trained = ModelInput.load(settings, spark);
        boolean skip = SkippedRows.areAllowed(settings);
        OptionalInt season = settings.has(SEASON) ? OptionalInt.of(settings.integer(SEASON)) : OptionalInt.empty();
        Model model = trained.model();
        if (settings.has(OUTPUT)) {
            RowsOutput.of(settings).requireWritable(spark);
        }
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        boolean labelled = model.task() != LearningTask.LANGUAGE_MODEL;
        if (!labelled && settings.has(BY)) {
            throw new UsageException(
                    BY + " is " + settings.require(BY)
                            + ", and the model is a language model; allowed are models of classification, tagging and regression");
        }
        String label = labelled ? settings.get("label-col").orElse(trained.getOrDefault(trained.labelCol())) : null;
        RowSpec rowSpec =
                trained.rowSpec().withLabel(label).withWeight(weight(settings).orElse(null));
        SequenceReader reader = new SequenceReader(context, rowSpec, skip, 0);
        Preparation preparation = Preparation.of(settings, rowSpec, trained.preparation());
        Preparation.Input input = ModelInput.read(spark, settings, preparation);
        Dataset<Row> given = input.rows();
        Optional<Dataset<Row>> withLoss = Optional.empty();
        Problem problem = Evaluation.problem(trained, given.schema(), label, season);
        Optional<Evaluation> evaluation =
                labelled ? Optional.of(evaluation(trained, settings, label)) : Optional.empty();
        evaluation.ifPresent(some -> some.requireGroups(input.rows().schema()));
        trained.setHandleInvalid(skip ? "skip" : "error");
        if (top(settings) > 0) {
            given = RowsOutput.of(settings).checked(given);
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
            EvaluationSum sum = SparkObjective.evaluate(context, problem, shards, model.theta());
            Dataset<Row> usable = Source.withoutFaults(given);
            Optional<EvaluationResult> predicted = evaluation.map(some -> some.run(usable));
            Map<String, Double> metrics = new LinkedHashMap<>(sum.metrics(problem));
            predicted.ifPresent(measured -> metrics.putAll(measured.metrics()));
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("metrics", metrics);
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
            predicted.ifPresent(
                    measured -> addTo(result, measured, weight(settings).isPresent()));
            predicted.flatMap(EvaluationResult::groups).ifPresent(groups -> {
                show(groups, settings);
                result.put("groups", groups.count());
            });
            withLoss.ifPresent(some -> writeTop(some, settings));
            settings.get(OUTPUT).ifPresent(output -> result.put(OUTPUT, output));
            return result;
        }
    }

    private static Evaluation evaluation(RnnModel<?> trained, Settings settings, String label) {
        Evaluation evaluation = new Evaluation(trained).setLabelCol(label);
        weight(settings).ifPresent(evaluation::setWeightCol);
        evaluation.setBy(by(settings));
        if (settings.has(SEASON)) {
            evaluation.setSeason(settings.integer(SEASON));
        }
        return evaluation;
    }

    /** The table of groups in output, or as lines of JSON, in which a metric that a group does not have is null. */
    private static void show(Dataset<Row> groups, Settings settings) {
        if (settings.has(OUTPUT)) {
            RowsOutput output = RowsOutput.of(settings);
            Column[] ascending =
                    Arrays.stream(by(settings)).map(RnnModel::column).toArray(Column[]::new);
            output.write(output.checked(groups).coalesce(1).sortWithinPartitions(ascending), Set.of());
            return;
        }
        Column[] all = Arrays.stream(groups.columns()).map(RnnModel::column).toArray(Column[]::new);
        groups.select(functions.to_json(functions.struct(all), Map.of("ignoreNullFields", "false")))
                .toLocalIterator()
                .forEachRemaining(line -> System.out.println(line.getString(0)));
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

    /** @param weighted whether what is counted has weights; otherwise they are whole numbers */
    private static void addTo(Map<String, Object> result, EvaluationResult measured, boolean weighted) {
        long zeros = measured.counts().getOrDefault("zeroTargets", 0L);
        if (zeros > 0) {
            result.put("zeroTargets", zeros);
        }
        if (!measured.classes().isEmpty()) {
            result.put("perClass", perClass(measured));
        }
        measured.confusion()
                .ifPresent(confusion -> result.put("confusion", weighted ? confusion : wholeNumbers(confusion)));
    }

    /** The figures of every class, but for those that it does not have. */
    private static Map<String, Object> perClass(EvaluationResult measured) {
        Map<String, Object> classes = new LinkedHashMap<>();
        for (EvaluationResult.OfClass one : measured.classes()) {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("precision", one.precision());
            figures.put("recall", one.recall());
            figures.put("f1", one.f1());
            figures.put("count", one.count());
            figures.put("areaUnderROC", one.areaUnderROC());
            figures.put("averagePrecision", one.averagePrecision());
            figures.values().removeIf(figure -> figure.equals(Double.NaN));
            classes.put(one.label(), figures);
        }
        return classes;
    }

    private static long[][] wholeNumbers(double[][] rows) {
        return Arrays.stream(rows)
                .map(row -> Arrays.stream(row).mapToLong(count -> (long) count).toArray())
                .toArray(long[][]::new);
    }
}
