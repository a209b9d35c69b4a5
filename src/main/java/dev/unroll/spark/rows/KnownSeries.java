package dev.unroll.spark.rows;

import dev.unroll.data.SeriesScales;
import dev.unroll.spark.source.Fault;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;

/**
 * Whether a series has a scale, by its key: a row of the key columns alone.
 *
 * @param scales of the series that have one
 */
public record KnownSeries(SeriesScales scales) implements UDF1<Row, Boolean> {

    @Override
    public Boolean call(Row key) {
        try {
            return scales.knows(SeriesParser.key(scales.columns(), key, 0));
        } catch (Fault e) {
            return false; // no training row has such a key
        }
    }
}
