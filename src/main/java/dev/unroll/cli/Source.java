package dev.unroll.cli;

import dev.unroll.data.InputException;
import dev.unroll.spark.SourceLayout;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Files as a DataFrame, through Spark SQL. In csv and tsv the first line is a header and every column is text.
 *
 * @param format csv, tsv, json, parquet or text
 * @param options Spark's own options of the format, which win
 */
record Source(String format, Map<String, String> options) {

    /** Between several read-options on the command line: nothing that a value could hold. */
    static final String SEPARATOR = "\u0001";

    static Source of(Settings settings) {
        String format = settings.get("format", "csv");
        if (!java.util.List.of("csv", "tsv", "json", "parquet", "text").contains(format)) {
            throw new UsageException("format is " + format + "; allowed are csv, tsv, json, parquet and text");
        }
        Map<String, String> options = new LinkedHashMap<>();
        for (String pair : settings.get("read-option", "").split(SEPARATOR)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                options.put(pair.substring(0, equals), pair.substring(equals + 1));
            } else if (!pair.isEmpty()) {
                throw new UsageException("read-option is " + pair + "; allowed is key=value");
            }
        }
        return new Source(format, options);
    }

    /**
     * Reads files or directories.
     *
     * @throws InputException if there is nothing at the path
     */
    Dataset<Row> read(SparkSession spark, String path) {
        requireExists(spark, path);
        return switch (format) {
            case "csv" ->
                spark.read()
                        .option("header", "true")
                        .option("escape", "\"") // quotes are doubled, as RFC 4180 has it
                        .options(options)
                        .csv(path);
            case "tsv" ->
                spark.read()
                        .option("header", "true")
                        .option("sep", "\t")
                        .option("quote", "")
                        .options(options)
                        .csv(path);
            case "json" -> spark.read().options(options).json(path);
            case "parquet" -> spark.read().options(options).parquet(path);
            default -> spark.read().options(options).text(path);
        };
    }

    private static void requireExists(SparkSession spark, String path) {
        try {
            Path file = new Path(path);
            var status = file.getFileSystem(spark.sparkContext().hadoopConfiguration())
                    .globStatus(file);
            if (status == null || status.length == 0) {
                throw new InputException("there is no file " + path);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new InputException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    SourceLayout layout() {
        if (format.equals("parquet")) {
            return SourceLayout.ROWS;
        }
        boolean table = format.equals("csv") || format.equals("tsv");
        boolean header = table && options.getOrDefault("header", "true").equals("true");
        return header ? SourceLayout.LINES_WITH_HEADER : SourceLayout.LINES;
    }
}
