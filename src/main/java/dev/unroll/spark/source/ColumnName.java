package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;

/** Names of columns, as Spark's expressions take them, and compared as Spark's resolver does. */
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

    /** Whether there is a column that Spark takes for that name. */
    public static boolean isIn(StructType schema, String name) {
        return Arrays.stream(schema.fieldNames()).anyMatch(other -> order().compare(other, name) == 0);
    }

    /** A name that no column has: this one, or with underscores after it. */
    public static String free(StructType schema, String name) {
        return isIn(schema, name) ? free(schema, name + "_") : name;
    }

    /**
     * Refuses a schema with two columns of one name, as Spark finds columns: by their names whatever the case, unless
     * the session says otherwise.
     *
     * @param where the schema is, for the message
     */
    public static void requireDistinct(StructType schema, String where) {
        Map<String, String> seen = new TreeMap<>(order());
        for (String name : schema.fieldNames()) {
            String other = seen.put(name, name);
            if (other != null) {
                throw new InputException(
                        other.equals(name)
                                ? where + " has two columns of the name " + BadRow.shown(name)
                                : where + " has columns " + BadRow.shown(other) + " and " + BadRow.shown(name)
                                        + ", whose names differ in capital letters alone");
            }
        }
    }

    /** Names that Spark's resolver takes for the same are equal in it. */
    public static Comparator<String> order() {
        return SQLConf.get().caseSensitiveAnalysis() ? Comparator.naturalOrder() : String.CASE_INSENSITIVE_ORDER;
    }
}
