package dev.unroll.ml;

import dev.unroll.data.ShardPlan;
import dev.unroll.math.ProductRate;
import dev.unroll.model.Model;
import dev.unroll.preflight.Cluster;
import dev.unroll.preflight.Preflight;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.rows.SparkCanonicalRows;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.shards.Shards;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.train.IterationListener;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Objective;
import dev.unroll.train.TrainingException;
import dev.unroll.ui.TrainingEvents;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;

/** What {@code fit} does: rows of a dataset to canonical order, and one training on them, on the cluster or in this process. */
final class Fit implements Training.Engine {

    private final RnnEstimator<?, ?> params;
    private final JavaSparkContext context;
    private final OptionalLong replayed;
    private final TrainingEvents events;

    Fit(RnnEstimator<?, ?> params, JavaSparkContext context) {
        this(params, context, OptionalLong.empty());
    }

    /** @param replayed the one iteration to compute again, in this process and from a checkpoint before it; empty for a training */
    Fit(RnnEstimator<?, ?> params, JavaSparkContext context, OptionalLong replayed) {
        this.params = params;
        this.context = context;
        this.replayed = replayed;
        this.events = new TrainingEvents(context.sc());
    }

    <M> M run(Dataset<?> dataset, Optional<Dataset<?>> validation, BiFunction<Model, TrainingSummary, M> finish) {
        try {
            return read(dataset, validation, replayed.isEmpty(), (rows, validationRows) -> training(listeners())
                    .run(rows, validationRows, (model, summary) -> {
                        events.end(summary.result().stopReason().text());
                        return finish.apply(model, summary);
                    }));
        } catch (TrainingException stopped) {
            events.end(stopped.getMessage());
            throw stopped;
        } finally {
            events.end("failed"); // unless it has ended before; Spark's failures are checked ones that nobody announces
        }
    }

    private Training training(List<IterationListener> listeners) {
        return new Training(params, listeners, context.hadoopConfiguration(), TaskSlots.of(context), this, replayed);
    }

    /** Those of the user, and Spark's UI; a replay is no training. */
    private List<IterationListener> listeners() {
        List<IterationListener> listeners = new ArrayList<>(params.listeners());
        if (replayed.isEmpty()) {
            listeners.add(events);
        }
        return listeners;
    }

    /** The same up to where training would begin. */
    Preflight plan(Dataset<?> dataset, Optional<Dataset<?>> validation) {
        return read(dataset, validation, true, (rows, validationRows) -> training(List.of())
                .plan(rows, validationRows)
                .orElseThrow());
    }

    /** @param saves whether the work writes checkpoints, or is to say what would become of that */
    private <R> R read(
            Dataset<?> dataset,
            Optional<Dataset<?>> validation,
            boolean saves,
            BiFunction<SparkCanonicalRows, Optional<SparkCanonicalRows>, R> work) {
        params.requireConsistent();
        if (saves) {
            params.requireCheckpointDir(context.hadoopConfiguration());
        }
        SequenceReader reader = params.reader(context);
        try (SparkCanonicalRows rows = reader.read(dataset, params.number(params.validationFraction()), null)) {
            Optional<SparkCanonicalRows> validationRows = validation.map(d ->
                    reader.read(d, 1, params.task().hasClasses() ? rows.facts().labels() : null));
            try {
                return work.apply(rows, validationRows);
            } finally {
                validationRows.ifPresent(SparkCanonicalRows::close);
            }
        }
    }

    @Override
    public Optional<Preflight> preflight(TrainingSetup setup) {
        return Optional.of(Preflight.of(
                setup.workload(), Cluster.of(context), usesSpark(), setup.skipped(), ProductRate::gigaflops));
    }

    private boolean usesSpark() {
        return replayed.isEmpty() && params.<String>value(params.engine()).equals("spark");
    }

    @Override
    public Objective objective(Problem problem, ShardPlan plan, Shards training, Optional<Shards> heldOut) {
        if (replayed.isEmpty()) {
            events.begin(params.uid(), problem, plan);
        }
        if (usesSpark()) {
            return new SparkObjective(
                    context, problem, plan, (ShardedRows) training, heldOut.map(ShardedRows.class::cast));
        }
        LocalObjective local = new LocalObjective(
                problem,
                plan,
                training.collect(),
                heldOut.map(Shards::collect).orElse(List.of()),
                Runtime.getRuntime().availableProcessors());
        training.close();
        heldOut.ifPresent(Shards::close);
        return local;
    }
}
