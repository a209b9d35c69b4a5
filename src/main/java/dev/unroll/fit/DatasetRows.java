package dev.unroll.fit;

import dev.unroll.data.InputException;
import dev.unroll.data.SeriesScales;
import dev.unroll.spark.rows.CanonicalRows;
import dev.unroll.spark.rows.InputColumns;
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
            Optional<SparkCanonicalRows> others = validation.map(rows -> reader(
                            config, known(config, training), context)
                    .readAll(
                            rows,
                            config.task().hasClasses() ? training.statistics().labels() : null));
            done = true;
            return new DatasetRows(training, others);
        } finally {
            if (!done) {
                training.close();
            }
        }
    }

    /** How rows to validate on are read, which are of series that are trained on where these have scales. */
    private static RowSpec known(TrainingConfig config, SparkCanonicalRows training) {
        RowSpec rows = config.rows().withSteps(training.statistics().hasTokens());
        return config.data().scalesByKey()
                ? rows.withInputs(rows.inputs().of(InputColumns.Series.of(seriesScales(config.data(), training))))
                : rows;
    }

    /**
     * The scale of each series of a training by key.
     *
     * @throws InputException for a series of which no row to train on has a first number, for too many series, and for steps without a
     *     number to scale
     */
    static SeriesScales seriesScales(DataConfig data, CanonicalRows<?> training) {
        int numbers = training.statistics().width() - data.unscaled();
        if (numbers <= 0) {
            throw new InputException("scale by-key goes with numbers, and the steps are "
                    + (training.statistics().hasTokens() ? "tokens" : "categories and time features alone"));
        }
        return training.seriesScales(numbers);
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
