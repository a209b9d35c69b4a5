package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.format.Directory;
import dev.unroll.spark.source.CatalogTable;
import dev.unroll.spark.source.RowFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Rows written to a new directory, or to a new table: the keys output, output-format and overwrite. The output appears
 * whole or not at all, and replaces nothing but an earlier one.
 *
 * @param name of the directory or the table
 */
record RowsOutput(String name, String format, boolean overwrite) {

    private static final String OUTPUT_FORMAT = "output-format";

    static List<Option> options() {
        List<String> formats = new ArrayList<>(RowFiles.FORMATS);
        formats.add(CatalogTable.FORMAT);
        return List.of(
                Option.text("output", "directory to write to, or table"),
                Option.oneOf(
                                OUTPUT_FORMAT,
                                formats,
                                "format of the files; table: output is the name of a table of a catalog")
                        .orElse("csv"),
                Option.flag(
                        "overwrite",
                        "whether an existing output is replaced, if it holds nothing but what this program writes there"));
    }

    /** @throws UsageException for a missing name */
    static RowsOutput of(Settings settings) {
        return new RowsOutput(settings.require("output"), settings.require(OUTPUT_FORMAT), settings.flag("overwrite"));
    }

    private boolean isTable() {
        return format.equals(CatalogTable.FORMAT);
    }

    private RowFiles files() {
        return new RowFiles(format);
    }

    /** The rows, in which one that the format cannot hold has a fault, as {@link RowFiles#checked} has it. */
    Dataset<Row> checked(Dataset<Row> rows) {
        return isTable() ? rows : files().checked(rows);
    }

    /** Refuses a value that the format cannot hold, as {@link RowFiles#requireRepresentable} does. */
    void requireRepresentable(String what, String value, String column) {
        if (!isTable()) {
            files().requireRepresentable(what, value, column);
        }
    }

    /** @throws UsageException if there is something already that may not be replaced, or nothing can be written there */
    void requireWritable(SparkSession spark) {
        if (isTable()) {
            table(spark).requireWritable(overwrite);
            return;
        }
        try {
            Directory there = directory(spark);
            if (!overwrite && there.exists()) {
                throw new UsageException(
                        "output " + name + " exists already; give another directory or overwrite true");
            }
            there.requireWritable(overwrite, RowFiles.FILES);
        } catch (IOException e) {
            throw new UsageException("output: " + e.getMessage());
        }
    }

    /** As {@link #write(Dataset, Set, Runnable)}, where nothing else must hold. */
    void write(Dataset<Row> rows, Set<String> added) {
        write(rows, added, () -> {});
    }

    /**
     * Writes rows; vectors in columns that were added become arrays, and nested values become JSON where the format has
     * none.
     *
     * @param check what else must hold once the rows are computed; where it throws, nothing appears
     */
    void write(Dataset<Row> rows, Set<String> added, Runnable check) {
        if (isTable()) {
            table(rows.sparkSession()).write(rows, added, overwrite, check);
            return;
        }
        try {
            directory(rows.sparkSession()).publish(overwrite, RowFiles.FILES, draft -> {
                files().write(rows, draft.path(), added);
                check.run();
            });
        } catch (IOException e) {
            throw new UsageException("output: " + e.getMessage());
        }
    }

    private CatalogTable table(SparkSession spark) {
        return new CatalogTable(spark, name);
    }

    private Directory directory(SparkSession spark) throws IOException {
        return Directory.of(name, spark.sparkContext().hadoopConfiguration());
    }
}
