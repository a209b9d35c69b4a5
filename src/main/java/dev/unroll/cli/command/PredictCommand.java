package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.CommandPaths;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.Source;
import dev.unroll.ml.RnnModel;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.spark.rows.SequenceReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code predict}: the input's columns plus prediction and probability, in files. */
public final class PredictCommand implements Command {

    @Override
    public String name() {
        return "predict";
    }

    @Override
    public String description() {
        return "Writes the input's columns, or those that prepare makes but the sequence, plus prediction and probability.";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(ModelInput.options(false, "files to predict"));
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
        return CommandPaths.of(settings).reads("model", "input").writes("output");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        boolean skip = SkippedRows.areAllowed(settings);
        RnnModel<?> model = ModelInput.load(settings, spark);
        RowsOutput output = RowsOutput.of(settings);
        output.requireWritable(spark);
        String features = model.rowSpec().featuresCol();
        model.setHandleInvalid(skip ? "skip" : "error");
        Preparation preparation = Preparation.of(settings, model.rowSpec(), model.preparation());
        Preparation.Input prepared = ModelInput.read(spark, settings, preparation);
        Dataset<Row> input = prepared.rows();
        Set<String> added = new HashSet<>(List.of(model.transformSchema(input.schema()).fieldNames()));
        added.removeAll(List.of(input.schema().fieldNames()));
        SequenceReader reader =
                new SequenceReader(JavaSparkContext.fromSparkContext(spark.sparkContext()), model.rowSpec(), skip, 0);
        Map<String, Object> result = new LinkedHashMap<>();
        RowStatistics statistics = reader.check(input);
        statistics.requireInput(model.model().spec().input());
        result.put("sequences", statistics.sequences());
        result.put("skipped", SkippedRows.sum(prepared.skipped(), statistics.skipped()));
        Dataset<Row> usable = Source.withoutFaults(input);
        output.files().requireRepresentable(preparation.isSome() ? usable.drop(features) : usable);
        if (model.model().task().hasClasses()) {
            for (int label = 0; label < model.model().labels().size(); label++) {
                output.files()
                        .requireRepresentable(
                                "label",
                                model.model().labels().value(label),
                                model.getOrDefault(model.predictionCol()));
            }
        }
        Dataset<Row> predicted = model.transform(usable);
        // Windows overlap: with their steps, the output would be many times the input.
        output.write(
                preparation.isSome() ? predicted.drop(features) : predicted,
                added);
        result.put("output", output.directory());
        return result;
    }
}
