package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The permissive way to read files: Spark's own readers, for options that change what a row or a value is. Rows that
 * they cannot read become rows with a fault.
 */
final class SparkFiles {

    private static final String CORRUPT = "_unroll_corrupt";

    private final SparkSession spark;
    private final DataFiles files;
    private final String path;
    private final ReadOptions options;

    /** @param path as it was given, for messages */
    SparkFiles(SparkSession spark, DataFiles files, String path, ReadOptions options) {
        this.spark = spark;
        this.files = files;
        this.path = path;
        this.options = options;
    }

    /**
     * The rows, and their origins except for parquet, whose rows Spark gives or fails.
     *
     * @param used the columns that the work needs; matters for parquet, where others may be of any type
     */
    Dataset<Row> read(Collection<String> used) {
        return switch (options.format()) {
            case "parquet" -> parquet(used);
            case "text" -> texts();
            default -> table();
        };
    }

    /** csv, tsv and json. */
    private Dataset<Row> table() {
        files.requireWhole(Long.MAX_VALUE); // a whole file may be one value here
        LineFiles lines = new LineFiles(files, path, options);
        if (options.charset().equals(StandardCharsets.UTF_8)) {
            lines.requireValid();
        }
        CsvDialect dialect = options.dialect();
        boolean header = dialect != null && dialect.header();
        DataFrameReader reader = spark.read().options(tableOptions());
        StructType schema = header ? lines.header() : new StructType();
        if (header) {
            // Spark would give equal names numbers, and read every file by the header of one.
            ColumnName.requireDistinct(schema, path);
        }
        if (!header || options.infersTypes()) {
            files.requirePlainNames();
            schema = new StructType();
            for (StructField column : load(reader).schema().fields()) {
                if (!column.name().equals(CORRUPT)) {
                    schema = schema.add(column.name(), column.dataType());
                }
            }
        }
        if (schema.isEmpty()) {
            throw new InputException(path + " has no row that can be read");
        }
        ColumnName.requireDistinct(schema, path);
        schema = FolderColumns.added(schema, files.text().schema());
        Dataset<Row> rows = load(reader.schema(schema.add(CORRUPT, DataTypes.StringType)));
        Column corrupt = rows.col(CORRUPT);
        return Origin.added(rows, corrupt.isNotNull(), "malformed row", corrupt).drop(CORRUPT);
    }

    /** The user's options over the defaults of the format. */
    private Map<String, String> tableOptions() {
        Map<String, String> all = new HashMap<>();
        if (!options.format().equals("json")) {
            all.put("header", "true");
            all.put("escape", "\"");
        }
        if (options.format().equals("tsv")) {
            all.put("sep", "\t");
            all.put("quote", "");
        }
        all.putAll(options.all());
        all.put("columnNameOfCorruptRecord", CORRUPT);
        return all;
    }

    private Dataset<Row> load(DataFrameReader reader) {
        return files.load(reader, options.format().equals("json") ? DataFrameReader::json : DataFrameReader::csv);
    }

    private Dataset<Row> parquet(Collection<String> used) {
        try {
            Dataset<Row> rows = files.load(parquetReader(), DataFrameReader::parquet);
            StructType exact = FolderColumns.added(rows.schema(), files.text().schema());
            return exact.equals(rows.schema()) ? rows : parquet(exact);
        } catch (Exception e) { // Scala declares no exceptions
            if (!ParquetColumns.areFault(e)) {
                throw e;
            }
        }
        // As Spark takes it, the schema is that of the first file.
        boolean merged = options.mergesSchemas(spark.conf().get("spark.sql.parquet.mergeSchema"));
        ParquetColumns columns = ParquetColumns.of(
                spark, merged ? files.names() : List.of(files.names().get(0)));
        columns.require(used);
        return columns.addedTo(
                parquet(FolderColumns.added(columns.readable(), files.text().schema())));
    }

    private Dataset<Row> parquet(StructType schema) {
        return files.load(parquetReader().schema(schema), DataFrameReader::parquet);
    }

    private DataFrameReader parquetReader() {
        // Pages carry checksums, and Parquet's reader looks at them only where it is told to.
        return spark.read()
                .options(Map.of("parquet.page.verify-checksum.enabled", "true"))
                .options(options.all());
    }

    private Dataset<Row> texts() {
        Dataset<Row> rows = files.load(
                spark.read().options(options.all()).schema(files.text().schema()), DataFrameReader::text);
        files.requireWhole(Long.MAX_VALUE);
        Column value = rows.col("value");
        return Origin.added(rows, functions.not(functions.is_valid_utf8(value)), "not valid UTF-8", value);
    }
}
