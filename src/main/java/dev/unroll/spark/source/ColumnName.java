package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/** Names of columns, as Spark's expressions take them. */
public final class ColumnName {

    private ColumnName() {}

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
