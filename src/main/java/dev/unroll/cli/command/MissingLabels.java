package dev.unroll.cli.command;

import dev.unroll.ml.EventStage;
import dev.unroll.ml.SlidingWindows;
import dev.unroll.spark.rows.RowSpec;
import dev.unroll.spark.source.ColumnName;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Windows whose label is missing: where a missing number is allowed, it may be the one to forecast. Nothing can be learned
 * from such a window, or measured by it, so it is left out and counted.
 *
 * @param windows that must have a label
 */
record MissingLabels(SlidingWindows windows) {

    /** None where no label can be missing, or where windows need none. */
    static Optional<MissingLabels> of(EventStage<?> stage, RowSpec spec) {
        return stage instanceof SlidingWindows windows
                        && windows.getOrDefault(windows.requireLabel()).equals(true)
                        && spec.inputs().masked()
                ? Optional.of(new MissingLabels(windows))
                : Optional.empty();
    }

    private Column label() {
        return functions.col(ColumnName.quoted(windows.getOrDefault(windows.labelCol())));
    }

    /** The windows whose label is there. */
    Dataset<Row> without(Dataset<Row> all) {
        return all.where(label().isNotNull());
    }

    /** How many the others are, by their reason; empty for none. */
    Map<String, Long> count(Dataset<Row> all) {
        long missing = all.where(label().isNull()).count();
        String targets = String.join(", ", windows.targets());
        return missing == 0 ? Map.of() : Map.of(targets + ": missing in the label of a window", missing);
    }
}
