package dev.unroll.fit;

import dev.unroll.spark.rows.LocalCanonicalRows;
import dev.unroll.spark.rows.RowsByKey;
import dev.unroll.train.TrainingException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What {@code fitByKey} does: rows of a dataset to canonical order within each key, and a training per key, each in one task and one thread. A key
 * that cannot be trained is a row of the results that says why; the others continue.
 */
public final class FitByKey implements RowsByKey.Work {

    private static final long serialVersionUID = 1L;

    private final TrainingConfig config;
    private final SerializableConfiguration hadoop;

    private FitByKey(TrainingConfig config, SerializableConfiguration hadoop) {
        this.config = config;
        this.hadoop = hadoop;
    }

    /**
     * Trains a model for every key: a row each, of the key's columns and then those of {@link KeyedResult#SCHEMA}. The rows are computed
     * when Spark is asked for them.
     *
     * @param indicator column that is true in rows to validate on; empty for none
     * @param work what is done with the results while the rows that were read are cached
     */
    public static <R> R run(
            TrainingConfig config,
            JavaSparkContext context,
            Dataset<?> dataset,
            List<String> keys,
            String indicator,
            Function<Dataset<Row>, R> work) {
        KeyedTasks tasks = new KeyedTasks(config, context, dataset, keys, indicator, KeyedResult.SCHEMA)
                .requireKeys(KeyedResult.SCHEMA);
        config.requireValidation(
                !indicator.isEmpty() || config.data().validationFraction() > 0, "validation-indicator-col");
        config.requireNoCheckpoints("a model per key");
        FitByKey training = new FitByKey(config, new SerializableConfiguration(context.hadoopConfiguration()));
        return tasks.run(config::requireInputs, training, work);
    }

    @Override
    public Object[] of(LocalCanonicalRows rows) {
        try {
            return KeyedResult.of(TaskTraining.run(config, rows, hadoop.value(), Optional.empty()));
        } catch (TrainingException | IllegalArgumentException e) {
            return KeyedResult.failed(rows.statistics(), e.getMessage());
        }
    }
}
