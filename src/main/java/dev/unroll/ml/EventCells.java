package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.ColumnType;
import dev.unroll.spark.source.ColumnName;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Columns of a table of events: which types they may be of, and their values. */
final class EventCells {

    private EventCells() {}

    /** The type of a column, which must be there. */
    static DataType type(StructType schema, String key, String column) {
        if (!Arrays.asList(schema.fieldNames()).contains(column)) {
            throw new InputException(key + " is " + column + ", and there is no such column; there are "
                    + String.join(", ", schema.fieldNames()));
        }
        return schema.apply(column).dataType();
    }

    static void requireNumbers(StructType schema, String key, List<String> columns) {
        for (String column : columns) {
            DataType type = type(schema, key, column);
            if (!ColumnType.of(type).isNumber()) {
                throw new InputException(key + " has " + column + " of type " + ColumnType.shown(type)
                        + "; allowed are numbers: " + wayToNumbers(ColumnType.of(type)));
            }
        }
    }

    /** What can be done about values that are no numbers. */
    private static String wayToNumbers(ColumnType type) {
        return switch (type) {
            case TEXT ->
                "text such as 12.5 can be cast to double; words have no number, and give tokens as the only value column of"
                        + " a SequenceAssembler";
            case BOOLEAN -> "cast it to int";
            case DATE, TIMESTAMP -> "take a number of it, such as dayofyear or unix_seconds";
            case ARRAY, VECTOR -> "give each of its numbers a column, such as by getItem or vector_to_array";
            default -> "no cast makes numbers of it; leave it out";
        };
    }

    /** The result's schema, whose names must differ. */
    static StructType requireDistinct(StructType schema) {
        ColumnName.requireDistinct(schema, "the result");
        return schema;
    }

    static Column column(Dataset<?> dataset, String name) {
        return dataset.col(ColumnName.quoted(name));
    }

    /** A number as a double, without a negative zero: it is equal to zero in every order, and not in its bits. */
    static Column number(Column column) {
        return column.cast(DataTypes.DoubleType).plus(functions.lit(0.0));
    }
}
