package dev.unroll.cli;

import org.apache.spark.sql.execution.datasources.v2.jdbc.JDBCTableCatalog;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Spark's catalog of a database, without one: nothing may ask it. */
@SuppressWarnings("overrides") // Scala's variable arguments are not Java's
public final class DatabaseCatalog extends JDBCTableCatalog {

    @Override
    public void initialize(String name, CaseInsensitiveStringMap options) {}

    @Override
    public String name() {
        return "database";
    }
}
