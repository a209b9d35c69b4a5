package dev.unroll.spark.source;

/** Names of columns in the syntax of Spark's expressions. */
public final class ColumnName {

    private ColumnName() {}

    /** The name between back-ticks, so that a dot or a space in it is a character like any other. */
    public static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }
}
