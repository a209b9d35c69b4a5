package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.SparkCanonicalRows;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.train.Checkpoint;
import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.Objective;
import dev.unroll.train.Trainer;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;

/**
 * One iteration of a training that was computed again.
 *
 * @param from the iteration of the checkpoint that it was computed from; 0 for the beginning
 * @param loss mean loss of the batch, before the update
 * @param gradientNorm L2 norm of the mean gradient, before the update
 * @param parameterHash after the update
 */
public record Replay(long from, double loss, double gradientNorm, String parameterHash) {

    /**
     * Computes one iteration of a training again, in this process: from the latest checkpoint before it, or else from the beginning.
     * Nothing is written.
     *
     * @throws InputException if there are checkpoints, and none is of this training; if the training has fewer updates, or
     *     its optimiser converges before the iteration. Tolerance and patience are not asked: the update is computed as if
     *     training had continued.
     */
    public static Replay of(
            TrainingConfig config,
            JavaSparkContext context,
            Dataset<?> dataset,
            Optional<? extends Dataset<?>> validation,
            long iteration) {
        Configuration hadoop = context.hadoopConfiguration();
        try (DatasetRows read = DatasetRows.read(config, context, dataset, validation)) {
            SparkCanonicalRows rows = read.training();
            TrainingSetup setup = TrainingSetup.of(
                    config,
                    rows.statistics(),
                    read.validation().map(SparkCanonicalRows::statistics),
                    TaskSlots.of(context));
            long updates = config.limits().updates(setup.plan());
            if (iteration > updates) {
                throw new InputException("iteration " + iteration + " cannot be replayed: the training has " + updates
                        + " updates, by max-iter and epochs");
            }
            PreparedTraining prepared = PreparedTraining.of(config, setup, rows, read.validation(), hadoop);
            Replayed replayed = new Replayed(iteration);
            ObjectiveFactory<ShardedRows> engine =
                    ObjectiveFactory.local(Runtime.getRuntime().availableProcessors());
            try (Objective objective = Training.objective(prepared, rows, read.validation(), engine, beginning -> {})) {
                Trainer trainer = new Trainer(
                        objective,
                        setup.plan(),
                        Training.optimizer(prepared),
                        Trainer.Limits.until(iteration),
                        List.of(replayed));
                Optional<Checkpoint> before = PreparedTraining.latest(prepared.checkpoints(hadoop), iteration);
                Training.run(trainer, prepared.theta(), before);
            }
            return replayed.result();
        }
    }

    /** Notes the iteration that is asked for, among those that lead to it. */
    private static final class Replayed implements IterationListener {

        private final long iteration;
        private long from = -1; // before the first update
        private Optional<Replay> replay = Optional.empty();

        Replayed(long iteration) {
            this.iteration = iteration;
        }

        @Override
        public void onIteration(IterationReport update) {
            from = from < 0 ? update.iteration() - 1 : from;
            if (update.iteration() == iteration) {
                // Of the parameters at that time: those in the end may be an average.
                replay = Optional.of(new Replay(
                        from,
                        update.loss(),
                        update.gradientNorm(),
                        update.parameterHash().get()));
            }
        }

        /** @throws InputException if the training does not reach the iteration */
        Replay result() {
            return replay.orElseThrow(() ->
                    new InputException("iteration " + iteration + " cannot be replayed: the training ends before it"));
        }
    }
}
