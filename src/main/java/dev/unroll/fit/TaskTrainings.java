package dev.unroll.fit;

import dev.unroll.format.Reason;
import dev.unroll.spark.iteration.ResultLimits;
import dev.unroll.spark.rows.CollectedRows;
import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.train.TrainingException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whole trainings of several configurations on the same rows, which are read once: each in one task. */
public final class TaskTrainings {

    private static final Logger LOG = LoggerFactory.getLogger(TaskTrainings.class);

    private final List<Result> results;

    private TaskTrainings(List<Result> results) {
        this.results = results;
    }

    /**
     * Trains, where that takes no longer than one training after the other, each on all cores, and gives the same.
     *
     * @param dataset with the column {@code indicator}, that is true in rows to validate on, unless that is empty
     * @return empty where the configurations are to be trained one by one
     * @throws TrainingException if somebody cancelled the trainings
     */
    public static Optional<TaskTrainings> run(
            List<TrainingConfig> configs, JavaSparkContext context, Dataset<?> dataset, String indicator) {
        boolean free = configs.stream().allMatch(TaskTrainings::isFree);
        if (!free || configs.size() < 2 || 2 * configs.size() < TaskSlots.of(context)) {
            return Optional.empty();
        }
        ResultLimits limits = ResultLimits.of(context.getConf());
        long most = Math.min(limits.job() / 2 / configs.size(), limits.buffer() / 2);
        SerializableConfiguration hadoop = new SerializableConfiguration(context.hadoopConfiguration());
        try (CandidateRows rows = new CandidateRows(context, configs, dataset, indicator)) {
            List<Task> tasks = configs.stream()
                    .map(config -> new Task(config, rows.of(config), most, hadoop))
                    .toList();
            String name = configs.get(0).name() + ", " + configs.size() + " settings";
            return Optional.of(new TaskTrainings(TaskWork.run(context, name, tasks)));
        } catch (Exception e) { // Spark's are checked ones that nobody announces
            Optional<TrainingException> stopped = new CancelledJob().stopped(e);
            if (stopped.isPresent()) {
                throw stopped.get();
            }
            if (e instanceof IllegalArgumentException || e instanceof SparkException) {
                LOG.warn(
                        "{} settings are trained one by one and not at the same time: {}",
                        configs.size(),
                        Reason.message(e));
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Whether the user left open where it is trained, and nothing of it is on disks that tasks may not see. */
    private static boolean isFree(TrainingConfig config) {
        return config.placement().engine() == PlacementConfig.Engine.AUTO
                && !config.checkpoints().isOn()
                && config.init().isEmpty();
    }

    /**
     * What a training gave.
     *
     * @param number of the configuration, from 0
     * @return empty where it is to be trained by itself, which may say what is wrong
     * @throws TrainingException if it could not continue
     */
    public Optional<Trained> get(int number) {
        Result result = results.get(number);
        if (result.failure() != null) {
            throw new TrainingException(result.failure());
        }
        return Optional.ofNullable(result.trained()).map(ObjectBytes::read);
    }

    /**
     * @param trained a {@link Trained}; null where it is too large, or the configuration does not go with the rows
     * @param failure why it could not continue; null where it could
     */
    private record Result(byte[] trained, String failure) implements Serializable {}

    /**
     * One training, as it travels to its task.
     *
     * @param most bytes of what comes back
     */
    private record Task(TrainingConfig config, CollectedRows rows, long most, SerializableConfiguration hadoop)
            implements TaskWork<Result> {

        @Override
        public long size() {
            return config.network().size();
        }

        @Override
        public Result run() {
            try {
                Trained trained = TaskTraining.run(
                        config,
                        rows.rows(config.batches().seed(), 0, config.data().validationFraction()),
                        hadoop.value(),
                        Optional.empty());
                byte[] bytes = ObjectBytes.write(trained);
                return new Result(bytes.length <= most ? bytes : null, null);
            } catch (TrainingException e) {
                return new Result(null, e.getMessage());
            } catch (IllegalArgumentException e) {
                return new Result(null, null);
            }
        }
    }
}
