package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.LocalCanonicalRows;
import dev.unroll.train.IterationListener;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** A training inside a task, in its one thread: with the bits of one on the whole cluster. */
final class TaskTraining {

    private static final List<IterationListener> STOP_WITH_TASK = List.of(report -> {
        if (TaskContext.get().isInterrupted()) {
            throw new TaskKilledException("the task was cancelled at iteration " + report.iteration());
        }
    });

    private TaskTraining() {}

    /**
     * Trains.
     *
     * @param rows that are freed as soon as they are dealt to shards
     * @param hadoop where files to begin with are read
     * @throws InputException if there are rows that cannot be used, and they are not to be skipped
     * @throws IllegalArgumentException for a configuration that does not go with the rows
     * @throws dev.unroll.train.TrainingException if the training cannot continue
     */
    static Trained run(TrainingConfig config, LocalCanonicalRows rows, Configuration hadoop, Optional<Rung> rung) {
        if (!config.data().skipInvalid() && !rows.statistics().skipped().isEmpty()) {
            throw new InputException("rows cannot be used: " + rows.statistics().skipped());
        }
        return new Training(config, hadoop, 1)
                .run(
                        rows,
                        Optional.empty(),
                        engine -> ObjectiveFactory.local(1),
                        beginning -> {},
                        STOP_WITH_TASK,
                        Optional.empty(),
                        rung);
    }
}
