package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.CommandPaths;
import dev.unroll.cli.frame.Failure;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Rounding;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.StopOnSignal;
import dev.unroll.fit.TrainingSummary;
import dev.unroll.format.Directory;
import dev.unroll.format.FormatException;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.ml.RnnModel;
import dev.unroll.nn.LearningTask;
import dev.unroll.param.ParameterHash;
import dev.unroll.train.Checkpoints;
import dev.unroll.train.TrainingException;
import dev.unroll.worker.GradientFlow;
import dev.unroll.worker.GradientNoise;
import dev.unroll.worker.GradientTerms;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.SparkSession;

/** {@code train}: rows in, a model directory out. Without {@code --train} it runs the {@link DefaultJob}. */
public final class TrainCommand implements Command {

    private static final String CHECKPOINTS = "checkpoint-dir";

    @Override
    public String name() {
        return "train";
    }

    @Override
    public String description() {
        return "Trains a model and writes it; without --train, on the names that come with the program.";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(TrainingRows.options());
        options.add(ModelDirectory.OPTION
                .describedAs("directory to write the model to")
                .orElseAs("a new one under models/"));
        options.add(Option.text("metrics", "file to write one JSON object per iteration to"));
        options.add(
                Option.text("tensorboard", "local folder to write the numbers of each iteration to, for TensorBoard"));
        options.addAll(BacktestReport.options());
        options.add(Option.flag(
                "overwrite",
                "whether an existing model directory, metrics file, output, TensorBoard's files and checkpoints are replaced, if they"
                        + " are this program's; of a symbolic link, the link is replaced"));
        return options;
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
    public void check(Settings settings) {
        TrainingRows.check(settings);
        BacktestReport.check(TrainingRows.withDefaults(settings));
    }

    @Override
    public CommandPaths paths(Settings settings) {
        return CommandPaths.of(settings)
                .readsRows("train", "validation")
                .mayReplace("init")
                .writes("model", "metrics")
                .writesRows("output")
                .renews(CHECKPOINTS)
                .addsTo("tensorboard");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings given) throws Exception {
        Settings settings = TrainingRows.withDefaults(given);
        boolean overwrite = settings.flag("overwrite");
        String target = target(spark, settings, overwrite);
        RnnEstimator<?, ?> estimator = settings.applyTo(Estimators.of(settings));
        if (overwrite) {
            estimator.setOverwriteCheckpoints(true);
        }
        TrainingRows rows = TrainingRows.read(spark, settings, TrainingRows.preparation(settings, estimator));
        // Before the training: what a backtest refuses is then refused before hours of it.
        Map<String, Object> tested = new LinkedHashMap<>();
        BacktestReport.of(settings)
                .ifPresent(backtest ->
                        tested.put("backtest", backtest.run(spark, settings, estimator, rows.preparation())));

        AtomicBoolean isUnderWay = new AtomicBoolean();
        RnnModel<?> model;
        try {
            model = fit(estimator, rows, settings, overwrite, isUnderWay);
            rows.preparation().toKeep().ifPresent(model::setPreparation);
            model.save(target, overwrite, spark);
        } catch (Exception | OutOfMemoryError | StackOverflowError e) {
            if (e instanceof IllegalArgumentException refused && !isUnderWay.get()) {
                throw refused;
            }
            throw resumable(e, settings, spark, isUnderWay.get());
        }
        model.summary().ifPresent(TrainCommand::printDiagnostics);
        if (!TrainingRows.areGiven(settings)) {
            DefaultJob.show(settings, rows.training(), model);
        }
        Map<String, Object> result = result(model, target, rows.skipped());
        result.putAll(tested);
        return result;
    }

    private static RnnModel<?> fit(
            RnnEstimator<?, ?> estimator,
            TrainingRows rows,
            Settings settings,
            boolean overwrite,
            AtomicBoolean isUnderWay)
            throws IOException {
        boolean resumes = settings.flag("resume");
        try (Written written = Written.open(settings, overwrite, resumes);
                StopOnSignal signal = StopOnSignal.listen(settings.has(CHECKPOINTS))) {
            written.metrics.ifPresent(estimator::addListener);
            written.curves.ifPresent(estimator::addListener);
            estimator.addListener(
                    new ProgressLine(System.out, estimator.rowSpec().task() != LearningTask.REGRESSION));
            estimator.addListener(signal);
            estimator.addListener(report -> isUnderWay.set(true)); // last: the others may refuse the first iteration
            Object model = rows.validation().isPresent()
                    ? estimator.fit(rows.training(), rows.validation().get())
                    : estimator.fit(rows.training());
            isUnderWay.set(true);
            return (RnnModel<?>) model;
        }
    }

    /**
     * The failure, with how to go on where there is a checkpoint to go on from. Once training is under way it is one of
     * training, whatever its cause.
     */
    private static Exception resumable(Throwable failure, Settings settings, SparkSession spark, boolean isUnderWay) {
        Optional<Long> latest = Optional.empty();
        try {
            if (settings.has(CHECKPOINTS)) {
                latest = Checkpoints.latestIteration(Directory.of(
                        settings.require(CHECKPOINTS), spark.sparkContext().hadoopConfiguration()));
            }
        } catch (FormatException e) {
            failure.addSuppressed(e);
        }
        if (latest.isEmpty() && isUnderWay) {
            return new TrainingException(Failure.of(failure).sentence(), failure);
        }
        if (latest.isEmpty()) {
            return failure instanceof Exception e ? e : new IllegalStateException(failure);
        }
        return new TrainingException(
                Failure.of(failure).sentence() + "; the same command with --resume true goes on from iteration "
                        + latest.get(),
                failure);
    }

    /** What an update took, how far back gradients reached, and how large a batch pays. */
    private static void printDiagnostics(TrainingSummary summary) {
        System.out.println("kernel: " + summary.kernels().sentence());
        if (summary.jobs().jobs() > 0) {
            System.out.println("jobs: " + summary.jobs().sentence());
        }
        summary.iterationMs().ifPresent(ms -> summary.preflight()
                .ifPresent(findings -> System.out.printf(
                        Locale.ROOT,
                        "time: %.1f ms an update measured, %.1f ms predicted (%s)%n",
                        ms,
                        findings.time().totalMs(),
                        PhaseTimes.sentence(findings.time()))));
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

    private static Map<String, Object> result(RnnModel<?> model, String target, Map<String, Long> skippedBefore) {
        TrainingSummary summary = model.summary().orElseThrow();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("iterations", summary.result().iterations());
        result.put("loss", summary.result().loss());
        result.put("validation", summary.result().validation());
        result.put("parameterHash", ParameterHash.of(model.model().theta()));
        result.put("sequences", summary.sequences());
        result.put("skipped", SkippedRows.sum(skippedBefore, summary.skipped()));
        if (summary.missingTargets() > 0) {
            result.put("missingTargets", summary.missingTargets());
        }
        if (summary.missingNumbers() > 0) {
            result.put("missingNumbers", summary.missingNumbers());
        }
        result.put("warnings", summary.warnings());
        result.put("model", target);
        result.put("engine", summary.engine().key());
        result.put("kernel", summary.kernels().sentence());
        result.put("scalarKernels", summary.kernels().scalar());
        if (summary.jobs().jobs() > 0) {
            result.put("updatesPerJob", Rounding.rounded(summary.jobs().updatesPerJob(), 1));
            result.put("fallbacks", summary.jobs().fallbacks());
        }
        summary.iterationMs().ifPresent(ms -> result.put("iterationMs", Rounding.rounded(ms, 2)));
        summary.predictedIterationMs().ifPresent(ms -> result.put("predictedIterationMs", Rounding.rounded(ms, 2)));
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
        summary.stillFalling().ifPresent(sentence -> result.put("stillFalling", sentence));
        result.put("stopReason", summary.result().stopReason().text());
        return result;
    }

    /** The model directory, checked before the work and not after it. */
    private static String target(SparkSession spark, Settings settings, boolean overwrite) {
        String stamp =
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").format(LocalDateTime.now(ZoneId.systemDefault()));
        String target = settings.get("model").orElse("models/" + settings.require("task") + "-" + stamp);
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
