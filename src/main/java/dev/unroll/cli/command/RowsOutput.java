package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.format.Directory;
import dev.unroll.spark.source.RowFiles;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Rows written to a new directory: the keys output, output-format and overwrite. The directory appears whole or not at
 * all, and replaces nothing but an earlier output.
 */
record RowsOutput(String directory, RowFiles files, boolean overwrite) {

    static List<Option> options() {
        return List.of(
                Option.text("output", "directory to write to"),
                Option.oneOf("output-format", RowFiles.FORMATS, "format of the files")
                        .orElse("csv"),
                Option.flag(
                        "overwrite",
                        "whether an existing output is replaced, if it holds nothing but what this program writes there"));
    }

    /** @throws UsageException for a missing directory */
    static RowsOutput of(Settings settings) {
        return new RowsOutput(
                settings.require("output"),
                new RowFiles(settings.require("output-format")),
                settings.flag("overwrite"));
    }

    /** @throws UsageException if there is something already that may not be replaced, or nothing can be written there */
    void requireWritable(SparkSession spark) {
        try {
            Directory there = directory(spark);
            if (!overwrite && there.exists()) {
                throw new UsageException(
                        "output " + directory + " exists already; give another directory or overwrite true");
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
     * @param check what else must hold once the rows are written; where it throws, nothing appears
     */
    void write(Dataset<Row> rows, Set<String> added, Runnable check) {
        try {
            directory(rows.sparkSession()).publish(overwrite, RowFiles.FILES, draft -> {
                files.write(rows, draft.path(), added);
                check.run();
            });
        } catch (IOException e) {
            throw new UsageException("output: " + e.getMessage());
        }
    }

    private Directory directory(SparkSession spark) throws IOException {
        return Directory.of(directory, spark.sparkContext().hadoopConfiguration());
    }
}
