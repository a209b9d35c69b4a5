package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import dev.unroll.format.Reason;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Files or a table as a DataFrame in which nothing is lost: takes a path, gives rows with the {@link Origin} of each. A
 * line that cannot be used is a row with a fault, never a null that nobody asked for, and no task throws for it. The
 * reader of rows then refuses it with file, line and reason, or skips and counts it.
 *
 * <p>In csv and tsv every column is text, and the first line names the columns. A row of text is one column, {@code
 * value}. Parquet goes through as Spark reads it, with its columns pruned. A column that is the name of a directory,
 * such as {@code label=007}, keeps what is written there ({@link FolderColumns}). A table of a catalog is read as its
 * own source reads it ({@link CatalogTable}).
 *
 * @param format csv, tsv, json, parquet, text or table
 * @param options Spark's own options of the format, which win
 */
public record FileSource(String format, Map<String, String> options) {

    /*
     * For maintainers: there are two ways through the same formats. Lines are read by LineFiles, because Spark's
     * readers are lenient where it hurts: they replace bytes that are not UTF-8 with U+FFFD, take an unclosed quote,
     * read files by the header of another one, take text that follows a JSON object, and turn a column to text for one
     * row. With options that change what a row or a value is (multiLine, inferSchema, lineSep, and whatever is not in
     * ReadOptions.areOfLines) Spark's reader does it (SparkFiles), permissively and with its column of corrupt records;
     * then an error names the row of the file, and a file that is not valid UTF-8 is refused as a whole.
     */

    /**
     * Rows of files.
     *
     * @param leftOut files of the path that are not read, by reason
     */
    public record Rows(Dataset<Row> rows, Map<String, Long> leftOut) {}

    /** The formats there are. */
    public static final List<String> FORMATS = List.of("csv", "tsv", "json", "parquet", "text", CatalogTable.FORMAT);

    public FileSource {
        if (!FORMATS.contains(format)) {
            throw new IllegalArgumentException(
                    "format is " + format + "; allowed are csv, tsv, json, parquet, text and table");
        }
        options = Map.copyOf(options);
        ReadOptionValues.require(format, options);
    }

    /** The rows of files or directories, where none of these may be left out. */
    public Dataset<Row> read(SparkSession spark, String path, Collection<String> used) {
        return read(spark, path, used, false).rows();
    }

    /**
     * Reads files or directories, or a table.
     *
     * @param path or the name of the table
     * @param used the columns that the work needs: json's rows must agree in them, and parquet's must be readable
     * @param skip whether files that are not read are counted; otherwise they are an error, unless they are hidden
     * @throws InputException if there is nothing to read, or files do not go together
     */
    public Rows read(SparkSession spark, String path, Collection<String> used, boolean skip) {
        if (format.equals(CatalogTable.FORMAT)) {
            return new Rows(new CatalogTable(spark, path).read(options), Map.of());
        }
        List<FileStatus> found = existing(spark, path);
        ReadOptions asked = new ReadOptions(format, options);
        asked.charset(); // to refuse one that there is not, in every format
        try {
            boolean strict = !format.equals("parquet") && asked.areOfLines();
            DataFiles files = new DataFiles(spark, path, found, asked);
            Map<String, Long> leftOut = files.leftOut(skip);
            Dataset<Row> rows = strict
                    ? new LineFiles(files, path, asked).read(used)
                    : new SparkFiles(spark, files, path, asked).read(used);
            ColumnName.requireDistinct(rows.schema(), path);
            return new Rows(rows, leftOut);
        } catch (Exception e) {
            if (e instanceof RuntimeException) {
                throw e;
            }
            // Scala declares no exceptions, and Spark's are not all unchecked.
            throw new InputException("cannot read " + path + ": " + ReadFailure.reason(e), e);
        }
    }

    /** The files and directories that the path means. */
    private static List<FileStatus> existing(SparkSession spark, String path) {
        List<FileStatus> found;
        try {
            found = SourcePaths.matching(path, spark.sparkContext().hadoopConfiguration());
        } catch (IOException | RuntimeException e) { // Hadoop throws both where it has no file system for a path
            throw new InputException("cannot read " + path + ": " + Reason.of(e), e);
        }
        if (found.isEmpty()) {
            throw new InputException("there is no file " + path);
        }
        return found;
    }
}
