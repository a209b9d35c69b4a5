package dev.unroll.cli;

import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.iceberg.spark.SparkCatalog;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.TableInfo;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * A catalog that can do no more than a catalog must: it creates, renames and drops tables, and replaces none at once. Its
 * tables are Iceberg's.
 */
public final class PlainCatalog implements TableCatalog {

    /** Called before a table is renamed or dropped, with that word; may throw. */
    private static BiConsumer<String, Identifier> before = PlainCatalog::nothing;

    private final SparkCatalog tables = new SparkCatalog();

    /** Runs something while others use the catalog too. */
    static void during(BiConsumer<String, Identifier> others, Runnable work) {
        before = others;
        try {
            work.run();
        } finally {
            before = PlainCatalog::nothing;
        }
    }

    private static void nothing(String what, Identifier table) {}

    @Override
    public void initialize(String name, CaseInsensitiveStringMap options) {
        tables.initialize(name, options);
        try {
            tables.createNamespace(new String[] {"db"}, Map.of());
        } catch (Exception e) { // checked ones, of what is there already
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String name() {
        return tables.name();
    }

    @Override
    public Identifier[] listTables(String[] namespace) {
        return tables.listTables(namespace);
    }

    @Override
    public Table loadTable(Identifier table) throws NoSuchTableException {
        return tables.loadTable(table);
    }

    @Override
    public Table createTable(Identifier table, TableInfo what)
            throws TableAlreadyExistsException, NoSuchNamespaceException {
        return tables.createTable(table, what);
    }

    @Override
    public Table alterTable(Identifier table, TableChange... changes) throws NoSuchTableException {
        return tables.alterTable(table, changes);
    }

    @Override
    public boolean dropTable(Identifier table) {
        before.accept("drop", table);
        return tables.dropTable(table);
    }

    @Override
    public void renameTable(Identifier from, Identifier to) throws NoSuchTableException, TableAlreadyExistsException {
        before.accept("rename", from);
        tables.renameTable(from, to);
    }
}
