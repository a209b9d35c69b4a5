package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import dev.unroll.format.Reason;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of Parquet files of which Spark cannot read one, such as times in nanoseconds: Spark gives no schema for
 * such a file at all, whoever uses the column.
 */
final class ParquetColumns {

    private final ParquetToSparkSchemaConverter converter;
    private final Configuration hadoop;
    private final Map<String, String> faults = new TreeMap<>();
    private StructType all = new StructType();
    private StructType readable = new StructType();

    private ParquetColumns(SparkSession spark) {
        hadoop = spark.sessionState().newHadoopConf();
        converter = new ParquetToSparkSchemaConverter(spark.sessionState().conf());
    }

    /** Whether Spark has no schema for a file because of the type of a column. */
    static boolean areFault(Throwable thrown) {
        return Reason.chain(thrown).stream()
                .anyMatch(e -> e instanceof SparkThrowable spark
                        && spark.getCondition() != null
                        && spark.getCondition().startsWith("PARQUET_TYPE"));
    }

    /**
     * The columns of files.
     *
     * @param files those whose columns are wanted: a column is as the first file has it that has it
     */
    static ParquetColumns of(SparkSession spark, List<String> files) {
        ParquetColumns columns = new ParquetColumns(spark);
        files.forEach(columns::add);
        return columns;
    }

    private void add(String file) {
        MessageType schema;
        try (ParquetFileReader reader =
                ParquetFileReader.open(HadoopInputFile.fromPath(new Path(URI.create(file)), hadoop))) {
            schema = reader.getFooter().getFileMetaData().getSchema();
        } catch (IOException | RuntimeException e) {
            throw new InputException("cannot read " + SourceFiles.shown(file) + ": " + ReadFailure.reason(e), e);
        }
        for (Type column : schema.getFields()) {
            if (Arrays.asList(all.fieldNames()).contains(column.getName())) {
                continue;
            }
            Optional<StructField> field = field(column);
            StructField known = field.orElse(
                    DataTypes.createStructField(column.getName(), DataTypes.TimestampType, true)); // none is ever read
            all = all.add(known);
            if (field.isPresent()) {
                readable = readable.add(known);
            } else {
                faults.put(column.getName(), sentence(file, column));
            }
        }
    }

    private Optional<StructField> field(Type column) {
        try {
            return Optional.of(converter.convert(new MessageType("one", column)).apply(0));
        } catch (Exception e) { // Scala declares no exceptions
            if (areFault(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static String sentence(String file, Type column) {
        String type = column.isPrimitive() ? String.valueOf(column.getLogicalTypeAnnotation()) : "nested";
        boolean isTime = column.toString().contains("(NANOS,");
        return BadRow.shown(SourceFiles.shown(file)) + ": column " + BadRow.shown(column.getName()) + " is "
                + (isTime ? "of times in nanoseconds" : "of a type that is not read") + " (" + BadRow.shown(type)
                + "); "
                + (isTime
                        ? "write it in microseconds, as pandas does with to_parquet(path, coerce_timestamps=\"us\")"
                        : "write it as another type");
    }

    /** The columns that can be read. */
    StructType readable() {
        return readable;
    }

    /**
     * @param used columns that the work needs
     * @throws InputException if one of them cannot be read
     */
    void require(Iterable<String> used) {
        for (String column : used) {
            if (faults.containsKey(column)) {
                throw new InputException(faults.get(column));
            }
        }
    }

    /** The rows with those columns too that cannot be read: whoever asks for a value of theirs is told so. */
    Dataset<Row> addedTo(Dataset<Row> rows) {
        if (faults.isEmpty()) {
            return rows;
        }
        StructType known = rows.schema();
        StructType columns = all;
        for (StructField field : known.fields()) { // those of folders
            if (!Arrays.asList(columns.fieldNames()).contains(field.name())) {
                columns = columns.add(field);
            }
        }
        return rows.select(Arrays.stream(columns.fields())
                .map(field -> faults.containsKey(field.name())
                        ? functions
                                .raise_error(functions.lit(faults.get(field.name())))
                                .cast(field.dataType())
                                .as(field.name())
                        : rows.col(ColumnName.quoted(field.name())))
                .toArray(Column[]::new));
    }
}
