package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/** Names of columns, as Spark's expressions take them. */
public final class ColumnName {

    /** Columns that rows may have. */
    static final int MOST = 10_000;

    private ColumnName() {}

    static void requireNotTooMany(int columns) {
        if (columns > MOST) {
            throw new InputException("the rows have more than " + MOST + " columns, the most that there may be;"
                    + " put values that are many into one column, as an array");
        }
    }

    /** The name between back-ticks, so that a dot or a space in it is a character like any other. */
    public static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /**
     * Refuses names that differ in capital letters at most: Spark finds a column by its name whatever the case, and
     * would find two.
     */
    static void requireDistinct(StructType schema, String path) {
        Map<String, String> seen = new HashMap<>();
        for (String name : schema.fieldNames()) {
            String other = seen.put(name.toLowerCase(Locale.ROOT), name);
            if (other != null) {
                throw new InputException(
                        other.equals(name)
                                ? path + " has two columns of the name " + BadRow.shown(name)
                                : path + " has columns " + BadRow.shown(other) + " and " + BadRow.shown(name)
                                        + ", whose names differ in capital letters alone");
            }
        }
    }
}
