package dev.unroll.fit;

import dev.unroll.format.Reason;
import dev.unroll.preflight.Cluster;
import dev.unroll.preflight.MemoryNeed;
import dev.unroll.spark.iteration.Bytes;
import dev.unroll.spark.iteration.ResultLimits;
import dev.unroll.spark.rows.CollectedRows;
import dev.unroll.spark.rows.LocalCanonicalRows;
import dev.unroll.spark.rows.RowStatistics;
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
     * Trains, where at least half of the cores have something to do, and every training gives the same by itself.
     *
     * @param dataset with the column {@code indicator}, that is true in rows to validate on, unless that is empty
     * @return empty where the configurations are to be trained one by one
     * @throws TrainingException if somebody cancelled the trainings
     */
    public static Optional<TaskTrainings> run(
            List<TrainingConfig> configs, JavaSparkContext context, Dataset<?> dataset, String indicator) {
        if (!areWorthIt(configs, context)) {
            return Optional.empty();
        }
        Cluster cluster = Cluster.of(context);
        int atOnce = Math.min(configs.size(), (cluster.tasksAtOnce() + cluster.executors() - 1) / cluster.executors());
        ResultLimits limits = ResultLimits.of(context.getConf());
        long most = Math.min(limits.job() / 2 / configs.size(), limits.buffer() / 2);
        SerializableConfiguration hadoop = new SerializableConfiguration(context.hadoopConfiguration());
        try (CandidateRows rows = new CandidateRows(context, configs, dataset, indicator)) {
            List<Task> tasks = configs.stream()
                    .map(config -> new Task(config, rows.of(config), atOnce, most, hadoop))
                    .toList();
            String name = configs.get(0).name() + ", " + configs.size() + " settings";
            List<Result> results = TaskWork.run(context, name, tasks);
            for (int number = 0; number < results.size(); number++) {
                if (results.get(number).obstacle() != null) {
                    LOG.warn(
                            "setting {} is trained by itself: {}",
                            number,
                            results.get(number).obstacle());
                }
            }
            return Optional.of(new TaskTrainings(results));
        } catch (TrainingException e) {
            throw e;
        } catch (Exception e) { // Spark's are checked ones that nobody announces
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

    /** Whether tasks may do it, and there are enough settings for the cores. */
    public static boolean areWorthIt(List<TrainingConfig> configs, JavaSparkContext context) {
        int cores = TaskSlots.of(context) * context.getConf().getInt("spark.task.cpus", 1);
        return configs.size() > 1
                && 2 * configs.size() >= cores
                && configs.stream().allMatch(TaskTrainings::isFree);
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
     * @param trained a {@link Trained}; null where there is an obstacle, or the configuration does not go with the rows
     * @param failure why it could not continue; null where it could
     * @param obstacle why it is trained by itself, where that is no fault; null where there is none
     */
    private record Result(byte[] trained, String failure, String obstacle) implements Serializable {}

    /**
     * One training, as it travels to its task.
     *
     * @param atOnce trainings in one process at the same time
     * @param most bytes of what comes back
     */
    private record Task(
            TrainingConfig config, CollectedRows rows, int atOnce, long most, SerializableConfiguration hadoop)
            implements TaskWork<Result> {

        @Override
        public long size() {
            return config.network().size();
        }

        @Override
        public Result run() {
            try {
                LocalCanonicalRows own =
                        rows.rows(config.batches().seed(), 0, config.data().validationFraction());
                MemoryNeed need = need(own.statistics());
                if (!need.hasRoom(atOnce)) {
                    return byItself(atOnce + " trainings at the same time take " + Bytes.shown(atOnce * need.usual())
                            + " of a heap of " + Bytes.shown(need.heap()));
                }
                byte[] bytes = ObjectBytes.write(TaskTraining.run(config, own, hadoop.value(), Optional.empty()));
                return bytes.length <= most
                        ? new Result(bytes, null, null)
                        : byItself("what comes of it takes " + Bytes.shown(bytes.length)
                                + ", and Spark's limits on results leave " + Bytes.shown(most) + " for it");
            } catch (TrainingException e) {
                return new Result(null, e.getMessage(), null);
            } catch (IllegalArgumentException e) {
                return new Result(null, null, null); // fit says what is wrong
            }
        }

        private MemoryNeed need(RowStatistics facts) {
            return MemoryNeed.inTask(
                    TrainingSetup.of(config, facts, Optional.empty(), 1).workload(),
                    Runtime.getRuntime().maxMemory());
        }

        private static Result byItself(String obstacle) {
            return new Result(null, null, obstacle);
        }
    }
}
