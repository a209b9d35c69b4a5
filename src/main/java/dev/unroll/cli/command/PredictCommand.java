package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.Source;
import dev.unroll.ml.RnnModel;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.source.FileSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    public Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("model", "directory of the model");
        keys.put("input", "files to predict");
        keys.put("format", "csv, tsv, json, parquet or text (default csv)");
        keys.put("read-option", "key=value for Spark's reader of the format; may be given several times");
        keys.put(Preparation.KEY, Preparation.DOC + Preparation.OF_THE_TRAINING);
        keys.put("features-col", "column of sequences (default that of the training)");
        keys.put("max-length", EvaluateCommand.MAX_LENGTH);
        keys.put("handle-invalid", "rows that cannot be used: error or skip (default error)");
        RowsOutput.addKeys(keys);
        return keys;
    }

    @Override
    public boolean prepares() {
        return true;
    }

    @Override
    public void check(Settings settings) {
        settings.require("model");
        settings.require("input");
        RowsOutput.of(settings);
        Source.of(settings);
        EvaluateCommand.skip(settings);
        EvaluateCommand.maxLength(settings);
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        boolean skip = EvaluateCommand.skip(settings);
        RnnModel<?> model = ModelDirectory.load(settings.require("model"), spark);
        RowsOutput output = RowsOutput.of(settings);
        output.requireNew(spark);
        settings.get("features-col").ifPresent(model::setFeaturesCol);
        EvaluateCommand.maxLength(settings).ifPresent(model::setMaxLength);
        model.setHandleInvalid(skip ? "skip" : "error");
        FileSource source = Source.of(settings);
        Preparation preparation = Preparation.of(settings, model.rowSpec(), model.preparation());
        Preparation.Input prepared =
                preparation.sequences(preparation.read(spark, source, settings.require("input"), skip));
        Dataset<Row> input = prepared.rows();
        model.transformSchema(input.schema());
        SequenceReader reader =
                new SequenceReader(JavaSparkContext.fromSparkContext(spark.sparkContext()), model.rowSpec(), skip, 0);
        Map<String, Object> result = new LinkedHashMap<>();
        RowStatistics statistics = reader.check(input);
        statistics.requireInput(model.model().spec().input());
        result.put("sequences", statistics.sequences());
        result.put("skipped", TrainCommand.together(prepared.skipped(), statistics.skipped()));
        Dataset<Row> predicted = model.transform(Source.withoutFaults(input));
        // Windows overlap: with their steps, the output would be many times the input.
        output.write(
                preparation.isSome() ? predicted.drop(model.rowSpec().featuresCol()) : predicted,
                List.of(model.getOrDefault(model.predictionCol()), model.getOrDefault(model.probabilityCol())));
        result.put("output", output.directory());
        return result;
    }
}
