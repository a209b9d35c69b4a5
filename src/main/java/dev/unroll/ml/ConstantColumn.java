package dev.unroll.ml;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** What all events of a sequence have the same: its label, or a static column. */
final class ConstantColumn {

    private final String name;
    private final String key;
    private final boolean skip;
    private final Column values;
    private final Column several;

    /**
     * @param events an array of structs
     * @param field of them
     * @param name of the column
     * @param key that it is given by
     * @param skip whether sequences with several values are left out; otherwise they fail the query
     */
    ConstantColumn(Column events, String field, String name, String key, boolean skip) {
        this.name = name;
        this.key = key;
        this.skip = skip;
        this.values = functions.transform(events, event -> event.getField(field));
        this.several = functions.size(functions.array_distinct(values)).gt(1);
    }

    /** The sequences that have one value, or all where the others fail the query. */
    Dataset<Row> in(Dataset<Row> sequences) {
        return skip ? sequences.where(functions.not(several)) : sequences;
    }

    /** The value, under the column's name. */
    Column column() {
        Column first = values.getItem(0);
        if (skip) {
            return first.as(name);
        }
        Column error = functions.raise_error(functions.concat(
                functions.lit(key + " " + name + " has more than one value in a sequence: "),
                functions.to_json(functions.array_distinct(values)),
                functions.lit(" (handle-invalid skip leaves such sequences out)")));
        return functions.when(several, error).otherwise(first).as(name);
    }
}
