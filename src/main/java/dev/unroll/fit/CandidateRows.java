package dev.unroll.fit;

import dev.unroll.spark.rows.CollectedRows;
import dev.unroll.spark.rows.RowSpec;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;

/** The rows of a dataset for trainings of several configurations: read once, or once for each way in which they are read. */
final class CandidateRows implements AutoCloseable {

    private final Map<RowSpec, CollectedRows> rows = new HashMap<>();

    /**
     * Reads the rows.
     *
     * @param indicator column that is true in rows to validate on; empty for none
     * @throws dev.unroll.data.InputException for rows that cannot be used
     */
    CandidateRows(JavaSparkContext context, List<TrainingConfig> configs, Dataset<?> dataset, String indicator) {
        boolean done = false;
        try {
            for (TrainingConfig config : configs) {
                rows.computeIfAbsent(config.rows(), spec -> DatasetRows.reader(reading(spec, configs), context)
                        .collect(dataset, indicator));
            }
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** The configuration by which rows are read: those that cannot be used are an error of the candidates for which they are. */
    private static TrainingConfig reading(RowSpec spec, List<TrainingConfig> configs) {
        return configs.stream()
                .filter(config -> config.rows().equals(spec))
                .max(Comparator.comparing(config -> config.data().skipInvalid()))
                .orElseThrow();
    }

    CollectedRows of(TrainingConfig config) {
        return rows.get(config.rows());
    }

    /** Frees the rows. */
    @Override
    public void close() {
        rows.values().forEach(CollectedRows::close);
        rows.clear();
    }
}
