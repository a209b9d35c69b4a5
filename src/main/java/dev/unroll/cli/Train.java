package dev.unroll.cli;

import dev.unroll.math.Gemm;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.ml.RnnModel;
import dev.unroll.ml.TrainingSummary;
import dev.unroll.param.ParameterHash;
import dev.unroll.spark.FileSource;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code train}: rows in, a model directory out. Without {@code --train} it runs the {@link DefaultJob}. */
final class Train implements Unroll.Command {

    @Override
    public String name() {
        return "train";
    }

    @Override
    public String description() {
        return "Trains a model and writes it; without --train, on the names that come with the program.";
    }

    @Override
    public Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("task", "classification, tagging, regression or language-model (default classification)");
        keys.put("train", "files to train on");
        keys.put("validation", "files to validate on");
        keys.put("format", "csv, tsv, json, parquet or text (default csv)");
        keys.put("read-option", "key=value for Spark's reader of the format; may be given several times");
        keys.put("model", "directory to write the model to (default a new one under models/)");
        keys.put("metrics", "file to write one JSON object per iteration to");
        keys.put("overwrite", "whether an existing model directory or metrics file is replaced (default false)");
        return keys;
    }

    @Override
    public boolean trains() {
        return true;
    }

    @Override
    public void check(Settings settings) {
        settings.flag("overwrite");
        Source.of(settings);
        settings.applyTo(Estimators.of(settings));
        if (settings.has("validation") && !settings.has("train")) {
            throw new UsageException("validation is given without train");
        }
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings given) throws IOException {
        boolean defaultJob = !given.has("train");
        Settings settings = defaultJob ? given.withDefaults(DefaultJob.DEFAULTS) : given;
        boolean overwrite = settings.flag("overwrite");
        String target = target(spark, settings, overwrite);
        FileSource source = Source.of(settings);
        RnnEstimator<?, ?> estimator = settings.applyTo(Estimators.of(settings));
        List<String> columns = estimator.rowSpec().columns();
        Dataset<Row> training =
                defaultJob ? DefaultJob.rows(spark) : source.read(spark, settings.require("train"), columns);
        Optional<Dataset<Row>> validation = settings.get("validation").map(path -> source.read(spark, path, columns));

        RnnModel<?> model;
        try (Metrics metrics = Metrics.open(settings, overwrite)) {
            metrics.file.ifPresent(estimator::addListener);
            estimator.addListener(new ProgressLine(System.out));
            System.out.println(
                    "kernel: " + Gemm.implementation() + (Gemm.advice().isEmpty() ? "" : "; " + Gemm.advice()));
            model = (RnnModel<?>)
                    (validation.isPresent() ? estimator.fit(training, validation.get()) : estimator.fit(training));
        }
        model.save(target, overwrite, spark);
        if (defaultJob) {
            DefaultJob.show(settings, training, model);
        }
        return result(model, target);
    }

    private static Map<String, ?> result(RnnModel<?> model, String target) {
        TrainingSummary summary = model.summary().orElseThrow();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("iterations", summary.result().iterations());
        result.put("loss", summary.result().loss());
        result.put("validation", summary.result().validation());
        result.put("parameterHash", ParameterHash.of(model.model().theta()));
        result.put("sequences", summary.sequences());
        result.put("skipped", summary.skipped());
        result.put("model", target);
        result.put("stopReason", summary.result().stopReason().text());
        return result;
    }

    /** The model directory, checked before the work and not after it. */
    private static String target(SparkSession spark, Settings settings, boolean overwrite) {
        String stamp =
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").format(LocalDateTime.now(ZoneId.systemDefault()));
        String target = settings.get("model", "models/" + settings.get("task", "classification") + "-" + stamp);
        ModelDirectory.requireWritable(target, overwrite, spark);
        return target;
    }

    /** The metrics file, if one is asked for. */
    private record Metrics(Optional<MetricsFile> file) implements AutoCloseable {

        static Metrics open(Settings settings, boolean overwrite) {
            return new Metrics(settings.get("metrics").map(path -> new MetricsFile(path, overwrite)));
        }

        @Override
        public void close() throws IOException {
            if (file.isPresent()) {
                file.get().close();
            }
        }
    }
}
