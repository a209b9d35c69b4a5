package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.spark.iteration.ResultLimits;
import dev.unroll.spark.rows.CollectedRows;
import dev.unroll.spark.rows.LocalCanonicalRows;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.train.Trainer;
import dev.unroll.train.TrainingException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Trainings of several configurations on the same rows, each in one task and one thread: the rows are read once. A training
 * that fails has an outcome that says why; the others continue.
 */
public final class CandidateTrainings implements AutoCloseable {

    /**
     * One training.
     *
     * @param candidate number of the configuration, from 0
     * @param fold that is held out, from 0; 0 where there are no folds
     */
    public record Part(int candidate, int fold) implements Serializable {}

    /**
     * What came of a training, as far as it went: either {@code error} is null, or everything from {@code loss} to {@code hash} is.
     *
     * @param sequences trained on
     * @param iterations updates made
     * @param loss mean of the last batch
     * @param validation metrics by name
     * @param stopReason in words
     * @param hash of the parameters
     * @param error why it could not be trained
     */
    public record Outcome(
            Part part,
            long sequences,
            long iterations,
            Double loss,
            Map<String, Double> validation,
            String stopReason,
            String hash,
            String error)
            implements Serializable {}

    private static final long MOST_CHECKPOINT = 16 << 20; // bytes

    private final JavaSparkContext context;
    private final List<TrainingConfig> configs;
    private final int folds;
    private final CandidateRows rows;
    private final Map<Part, byte[]> checkpoints = new HashMap<>(); // where trainings are to continue

    /**
     * Reads the rows.
     *
     * @param indicator column that is true in rows to validate on; empty for none
     * @param folds that are held out in turns; 0 where each configuration says what it holds out
     * @throws dev.unroll.data.InputException for rows that cannot be used
     */
    public CandidateTrainings(
            JavaSparkContext context, List<TrainingConfig> configs, Dataset<?> dataset, String indicator, int folds) {
        this.context = context;
        this.configs = List.copyOf(configs);
        this.folds = folds;
        for (TrainingConfig config : configs) {
            config.requireNoCheckpoints("a candidate of a search");
            config.requireHeldOut(folds > 0 || !indicator.isEmpty(), "folds, validation-indicator-col");
        }
        rows = new CandidateRows(context, configs, dataset, indicator);
    }

    /** The trainings that there are to do: of each candidate each fold. */
    public List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        for (int candidate = 0; candidate < configs.size(); candidate++) {
            for (int fold = 0; fold < Math.max(1, folds); fold++) {
                parts.add(new Part(candidate, fold));
            }
        }
        return parts;
    }

    /**
     * Trains, from where the trainings were left the last time.
     *
     * @param parts which of them
     * @param share of all updates, at which they end, above 0 and at most 1
     * @return what came of each, in the order of the parts
     * @throws TrainingException if somebody cancelled them
     */
    public List<Outcome> train(List<Part> parts, double share) {
        // All checkpoints of a rung come here, and each goes out with its task.
        long most = Math.min(MOST_CHECKPOINT, ResultLimits.of(context.getConf()).job() / 4 / Math.max(1, parts.size()));
        List<Task> tasks = parts.stream().map(part -> task(part, share, most)).toList();
        String name = configs.get(0).name() + ", search over " + configs.size() + " candidates";
        Map<Part, Outcome> outcomes = new HashMap<>();
        for (Result result : TaskWork.run(context, name, tasks)) {
            outcomes.put(result.outcome().part(), result.outcome());
            checkpoints.put(result.outcome().part(), result.checkpoint());
        }
        return parts.stream().map(outcomes::get).toList();
    }

    private Task task(Part part, double share, long most) {
        TrainingConfig config = configs.get(part.candidate());
        double fraction = config.data().validationFraction();
        return new Task(
                part,
                config,
                rows.of(config),
                folds == 0 ? 0 : (double) part.fold() / folds,
                folds == 0 ? fraction : (part.fold() + 1.0) / folds,
                share,
                checkpoints.get(part),
                most,
                new SerializableConfiguration(context.hadoopConfiguration()));
    }

    /** @param checkpoint to continue from; null where there is nothing more to do */
    private record Result(Outcome outcome, byte[] checkpoint) implements Serializable {}

    /**
     * One training, as it travels to its task.
     *
     * @param from split position from which on rows are held out
     * @param to split position before which they are
     * @param most bytes of a checkpoint that comes back
     */
    private record Task(
            Part part,
            TrainingConfig config,
            CollectedRows rows,
            double from,
            double to,
            double share,
            byte[] checkpoint,
            long most,
            SerializableConfiguration hadoop)
            implements TaskWork<Result> {

        @Override
        public long size() {
            return config.network().size();
        }

        @Override
        public Result run() {
            Rung rung = new Rung(share, checkpoint, most);
            LocalCanonicalRows own = rows.rows(config.batches().seed(), from, to);
            long sequences = own.statistics().trainingSequences();
            try {
                requireHeldOut(own.statistics());
                Trained trained = TaskTraining.run(config, own, hadoop.value(), Optional.of(rung));
                Trainer.Result result = trained.summary().result();
                return new Result(
                        new Outcome(
                                part,
                                sequences,
                                result.iterations(),
                                result.loss(),
                                result.validation(),
                                result.stopReason().text(),
                                trained.model().parameterHash(),
                                null),
                        rung.to());
            } catch (TrainingException | IllegalArgumentException e) {
                return new Result(new Outcome(part, sequences, 0, null, Map.of(), null, null, e.getMessage()), null);
            }
        }

        /** A fraction or a fold of few rows may hold none out. */
        private void requireHeldOut(RowStatistics facts) {
            if (facts.heldOutSequences() == 0) {
                throw new InputException("no row is held out for fold " + part.fold()
                        + ", of rows of which equal sequences stay together; give more different rows, or fewer folds");
            }
        }
    }

    /** Frees the rows. */
    @Override
    public void close() {
        rows.close();
    }
}
