package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.CommandPaths;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnModel;
import dev.unroll.nn.Readout;
import dev.unroll.spark.rows.UsedRows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code predict}: the input's columns plus prediction and probability, in files or a table. */
public final class PredictCommand implements Command {

    private static final String PREDICTION = "prediction-col";
    private static final String PROBABILITY = "probability-col";
    private static final String THRESHOLDS = "thresholds";
    private static final String RAW_PREDICTION = "raw-prediction-col";
    private static final String QUANTILES_COL = "quantiles-col";
    private static final String DISTRIBUTION = "distribution-col";
    private static final String EXPLODE = "explode";

    @Override
    public String name() {
        return "predict";
    }

    @Override
    public String description() {
        return "Writes the input's columns, or those that prepare makes but the sequence, plus prediction, probability, quantiles and distribution.";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(ModelInput.options(false, "files to predict, or a table"));
        Map<String, ParamDocs.Key> params = ParamDocs.of(new RnnClassifier());
        for (String key : List.of(PREDICTION, PROBABILITY, THRESHOLDS, QUANTILES_COL, DISTRIBUTION)) {
            options.add(Option.of(params.get(key)).orElseAs(ModelInput.OF_THE_TRAINING));
        }
        options.add(Option.of(params.get(RAW_PREDICTION)).orElse(""));
        options.add(Option.flag(
                EXPLODE,
                "of a model trained with known-cols: whether each step of the horizon is a row of its own, with its number,"
                        + " horizonStep, in place of arrays"));
        options.addAll(RowsOutput.options());
        return options;
    }

    @Override
    public boolean prepares() {
        return true;
    }

    @Override
    public void check(Settings settings) {
        ModelInput.check(settings);
        RowsOutput.of(settings);
    }

    @Override
    public CommandPaths paths(Settings settings) {
        return CommandPaths.of(settings).reads("model").readsRows("input").writesRows("output");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        boolean skip = SkippedRows.areAllowed(settings);
        RnnModel<?> model = ModelInput.load(settings, spark);
        if (settings.flag(EXPLODE) && model.model().horizon() == 0) {
            throw new UsageException(
                    "explode is true, and the model predicts one value a row, or one a step; it goes with"
                            + " models that were trained with known-cols");
        }
        RowsOutput output = RowsOutput.of(settings);
        output.requireWritable(spark);
        nameColumns(model, settings);
        model.setHandleInvalid(skip ? "skip" : "error");
        Preparation preparation = Preparation.of(settings, model.rowSpec(), model.preparation());
        Preparation.Input prepared = ModelInput.read(spark, settings, preparation);
        Dataset<Row> input = output.checked(prepared.rows());
        Set<String> added = new LinkedHashSet<>(
                List.of(model.transformSchema(input.schema()).fieldNames()));
        added.removeAll(List.of(input.schema().fieldNames()));
        if (model.model().task().hasClasses()) {
            for (int label = 0; label < model.model().labels().size(); label++) {
                output.requireRepresentable(
                        "label", model.model().labels().value(label), model.getOrDefault(model.predictionCol()));
            }
        }
        UsedRows used = new UsedRows();
        spark.sparkContext().register(used);
        Dataset<Row> predicted = model.transform(input, used);
        // Windows overlap: with their steps, the output would be many times the input.
        Dataset<Row> written = preparation.isSome() ? predicted.drop(preparation.steps()) : predicted;
        if (model.model().horizon() > 0) {
            HorizonRows rows = new HorizonRows(model.model().horizon(), preparation.ahead(), List.copyOf(added));
            written = settings.flag(EXPLODE) ? rows.exploded(written) : rows.aligned(written);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        output.write(written, added, () -> {
            used.requireUsable(input, skip);
            result.put("sequences", used.usable());
            result.put("skipped", SkippedRows.sum(prepared.skipped(), used.skipped()));
        });
        result.put("output", output.name());
        return result;
    }

    private static void nameColumns(RnnModel<?> model, Settings settings) {
        for (String key : List.of(PROBABILITY, RAW_PREDICTION, THRESHOLDS)) {
            if (settings.has(key) && !model.model().task().hasClasses()) {
                throw new UsageException(key + " is given, and the model's task is "
                        + model.model().task().key()
                        + ", which has no classes; it goes with classification and tagging");
            }
        }
        if (settings.has(QUANTILES_COL) && model.levels().isEmpty()) {
            throw new UsageException(
                    QUANTILES_COL + " is given, and the model's loss is "
                            + model.model().spec().head().loss().key()
                            + ", which has no quantiles; it goes with loss quantile, gaussian, student-t, poisson and negative-binomial");
        }
        if (settings.has(DISTRIBUTION) && !new Readout(model.model().spec().head()).hasDistribution()) {
            throw new UsageException(DISTRIBUTION + " is given, and the model's loss is "
                    + model.model().spec().head().loss().key()
                    + ", which is no likelihood; it goes with loss gaussian, student-t, poisson and negative-binomial");
        }
        settings.get(QUANTILES_COL).ifPresent(model::setQuantilesCol);
        settings.get(DISTRIBUTION).ifPresent(model::setDistributionCol);
        settings.get(PREDICTION).ifPresent(model::setPredictionCol);
        settings.get(PROBABILITY).ifPresent(model::setProbabilityCol);
        settings.get(THRESHOLDS)
                .ifPresent(text -> model.setThresholds(
                        (double[]) ParamDocs.of(model).get(THRESHOLDS).parse(text)));
        model.setRawPredictionCol(settings.get(RAW_PREDICTION).orElse(""));
    }
}
