package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.ColumnType;
import dev.unroll.spark.rows.LocalCanonicalRows;
import dev.unroll.spark.rows.RowsByKey;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.train.TrainingException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What {@code fitByKey} does: rows of a dataset to canonical order within each key, and a training per key, each in one task and one thread. A key
 * that cannot be trained is a row of the results that says why; the others go on.
 */
public final class FitByKey implements RowsByKey.Work {

    private static final long serialVersionUID = 1L;

    /** Waves of tasks: enough that one with many large keys does not keep the others waiting. */
    private static final int WAVES = 16;

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
        requireKeys(dataset, keys);
        config.requireValidation(
                !indicator.isEmpty() || config.data().validationFraction() > 0, "validation-indicator-col");
        config.requireNoCheckpoints("a model per key");
        int wanted = config.placement().partitions();
        int partitions = wanted > 0 ? wanted : WAVES * TaskSlots.of(context);
        SequenceReader reader = DatasetRows.reader(config, context);
        try (RowsByKey rows = reader.read(dataset, keys, config.data().validationFraction(), indicator)) {
            config.requireInputs(rows.statistics());
            FitByKey training = new FitByKey(config, new SerializableConfiguration(context.hadoopConfiguration()));
            Dataset<Row> results =
                    rows.map(KeyedResult.SCHEMA, partitions, training).persist(StorageLevel.MEMORY_AND_DISK());
            boolean done = false;
            try {
                R result = work.apply(results);
                done = true;
                return result;
            } finally {
                if (!done) {
                    results.unpersist(true);
                }
            }
        } catch (Exception e) { // Spark's are checked ones that nobody announces
            Optional<TrainingException> stopped = new CancelledJob().stopped(e);
            if (stopped.isPresent()) {
                throw stopped.get();
            }
            throw e;
        }
    }

    private static void requireKeys(Dataset<?> dataset, List<String> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("no key column is given; allowed is at least one");
        }
        List<String> columns = List.of(dataset.columns());
        Set<String> seen = new TreeSet<>(ColumnName.order());
        for (String key : keys) {
            if (!columns.contains(key)) {
                throw new InputException("key column " + key + " is no column of the data; there are " + columns);
            }
            DataType type = dataset.schema().apply(key).dataType();
            if (!ColumnType.of(type).isKey()) {
                throw new InputException("key column " + key + " is of type " + ColumnType.shown(type)
                        + "; allowed are string, boolean, numbers, dates and timestamps");
            }
            if (!seen.add(key)) {
                throw new InputException("key column " + key + " is given twice");
            }
            if (ColumnName.isIn(KeyedResult.SCHEMA, key)) {
                throw new InputException(
                        "a key column is " + key + ", which is the name of a column of the results; rename it");
            }
        }
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
