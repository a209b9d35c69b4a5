package dev.unroll.cli;

import dev.unroll.data.Labels;
import dev.unroll.ml.Keys;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.RnnClassifierModel;
import dev.unroll.model.Model;
import dev.unroll.nn.LossReduction;
import dev.unroll.spark.CanonicalRows;
import dev.unroll.spark.FileSource;
import dev.unroll.spark.SequenceReader;
import dev.unroll.spark.ShardedRows;
import dev.unroll.spark.SparkObjective;
import dev.unroll.train.EvaluationSum;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code evaluate}: metrics of a model on labelled data. */
final class Evaluate implements Unroll.Command {

    static final String MAX_LENGTH =
            "steps that a sequence may have at most; 0 = no limit (default that of the training)";

    @Override
    public String name() {
        return "evaluate";
    }

    @Override
    public String description() {
        return "Prints metrics of a model on labelled data.";
    }

    @Override
    public Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("model", "directory of the model");
        keys.put("input", "files to evaluate on");
        keys.put("format", "csv, tsv, json, parquet or text (default csv)");
        keys.put("read-option", "key=value for Spark's reader of the format; may be given several times");
        keys.put("features-col", "column of sequences (default that of the training)");
        keys.put("label-col", "column of labels (default that of the training)");
        keys.put("max-length", MAX_LENGTH);
        keys.put("handle-invalid", "rows that cannot be used: error or skip (default error)");
        return keys;
    }

    @Override
    public void check(Settings settings) {
        settings.require("model");
        settings.require("input");
        Source.of(settings);
        skip(settings);
        maxLength(settings, 0);
    }

    /** The longest sequence allowed; 0 for no limit. */
    static int maxLength(Settings settings, int byDefault) {
        return (Integer) settings.get("max-length")
                .map(text -> Keys.of(new RnnClassifier()).get("max-length").parse(text))
                .orElse(byDefault);
    }

    static boolean skip(Settings settings) {
        String value = settings.get("handle-invalid", "error");
        if (!value.equals("error") && !value.equals("skip")) {
            throw new UsageException("handle-invalid is " + value + "; allowed are error and skip");
        }
        return value.equals("skip");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        RnnClassifierModel trained = ModelDirectory.load(settings.require("model"), spark);
        Model model = trained.model();
        Map<String, String> provenance = model.provenance();
        FileSource source = Source.of(settings);
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        String features = settings.get("features-col", provenance.get("featuresCol"));
        String label = settings.get("label-col", provenance.get("labelCol"));
        SequenceReader reader = new SequenceReader(
                context,
                features,
                label,
                provenance.get("tokenizer"),
                skip(settings),
                0,
                maxLength(settings, Integer.parseInt(provenance.getOrDefault("maxLength", "0"))));
        Labels labels = model.labels();
        Dataset<Row> input = source.read(spark, settings.require("input"), List.of(features, label));
        try (CanonicalRows rows = reader.read(input, 1, labels)) {
            rows.requireInput(model.spec().input());
            int parts = context.defaultParallelism();
            ShardedRows shards = rows.heldOut(parts, parts, model.vocabulary(), labels);
            EvaluationSum sum =
                    SparkObjective.evaluate(context, model.spec(), LossReduction.STEP, shards, model.theta());
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("metrics", sum.metrics());
            result.put("sequences", rows.heldOutSequences());
            result.put("skipped", rows.skipped());
            return result;
        }
    }
}
