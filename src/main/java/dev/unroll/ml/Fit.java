package dev.unroll.ml;

import dev.unroll.data.ShardPlan;
import dev.unroll.model.Model;
import dev.unroll.spark.CanonicalRows;
import dev.unroll.spark.SequenceReader;
import dev.unroll.spark.ShardedRows;
import dev.unroll.spark.Shards;
import dev.unroll.spark.SparkObjective;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Objective;
import dev.unroll.train.Problem;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;

/** What {@code fit} does: rows of a dataset to canonical order, and one training on them, on the cluster or in this process. */
final class Fit {

    private final RnnEstimator<?, ?> params;
    private final JavaSparkContext context;
    private final OptionalLong replayed;

    Fit(RnnEstimator<?, ?> params, JavaSparkContext context) {
        this(params, context, OptionalLong.empty());
    }

    /** @param replayed the one iteration to compute again, in this process and from a checkpoint before it; empty for a training */
    Fit(RnnEstimator<?, ?> params, JavaSparkContext context, OptionalLong replayed) {
        this.params = params;
        this.context = context;
        this.replayed = replayed;
    }

    <M> M run(Dataset<?> dataset, Optional<Dataset<?>> validation, BiFunction<Model, TrainingSummary, M> finish) {
        params.requireConsistent();
        if (replayed.isEmpty()) {
            params.requireCheckpointDir(context.hadoopConfiguration());
        }
        SequenceReader reader = params.reader(context);
        try (CanonicalRows rows = reader.read(dataset, params.number(params.validationFraction()), null)) {
            Optional<CanonicalRows> validationRows = validation.map(d ->
                    reader.read(d, 1, params.task().hasClasses() ? rows.facts().labels() : null));
            try {
                return new Training(
                                params,
                                params.listeners(),
                                context.hadoopConfiguration(),
                                ShardedRows.tasksAtOnce(context),
                                this::objective,
                                replayed)
                        .run(rows, validationRows, finish);
            } finally {
                validationRows.ifPresent(CanonicalRows::close);
            }
        }
    }

    private Objective objective(Problem problem, ShardPlan plan, Shards training, Optional<Shards> heldOut) {
        if (replayed.isEmpty() && params.<String>value(params.engine()).equals("spark")) {
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
