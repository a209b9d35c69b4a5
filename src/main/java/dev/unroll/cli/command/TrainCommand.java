package dev.unroll.cli.command;

import dev.unroll.cli.bench.BenchCommand;
import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.Source;
import dev.unroll.cli.frame.StopOnSignal;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.data.InputException;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.math.Gemm;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.ml.RnnModel;
import dev.unroll.ml.TrainingSummary;
import dev.unroll.param.ParameterHash;
import dev.unroll.spark.source.FileSource;
import dev.unroll.train.Checkpoints;
import dev.unroll.train.TrainingException;
import dev.unroll.worker.GradientFlow;
import dev.unroll.worker.GradientNoise;
import dev.unroll.worker.GradientTerms;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code train}: rows in, a model directory out. Without {@code --train} it runs the {@link DefaultJob}. */
public final class TrainCommand implements Command {

    private static final String VALIDATION_FROM = "validation-from";
    private static final String CHECKPOINTS = "checkpoint-dir";

    /** Rows to train and to validate on, and how many were left out on the way to them. */
    record Parts(Dataset<Row> training, Optional<Dataset<Row>> validation, Map<String, Long> skipped) {}

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
        keys.put(
                "task",
                "classification, tagging, regression or language-model (default classification; with prepare windows regression)");
        keys.put("train", "files to train on");
        keys.put("validation", "files to validate on");
        keys.put(
                VALIDATION_FROM,
                "with prepare windows: windows whose label is of this time or later are validated on, earlier ones trained on;"
                        + " of the files of train, or of those of validation where these are given");
        keys.put(Preparation.KEY, Preparation.DOC + " (default none)");
        keys.put("format", "csv, tsv, json, parquet or text (default csv)");
        keys.put("read-option", "key=value for Spark's reader of the format; may be given several times");
        keys.put("model", "directory to write the model to (default a new one under models/)");
        keys.put("metrics", "file to write one JSON object per iteration to");
        keys.put("tensorboard", "local folder to write the numbers of each iteration to, for TensorBoard");
        keys.put(
                "overwrite",
                "whether an existing model directory, metrics file, TensorBoard's files and checkpoints are replaced (default false)");
        return keys;
    }

    @Override
    public boolean trains() {
        return true;
    }

    @Override
    public boolean prepares() {
        return true;
    }

    @Override
    public void check(Settings given) {
        Settings settings = Preparation.withTask(given);
        settings.flag("overwrite");
        Source.of(settings);
        Preparation preparation = Preparation.of(
                settings, settings.applyTo(Estimators.of(settings)).rowSpec());
        if (settings.has(VALIDATION_FROM)) {
            preparation.requireWindows(VALIDATION_FROM);
        }
        if (settings.get(Preparation.KEY, "").equals(Preparation.WINDOWS)
                && settings.number("validation-fraction", 0, 0) > 0) {
            throw new UsageException("validation-fraction is " + settings.require("validation-fraction") + ", and "
                    + Preparation.KEY + " is " + Preparation.WINDOWS + ", which overlap; " + VALIDATION_FROM
                    + " splits them by time");
        }
        for (String key : List.of("validation", Preparation.KEY)) {
            if (settings.has(key) && !settings.has("train")) {
                throw new UsageException(key + " is given without train");
            }
        }
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings given) throws Exception {
        boolean defaultJob = !given.has("train");
        Settings settings = complete(given);
        boolean overwrite = settings.flag("overwrite");
        String target = target(spark, settings, overwrite);
        RnnEstimator<?, ?> estimator = settings.applyTo(Estimators.of(settings));
        if (overwrite) {
            estimator.setOverwriteCheckpoints(true);
        }
        Preparation preparation = Preparation.of(settings, estimator.rowSpec());
        Parts parts = parts(spark, settings, preparation);

        RnnModel<?> model;
        try {
            model = fit(estimator, parts, settings, overwrite);
            preparation.toKeep().ifPresent(model::setPreparation);
            model.save(target, overwrite, spark);
        } catch (InputException | IllegalArgumentException | UsageException e) {
            throw e;
        } catch (Exception e) {
            throw resumable(e, settings, spark);
        }
        model.summary().ifPresent(TrainCommand::printDiagnostics);
        if (defaultJob) {
            DefaultJob.show(settings, parts.training(), model);
        }
        return result(model, target, parts.skipped());
    }

    private static RnnModel<?> fit(RnnEstimator<?, ?> estimator, Parts parts, Settings settings, boolean overwrite)
            throws IOException {
        boolean resumes = settings.flag("resume");
        try (Written written = Written.open(settings, overwrite, resumes);
                StopOnSignal signal = StopOnSignal.listen(settings.has(CHECKPOINTS))) {
            written.metrics.ifPresent(estimator::addListener);
            written.curves.ifPresent(estimator::addListener);
            estimator.addListener(new ProgressLine(System.out));
            estimator.addListener(signal);
            System.out.println(
                    "kernel: " + Gemm.implementation() + (Gemm.advice().isEmpty() ? "" : "; " + Gemm.advice()));
            return (RnnModel<?>)
                    (parts.validation().isPresent()
                            ? estimator.fit(parts.training(), parts.validation().get())
                            : estimator.fit(parts.training()));
        }
    }

    /** The failure, with how to go on where there is a checkpoint to go on from. */
    private static Exception resumable(Exception failure, Settings settings, SparkSession spark) {
        Optional<Long> latest = Optional.empty();
        try {
            if (settings.has(CHECKPOINTS)) {
                latest = Checkpoints.latestIteration(Directory.of(
                        settings.require(CHECKPOINTS), spark.sparkContext().hadoopConfiguration()));
            }
        } catch (FormatException e) {
            failure.addSuppressed(e);
        }
        if (latest.isEmpty()) {
            return failure;
        }
        String message =
                String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        return new TrainingException(
                message + "; the same command with --resume true goes on from iteration " + latest.get(), failure);
    }

    /** What an update took, how far back gradients reached, and how large a batch pays. */
    private static void printDiagnostics(TrainingSummary summary) {
        summary.iterationMs().ifPresent(ms -> summary.preflight()
                .ifPresent(findings -> System.out.printf(
                        Locale.ROOT,
                        "time: %.1f ms an update measured, %.1f ms predicted (%s)%n",
                        ms,
                        findings.time().totalMs(),
                        PlanCommand.phases(findings.time()))));
        summary.gradientFlow().latest().ifPresent(flow -> flow.sentence()
                .ifPresent(sentence -> System.out.println("gradient flow: " + sentence
                        + flow.warning().map(warning -> "; " + warning).orElse(""))));
        summary.gradientFlow()
                .latestTerms()
                .flatMap(GradientTerms::warning)
                .ifPresent(warning -> System.out.println("states: " + warning));
        summary.truncationAdvice().ifPresent(advice -> System.out.println("truncation: " + advice.sentence()));
        long batch = summary.plan().effectiveBatchSize();
        if (batch < summary.plan().sequences()) {
            summary.gradientNoise()
                    .mean()
                    .ifPresent(noise -> System.out.println("gradient noise: " + sentence(noise, batch)));
        }
    }

    private static String sentence(GradientNoise noise, long batch) {
        return Double.isFinite(noise.scale())
                ? String.format(
                        Locale.ROOT,
                        "scale %,.0f sequences, the batch has %,d; up to about the scale, larger batches (and more cores) pay",
                        noise.scale(),
                        batch)
                : "the gradient of a batch of " + batch + " cannot be told from noise; larger batches pay";
    }

    /** With what the default job, or the preparation of tables, adds. */
    static Settings complete(Settings given) {
        return given.has("train") ? Preparation.withTask(given) : given.withDefaults(DefaultJob.DEFAULTS);
    }

    /** The rows that were asked for, or those of the default job. */
    static Parts parts(SparkSession spark, Settings settings, Preparation preparation) throws IOException {
        if (!settings.has("train")) {
            return new Parts(DefaultJob.rows(spark), Optional.empty(), Map.of());
        }
        FileSource source = Source.of(settings);
        boolean skip = EvaluateCommand.skip(settings);
        Optional<String> from = settings.get(VALIDATION_FROM);
        Preparation.Input train = preparation.read(spark, source, settings.require("train"), skip);
        Optional<Preparation.Input> other =
                settings.get("validation").map(path -> preparation.read(spark, source, path, skip));
        if (from.isEmpty()) {
            return parts(preparation.sequences(train), other.map(preparation::sequences));
        }
        preparation.requireTime(train, VALIDATION_FROM, from.get());
        Preparation.Input later = preparation.labelsFrom(from.get()).sequences(other.orElse(train));
        Parts parts = parts(preparation.labelsBefore(from.get()).sequences(train), Optional.of(later));
        return other.isPresent() ? parts : new Parts(parts.training(), parts.validation(), train.skipped());
    }

    private static Parts parts(Preparation.Input training, Optional<Preparation.Input> validation) {
        return new Parts(
                training.rows(),
                validation.map(Preparation.Input::rows),
                together(
                        training.skipped(),
                        validation.map(Preparation.Input::skipped).orElse(Map.of())));
    }

    private static Map<String, ?> result(RnnModel<?> model, String target, Map<String, Long> skippedBefore) {
        TrainingSummary summary = model.summary().orElseThrow();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("iterations", summary.result().iterations());
        result.put("loss", summary.result().loss());
        result.put("validation", summary.result().validation());
        result.put("parameterHash", ParameterHash.of(model.model().theta()));
        result.put("sequences", summary.sequences());
        result.put("skipped", together(skippedBefore, summary.skipped()));
        result.put("model", target);
        summary.iterationMs().ifPresent(ms -> result.put("iterationMs", BenchCommand.rounded(ms, 2)));
        summary.predictedIterationMs().ifPresent(ms -> result.put("predictedIterationMs", BenchCommand.rounded(ms, 2)));
        summary.gradientFlow().latest().ifPresent(flow -> {
            Map<String, Object> reach = new LinkedHashMap<>();
            reach.put("reach", flow.reach(GradientFlow.SMALL));
            reach.put("lags", flow.lags());
            result.put("gradientFlow", reach);
        });
        summary.truncationAdvice().ifPresent(advice -> result.put("truncationCosines", advice.cosines()));
        summary.gradientNoise()
                .mean()
                .filter(noise -> Double.isFinite(noise.scale()))
                .ifPresent(noise -> result.put("noiseScale", noise.scale()));
        result.put("stopReason", summary.result().stopReason().text());
        return result;
    }

    /** The keys that say what is trained on, and not what is written. */
    Map<String, String> keysOfRows() {
        Map<String, String> keys = keys();
        keys.keySet().removeAll(List.of("model", "metrics", "tensorboard", "overwrite"));
        return keys;
    }

    /** Counts by reason, added. */
    static Map<String, Long> together(Map<String, Long> some, Map<String, Long> others) {
        Map<String, Long> sum = new TreeMap<>(some);
        others.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
        return sum;
    }

    /** The model directory, checked before the work and not after it. */
    private static String target(SparkSession spark, Settings settings, boolean overwrite) {
        String stamp =
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").format(LocalDateTime.now(ZoneId.systemDefault()));
        String target = settings.get("model", "models/" + settings.get("task", "classification") + "-" + stamp);
        ModelDirectory.requireWritable(target, overwrite, spark);
        return target;
    }

    /** What is written of each iteration, as far as it is asked for. */
    private record Written(Optional<MetricsFile> metrics, Optional<TensorBoardCurves> curves) implements AutoCloseable {

        static Written open(Settings settings, boolean overwrite, boolean resumes) {
            return new Written(
                    settings.get("metrics").map(file -> new MetricsFile(file, overwrite, resumes)),
                    settings.get("tensorboard").map(folder -> new TensorBoardCurves(folder, overwrite, resumes)));
        }

        @Override
        public void close() throws IOException {
            // Both are closed, whatever one of them throws.
            try {
                if (metrics.isPresent()) {
                    metrics.get().close();
                }
            } finally {
                if (curves.isPresent()) {
                    curves.get().close();
                }
            }
        }
    }
}
