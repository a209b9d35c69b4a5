package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.SeriesScales;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The key columns of a row to the series that it is of, or to the reason why that has no scale. */
final class SeriesParser implements Serializable {

    private static final long serialVersionUID = 1L;

    private final InputColumns.Series series;

    /** @throws InputException if a key column is missing or of a type that cannot be used */
    SeriesParser(StructType schema, InputColumns.Series series) {
        this.series = series;
        for (String column : series.columns()) {
            if (!Arrays.asList(schema.fieldNames()).contains(column)) {
                throw new InputException("scale by-key reads key column " + column + ", and there is none; there are "
                        + String.join(", ", Origin.without(schema).fieldNames()));
            }
            DataType type = schema.apply(column).dataType();
            // The text of a timestamp is one of a time zone.
            if (!ColumnType.of(type).isKey() || ColumnType.of(type) == ColumnType.TIMESTAMP) {
                throw new InputException("key column " + column + " is of type " + ColumnType.shown(type)
                        + "; with scale by-key allowed are string, boolean, whole numbers and dates");
            }
        }
    }

    List<String> columns() {
        return series.columns();
    }

    /**
     * The row as one of its series.
     *
     * @param first of the key columns in the row that was read
     */
    CanonicalRow of(CanonicalRow parsed, Row read, int first) throws Fault {
        if (columns().isEmpty()) {
            return parsed;
        }
        List<String> key = key(columns(), read, first);
        if (series.known() != null && !series.known().knows(key)) {
            throw new Fault(
                    String.join(", ", columns()),
                    "a series without rows to train on, so scale by-key has no scale for it",
                    SeriesScales.shown(key));
        }
        return parsed.ofSeries(key);
    }

    /** The key of a series as text. */
    static List<String> key(List<String> columns, Row read, int first) throws Fault {
        List<String> key = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Object value = read.get(first + i);
            if (value == null) {
                throw new Fault(columns.get(i), "null", null);
            }
            key.add(RowValues.token(value, columns.get(i), value));
        }
        return key;
    }
}
