package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.data.ShardPlan;
import dev.unroll.spark.rows.CanonicalRows;
import dev.unroll.spark.rows.RowsByKey;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.shards.Shards;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.train.IterationListener;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Objective;
import dev.unroll.train.TrainingException;
import dev.unroll.worker.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What {@code fitByKey} does: rows of a dataset to canonical order within each key, and a training per key, each in one task and one thread. A key
 * that cannot be trained is a row of the results that says why; the others go on.
 */
final class FitByKey implements RowsByKey.Work {

    private static final long serialVersionUID = 1L;

    /** Waves of tasks: enough that one with many large keys does not keep the others waiting. */
    private static final int WAVES = 16;

    private static final List<IterationListener> STOP_WITH_TASK = List.of(report -> {
        if (TaskContext.get().isInterrupted()) {
            throw new TaskKilledException("the task was cancelled at iteration " + report.iteration());
        }
    });

    private final RnnEstimator<?, ?> params;
    private final SerializableConfiguration hadoop;

    private FitByKey(RnnEstimator<?, ?> params, SerializableConfiguration hadoop) {
        this.params = params;
        this.hadoop = hadoop;
    }

    /**
     * Trains.
     *
     * @param indicator column that is true in rows to validate on; empty for none
     * @throws TrainingException if not a single key could be trained
     */
    static KeyedModels run(RnnEstimator<?, ?> params, Dataset<?> dataset, List<String> keys, String indicator) {
        params.requireConsistent();
        requireKeys(dataset, keys);
        if (params.integer(params.patience()) > 0
                && indicator.isEmpty()
                && params.number(params.validationFraction()) == 0) {
            throw new IllegalArgumentException("patience is " + params.integer(params.patience())
                    + " and there are no validation data; give validation-indicator-col or validation-fraction");
        }
        String checkpoints = params.value(params.checkpointDir());
        if (!checkpoints.isEmpty()) {
            throw new IllegalArgumentException("checkpoint-dir is " + checkpoints
                    + ", and a model per key is trained in one task, which begins anew if it fails; allowed is none");
        }
        JavaSparkContext context =
                JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
        int wanted = params.integer(params.partitions());
        int partitions = wanted > 0 ? wanted : WAVES * TaskSlots.of(context);
        SequenceReader reader = params.reader(context);
        try (RowsByKey rows = reader.read(dataset, keys, params.number(params.validationFraction()), indicator)) {
            params.requireStandardizable(rows.facts().hasTokens());
            FitByKey work = new FitByKey(params, new SerializableConfiguration(context.hadoopConfiguration()));
            Dataset<Row> results =
                    rows.map(KeyedModels.RESULT, partitions, work).persist(StorageLevel.MEMORY_AND_DISK());
            boolean done = false;
            try {
                KeyedModels models = new KeyedModels(results);
                if (models.failures() == models.size()) {
                    String first = results.select("error").first().getString(0);
                    throw new TrainingException(
                            "none of " + models.size() + " keys could be trained; the first: " + first);
                }
                done = true;
                return models;
            } finally {
                if (!done) {
                    results.unpersist(true);
                }
            }
        }
    }

    private static void requireKeys(Dataset<?> dataset, List<String> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("no key column is given; allowed is at least one");
        }
        List<String> columns = List.of(dataset.columns());
        Set<String> seen = new HashSet<>();
        for (String key : keys) {
            if (!columns.contains(key)) {
                throw new InputException("key column " + key + " is no column of the data; there are " + columns);
            }
            if (!seen.add(key)) {
                throw new InputException("key column " + key + " is given twice");
            }
            for (String result : KeyedModels.RESULT.fieldNames()) {
                if (result.equalsIgnoreCase(key)) {
                    throw new InputException(
                            "a key column is " + key + ", which is the name of a column of the results; rename it");
                }
            }
        }
    }

    @Override
    public Object[] of(CanonicalRows rows) {
        try {
            if (!params.skips() && !rows.facts().skipped().isEmpty()) {
                throw new InputException("rows cannot be used: " + rows.facts().skipped());
            }
            return new Training(params, STOP_WITH_TASK, hadoop.value(), 1, FitByKey::objective, OptionalLong.empty())
                    .run(rows, Optional.empty(), KeyedModels::trained);
        } catch (TrainingException | InputException | IllegalArgumentException e) {
            return KeyedModels.failed(rows.facts(), e.getMessage());
        }
    }

    private static Objective objective(Problem problem, ShardPlan plan, Shards training, Optional<Shards> heldOut) {
        return new LocalObjective(
                problem, plan, training.collect(), heldOut.map(Shards::collect).orElse(List.of()), 1);
    }
}
