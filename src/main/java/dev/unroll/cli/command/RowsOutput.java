package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.format.Directory;
import dev.unroll.spark.source.ColumnName;
import java.io.IOException;
import java.util.List;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/**
 * Rows written to a new directory: the keys output, output-format and overwrite.
 *
 * @param format csv, tsv, json or parquet
 */
record RowsOutput(String directory, String format, boolean overwrite) {

    private static final List<String> FORMATS = List.of("csv", "tsv", "json", "parquet");

    static List<Option> options() {
        return List.of(
                Option.text("output", "directory to write to"),
                Option.oneOf("output-format", FORMATS, "format of the files").orElse("csv"),
                Option.flag("overwrite", "whether an existing output is replaced"));
    }

    /** @throws UsageException for a missing directory */
    static RowsOutput of(Settings settings) {
        return new RowsOutput(
                settings.require("output"), settings.require("output-format"), settings.flag("overwrite"));
    }

    /** @throws UsageException if there is something already that may not be replaced */
    void requireNew(SparkSession spark) {
        try {
            if (!overwrite
                    && Directory.of(directory, spark.sparkContext().hadoopConfiguration())
                            .exists()) {
                throw new UsageException(
                        "output " + directory + " exists already; give another directory or overwrite true");
            }
        } catch (IOException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /**
     * Writes rows; vectors in columns that were added become arrays, and nested values become JSON where the format has
     * none.
     */
    void write(Dataset<Row> rows, List<String> added) {
        boolean text = format.equals("csv") || format.equals("tsv");
        Dataset<Row> plain = rows;
        for (String column : rows.columns()) {
            if (text || added.contains(column)) {
                plain = plain(plain, column, text);
            }
        }
        var writer = plain.write().mode(overwrite ? SaveMode.Overwrite : SaveMode.ErrorIfExists);
        switch (format) {
            case "csv" -> writer.option("header", "true").option("escape", "\"").csv(directory);
            case "tsv" ->
                writer.option("header", "true")
                        .option("sep", "\t")
                        .option("escape", "\"")
                        .csv(directory);
            case "json" -> writer.json(directory);
            default -> writer.parquet(directory);
        }
    }

    private static Dataset<Row> plain(Dataset<Row> rows, String name, boolean text) {
        DataType type = rows.schema().apply(name).dataType();
        Column column = rows.col(ColumnName.quoted(name));
        if (type instanceof VectorUDT) {
            column = functions.vector_to_array(column, "float64");
        } else if (type instanceof ArrayType array && array.elementType() instanceof VectorUDT) {
            column = org.apache.spark.sql.functions.transform(column, v -> functions.vector_to_array(v, "float64"));
        } else if (!(text && (type instanceof ArrayType || type instanceof StructType || type instanceof MapType))) {
            return rows;
        }
        return rows.withColumn(name, text ? org.apache.spark.sql.functions.to_json(column) : column);
    }
}
