package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.ColumnType;
import dev.unroll.spark.rows.RowStatistics;
import dev.unroll.spark.rows.RowsByKey;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.train.TrainingException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Work on the rows of each key by itself, in one task and one thread.
 *
 * @param config how rows are read, ordered and held out
 * @param keys columns; rows of one key have the same values in all of them
 * @param indicator column that is true in rows to validate on; empty for none
 * @param columns what the work gives for each key
 */
record KeyedTasks(
        TrainingConfig config,
        JavaSparkContext context,
        Dataset<?> dataset,
        List<String> keys,
        String indicator,
        StructType columns) {

    /** Waves of tasks: enough that one with many large keys does not keep the others waiting. */
    private static final int WAVES = 16;

    /**
     * Does the work: a row for each key, of the key's columns and then those of the work. The rows are computed when Spark is asked for
     * them, and are cached.
     *
     * @param check of the rows of all keys together
     * @param use what is done with the results while the rows that were read are cached
     * @throws TrainingException if somebody cancelled it
     */
    <R> R run(Consumer<RowStatistics> check, RowsByKey.Work work, Function<Dataset<Row>, R> use) {
        int wanted = config.placement().partitions();
        int partitions = wanted > 0 ? wanted : WAVES * TaskSlots.of(context);
        double fraction = config.data().validationFraction();
        try (RowsByKey rows = DatasetRows.reader(config, context).read(dataset, keys, fraction, indicator)) {
            check.accept(rows.statistics());
            Dataset<Row> results = rows.map(columns, partitions, work).persist(StorageLevel.MEMORY_AND_DISK());
            boolean done = false;
            try {
                R result = use.apply(results);
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

    /**
     * Checks the key columns.
     *
     * @param taken columns that the results have besides
     */
    KeyedTasks requireKeys(StructType taken) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("no key column is given; allowed is at least one");
        }
        List<String> there = List.of(dataset.columns());
        Set<String> seen = new TreeSet<>(ColumnName.order());
        for (String key : keys) {
            if (!there.contains(key)) {
                throw new InputException("key column " + key + " is no column of the data; there are " + there);
            }
            DataType type = dataset.schema().apply(key).dataType();
            if (!ColumnType.of(type).isKey()) {
                throw new InputException("key column " + key + " is of type " + ColumnType.shown(type)
                        + "; allowed are string, boolean, numbers, dates and timestamps");
            }
            if (!seen.add(key)) {
                throw new InputException("key column " + key + " is given twice");
            }
            if (ColumnName.isIn(taken, key)) {
                throw new InputException(
                        "a key column is " + key + ", which is the name of a column of the results; rename it");
            }
        }
        return this;
    }
}
