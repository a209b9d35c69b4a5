package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import dev.unroll.format.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.DataFrameWriterV2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.connector.catalog.CatalogManager;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.DelegatingCatalogExtension;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.StagingTableCatalog;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.V1Table;
import org.apache.spark.sql.execution.datasources.v2.V2SessionCatalog;
import org.apache.spark.sql.execution.datasources.v2.jdbc.JDBCTableCatalog;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A table of a catalog, by the name that Spark's SQL has for it: {@code names}, {@code sales.names}, {@code
 * lake.sales.names}, with back-ticks around a part that is no plain word. What SQL reads there is read here: views too,
 * and a directory of Delta's as <code>delta.`/data/names`</code>.
 *
 * <p>A table appears whole or not at all, and replaces none but one that was written here, which a property of it says.
 */
public final class CatalogTable {

    private static final Logger LOG = LoggerFactory.getLogger(CatalogTable.class);

    /** What is given as the format of rows that are a table. */
    public static final String FORMAT = "table";

    /** The property of a table that was written here: under which name, so that no copy is taken for it. */
    private static final String OWN = "dev.unroll.output";

    /** Formats of files that SQL reads by their names, and that are read here in another way. */
    private static final Set<String> FILES = Set.of("csv", "json", "parquet", "text");

    private static final String IN_MEMORY = "; the tables of spark_catalog end with their session, unless --spark-conf"
            + " spark.sql.catalogImplementation=hive takes those of a Hive metastore";

