package dev.unroll.spark.source;

import java.util.Arrays;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The column that {@link FileSource} adds: where a row stands in its file, and why it cannot be used, if it cannot. A row with a fault
 * has null in every other column.
 */
public final class Origin {

    /** Name of the column; no data may have one of this name. */
    public static final String COLUMN = "_unroll";

    /** The field that is null for a row without fault. */
    public static final String REASON = "reason";

    static final StructType TYPE = new StructType()
            .add("file", DataTypes.StringType)
            .add("block", DataTypes.LongType) // byte at which the part of the file begins that a task read
            .add("line", DataTypes.LongType) // from 0 within the block; -1 where rows are not lines
            .add("column", DataTypes.StringType) // null where the fault is that of the whole row
            .add(REASON, DataTypes.StringType)
            .add("value", DataTypes.StringType);

    private Origin() {}

    /** Whether rows say where they stand, and what is wrong with them. */
    public static boolean isIn(StructType schema) {
        return Arrays.asList(schema.fieldNames()).contains(COLUMN);
    }

    static Row of(String file, long block, long line) {
        return RowFactory.create(file, block, line, null, null, null);
    }

    static Row of(String file, long block, long line, Fault fault) {
        return RowFactory.create(file, block, line, fault.column(), fault.getMessage(), fault.value());
    }

    /** The place; {@code index} counts rows within the block, for rows that are not lines. */
    public static RowPlace place(Row origin, long index) {
        long line = origin.getLong(2);
        return new RowPlace(origin.getString(0), origin.getLong(1), line < 0 ? index : line, line >= 0);
    }

    /** The fault; null where there is none. */
    public static Fault fault(Row origin) {
        return origin.isNullAt(4) ? null : new Fault(origin.getString(3), origin.getString(4), origin.getString(5));
    }
}
