package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.rows.SequenceReader;
import dev.unroll.spark.rows.SparkCanonicalRows;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;

/**
 * The rows of datasets in canonical order.
 *
 * @param training rows to train on, and those that they hold out
 * @param validation rows of their own to validate on
 */
record DatasetRows(SparkCanonicalRows training, Optional<SparkCanonicalRows> validation) implements AutoCloseable {

    /**
     * Reads datasets.
     *
     * @param validation rows of their own to validate on, whose labels must be among those of the rows to train on
     * @throws InputException for a missing column, and for the first row that cannot be used unless they are skipped
     */
    static DatasetRows read(
            TrainingConfig config,
            JavaSparkContext context,
            Dataset<?> dataset,
            Optional<? extends Dataset<?>> validation) {
        SparkCanonicalRows training =
                reader(config, context).read(dataset, config.data().validationFraction());
        boolean done = false;
        try {
            // What the columns are has been decided by the rows to train on.
            SequenceReader reader =
                    reader(config, config.rows().withSteps(training.statistics().hasTokens()), context);
            Optional<SparkCanonicalRows> others = validation.map(rows -> reader.readAll(
                    rows, config.task().hasClasses() ? training.statistics().labels() : null));
            done = true;
            return new DatasetRows(training, others);
        } finally {
            if (!done) {
                training.close();
            }
        }
    }

    static SequenceReader reader(TrainingConfig config, JavaSparkContext context) {
        return reader(config, config.rows(), context);
    }

    private static SequenceReader reader(TrainingConfig config, RowSpec rows, JavaSparkContext context) {
        return new SequenceReader(
                context, rows, config.data().skipInvalid(), config.batches().seed());
    }

    @Override
    public void close() {
        training.close();
        validation.ifPresent(SparkCanonicalRows::close);
    }
}