    private static final Pattern PATH = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*:)?/.*");

    private final SparkSession spark;
    private final String text;
    private final CatalogPlugin catalog;
    private final Identifier identifier;
    private final boolean isPair;

    /**
     * Finds the catalog, and asks it nothing yet.
     *
     * @param text the name, as it was given
     * @throws InputException for what is no name, and if there is no such catalog
     */
    public CatalogTable(SparkSession spark, String text) {
        this.spark = spark;
        this.text = text;
        CatalogManager catalogs = spark.sessionState().catalogManager();
        List<String> parts = parts(spark, text);
        boolean named;
        try {
            named = parts.size() > 1 && catalogs.isCatalogRegistered(parts.get(0));
            catalog = named ? catalogs.catalog(parts.get(0)) : catalogs.currentCatalog();
        } catch (Exception e) { // Scala declares no exceptions
            throw new InputException(
                    "cannot use the catalog of the table " + shown() + ": " + ReadFailure.reason(e)
                            + "; its jar is given by --jars, and its settings by --spark-conf",
                    e);
        }
        isPair = !named && parts.size() == 2;
        List<String> rest = named ? parts.subList(1, parts.size()) : parts;
        String[] namespace = rest.subList(0, rest.size() - 1).toArray(String[]::new);
        identifier = Identifier.of(
                named || rest.size() > 1 ? namespace : catalogs.currentNamespace(), rest.get(rest.size() - 1));
        if (!named && parts.size() > 2 && isOfSession()) {
            throw new InputException("the table is " + shown() + ", and there is no catalog " + parts.get(0)
                    + "; --spark-conf spark.sql.catalog." + parts.get(0) + "=... says what it is");
        }
    }

    /** Whether the name is a source and a path: catalogs such as Delta's know tables without a name. */
    private boolean isPath() {
        return catalog instanceof StagingTableCatalog
                && identifier.namespace().length == 1
                && PATH.matcher(identifier.name()).matches();
    }

    /** Whether the catalog has the name of Spark's own. */
    private boolean isOfSession() {
        return catalog.name().equals(CatalogManager.SESSION_CATALOG_NAME());
    }

    /** Whether Spark itself keeps the names of the catalog's tables; Delta's delegates to it. */
    private boolean isOfSpark() {
        return catalog instanceof V2SessionCatalog || catalog instanceof DelegatingCatalogExtension;
    }

    private boolean isInMemory() {
        return isOfSpark()
                && spark.conf().get("spark.sql.catalogImplementation").equals("in-memory");
    }

    private static List<String> parts(SparkSession spark, String text) {
        try {
            return CollectionConverters.asJava(spark.sessionState().sqlParser().parseMultipartIdentifier(text));
        } catch (Exception e) { // Scala declares no exceptions
            throw new InputException(
                    BadRow.shown(text) + " is no name of a table; allowed are names such as names, sales.names and"
                            + " lake.sales.names, with back-ticks around a part that is no plain word",
                    e);
        }
    }

    private String name() {
        return TableName.sql(catalog, identifier);
    }

    /** Its own name, and where its files are if it is there. */
    public TablePlaces places() {
        Optional<String> location = isPath()
                ? Optional.of(identifier.name())
                : existing().map(table -> table.properties().get(TableCatalog.PROP_LOCATION));
        return new TablePlaces(Set.of(name()), location.map(Set::of).orElse(Set.of()));
    }

    /** The tables that its rows come from: itself, or those of a view. None where it cannot be read. */
    public TablePlaces sources() {
        try {
            return TableSources.of(spark.read().table(text)).places();
        } catch (Exception e) { // Scala declares no exceptions; reading says why
            return new TablePlaces(Set.of(), Set.of());
        }
    }

    /**
     * The rows, each with where it is, as far as the table knows it.
     *
     * @param options of a reader of tables
     * @throws InputException if there is no such table, or it cannot be read
     */
    Dataset<Row> read(Map<String, String> options) {
        requireNoFiles();
        Dataset<Row> rows;
        try {
            rows = spark.read().options(options).table(text);
        } catch (Exception e) { // Scala declares no exceptions
            throw isMissing(e)
                    ? new InputException("there is no table " + shown() + (isInMemory() ? IN_MEMORY : ""), e)
                    : failure("read", e);
        }
        TableSources.of(rows).requireNothingLost(shown());
        ColumnName.requireDistinct(Origin.addedTo(rows.schema()), text);
        return Origin.ofTable(rows, text);
    }

    private static boolean isMissing(Exception e) {
        return isOf("TABLE_OR_VIEW_NOT_FOUND", e);
    }

    private static boolean isOf(String condition, Throwable e) {
        return e instanceof SparkThrowable spark && condition.equals(spark.getCondition());
    }

    private InputException failure(String what, Exception e) {
        String why = Reason.chain(e).stream()
                .filter(cause -> isOf("DATA_SOURCE_NOT_FOUND", cause))
                .findFirst()
                .map(cause -> "there is no source "
                        + ((SparkThrowable) cause).getMessageParameters().get("provider")
                        + "; its jar is given by --jars")
                .or(() -> ReadFailure.of(e).map(Reason::message))
                .orElseGet(() -> ReadFailure.reason(e));
        return new InputException("cannot " + what + " the table " + shown() + ": " + why, e);
    }

    private String shown() {
        return BadRow.shown(text);
    }

    /** SQL would read csv.`path` too, and make nulls of what it cannot read. */
    private void requireNoFiles() {
        String format = isPair ? identifier.namespace()[0].toLowerCase(Locale.ROOT) : "";
        if (FILES.contains(format) && existing().isEmpty()) {
            throw new InputException(shown() + " is no table of a catalog; give its path, and format " + format);
        }
    }

    /** The table, where the catalog has one of this name. */
    private Optional<Table> existing() {
        if (!(catalog instanceof TableCatalog tables)) {
            return Optional.empty();
        }
        try {
            return tables.tableExists(identifier) ? Optional.of(tables.loadTable(identifier)) : Optional.empty();
        } catch (NoSuchTableException e) {
            return Optional.empty();
        } catch (Exception e) { // Scala declares no exceptions
            throw failure("use", e);
        }
    }

    /** @throws InputException for a table that would end with its session */
    public void requireLasting() {
        if (isInMemory() && !isPath()) {
            throw new InputException("output is the table " + shown() + IN_MEMORY);
        }
    }

    /**
     * Looks whether the table can be written.
     *
     * @param overwrite whether it replaces one that was written here
     * @throws InputException if it cannot
     */
    public void requireWritable(boolean overwrite) {
        replaceable(overwrite);
    }

    /** The old table, which is one that was written here; empty where there is none. */
    private Optional<Table> replaceable(boolean overwrite) {
        if (catalog instanceof JDBCTableCatalog) {
            throw new InputException("output is " + shown() + ", and tables of a database have no properties, which"
                    + " would say that this program has written it; give a table of another catalog");
        }
        Optional<Table> there = existing();
        if (there.isEmpty()) {
            requireRoom();
        } else if (!overwrite) {
            throw new InputException("output " + shown() + " exists already; give another table or overwrite true");
        } else if (!isOwn(there.get())) {
            throw notOwn();
        }
        return there;
    }

    private boolean isOwn(Table table) {
        return name().equalsIgnoreCase(table.properties().get(OWN)); // some catalogs change the case of names
    }

    private InputException notOwn() {
        return new InputException("output " + shown() + " is a table that this program has not written (it has no"
                + " property " + OWN + " with its name), which overwrite does not replace; give another table, or drop"
                + " it first");
    }

    /** Refuses a new table that has no place. */
    private void requireRoom() {
        if (isPath()) {
            return;
        }
        if (!hasSchema()) {
            throw new InputException("output is " + shown() + ", and there is no schema "
                    + BadRow.shown(String.join(".", identifier.namespace())) + "; create it first");
        }
        if (isOfSpark()) {
            // Spark itself looks only once the rows are computed.
            Path place = new Path(spark.sessionState()
                    .catalog()
                    .defaultTablePath(TableIdentifier.apply(
                            identifier.name(), Option.apply(identifier.namespace()[0]))));
            try {
                FileSystem files = place.getFileSystem(spark.sparkContext().hadoopConfiguration());
                if (files.exists(place) && files.listStatus(place).length > 0) {
                    throw new InputException("output is " + shown() + ", and there are files already in its place, "
                            + SourceFiles.shown(place.toString()) + "; remove them, or give another table");
                }
            } catch (IOException e) {
                throw failure("write", e);
            }
        }
    }

    private boolean hasSchema() {
        return identifier.namespace().length == 0
                || !(catalog instanceof SupportsNamespaces schemas)
                || schemas.namespaceExists(identifier.namespace());
    }

    /**
     * Writes the rows as a table, in the source of an old one, or in that which the catalog takes for new ones.
     *
     * @param added columns whose vectors become arrays
     * @param overwrite whether it replaces one that was written here
     * @param check what must hold once the rows are computed; where it throws, nothing has been written
     * @throws InputException if it cannot be written
     */
    public void write(Dataset<Row> rows, Set<String> added, boolean overwrite, Runnable check) {
        // No catalog lets one look between the last row and the table. So the rows are there before it is touched.
        Dataset<Row> computed = RowFiles.withArrays(rows, added).persist(StorageLevel.DISK_ONLY());
        try {
            computed.write().format("noop").mode("overwrite").save();
            check.run();
            write(computed, replaceable(overwrite));
        } finally {
            computed.unpersist();
        }
    }

    private void write(Dataset<Row> rows, Optional<Table> old) {
        boolean isStaging = catalog instanceof StagingTableCatalog;
        try {
            if (old.isEmpty() && (isStaging || isOfSpark())) {
                DataFrameWriterV2<Row> writer = writer(rows, identifier);
                (isPath() ? using(writer, identifier.namespace()[0]) : writer).create();
            } else if (old.isPresent() && isStaging && !(old.get() instanceof V1Table)) {
                like(old.get(), writer(rows, identifier)).replace(); // one commit
            } else {
                exchange(rows, old);
            }
        } catch (InputException e) {
            throw e;
        } catch (Exception e) { // Scala declares no exceptions
            throw failure("write", e);
        }
    }

    private DataFrameWriterV2<Row> writer(Dataset<Row> rows, Identifier table) {
        return rows.writeTo(TableName.sql(catalog, table)).tableProperty(OWN, name());
    }

    private static DataFrameWriterV2<Row> like(Table old, DataFrameWriterV2<Row> writer) {
        return using(writer, old.properties().get(TableCatalog.PROP_PROVIDER));
    }

    /** @param source null for that of the catalog */
    private static DataFrameWriterV2<Row> using(DataFrameWriterV2<Row> writer, @Nullable String source) {
        if (source != null) {
            writer.using(source); // which changes the writer
        }
        return writer;
    }

    /**
     * Writes a table beside the place of this one, and then gives it the name: other catalogs show a new table before it
     * is whole, and drop an old one before its successor is there.
     */
    private void exchange(Dataset<Row> rows, Optional<Table> old) throws Exception {
        String suffix = "_unroll_" + UUID.randomUUID().toString().substring(0, 8);
        Identifier draft = Identifier.of(identifier.namespace(), identifier.name() + suffix);
        Identifier replaced = Identifier.of(identifier.namespace(), identifier.name() + suffix + "_replaced");
        try {
            DataFrameWriterV2<Row> writer = writer(rows, draft);
            (old.isPresent() ? like(old.get(), writer) : writer).create();
            if (old.isPresent()) {
                rename(identifier, replaced);
            }
            try {
                if (old.isPresent() && !isOwn(((TableCatalog) catalog).loadTable(replaced))) {
                    throw notOwn(); // another program has been faster
                }
                rename(draft, identifier);
            } catch (Exception e) {
                if (old.isPresent()) {
                    renameBack(replaced, e);
                }
                throw e;
            }
        } catch (Exception e) {
            try {
                drop(draft);
            } catch (Exception again) { // Scala declares no exceptions
                e.addSuppressed(again);
            }
            throw e;
        }
        if (old.isPresent()) {
            try {
                drop(replaced);
            } catch (Exception e) { // Scala declares no exceptions
                LOG.warn(
                        "the output is written, and the table that it replaces could not be dropped: {} stays ({})",
                        TableName.sql(catalog, replaced),
                        ReadFailure.reason(e));
            }
        }
    }

    private void renameBack(Identifier replaced, Exception e) {
        try {
            rename(replaced, identifier);
        } catch (Exception again) { // Scala declares no exceptions
            InputException moved = new InputException(
                    "cannot write the table " + shown() + ": " + ReadFailure.reason(e)
                            + "; the old one could not be renamed back, and is " + TableName.sql(catalog, replaced),
                    e);
            moved.addSuppressed(again);
            throw moved;
        }
    }

    // By SQL, which forgets what the session knows of a table.
    private void rename(Identifier from, Identifier to) {
        spark.sql("ALTER TABLE " + TableName.sql(catalog, from) + " RENAME TO " + TableName.inCatalog(to));
    }

    private void drop(Identifier table) {
        spark.sql("DROP TABLE IF EXISTS " + TableName.sql(catalog, table));
    }
}
