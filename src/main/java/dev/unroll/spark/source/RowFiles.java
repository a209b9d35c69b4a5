package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import dev.unroll.spark.source.Origin.PossibleFault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitter;
import org.apache.hadoop.mapreduce.lib.output.TextOutputFormat;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import scala.Tuple2;

/**
 * Rows to the files of a directory, in such a way that {@link FileSource} reads the same rows from them. Lines of csv
 * and tsv are made by the {@link CsvDialect} that they are read by: Spark's own writer cuts blanks off, and puts quotes
 * into tsv.
 *
 * <p>csv and tsv have no nulls: null and the empty text are both an empty cell, which is read as null. A vector, an
 * array and a struct are JSON there, and bytes are base64.
 *
 * @param format csv, tsv, json or parquet
 */
public record RowFiles(String format) {

    /** The formats there are. */
    public static final List<String> FORMATS = List.of("csv", "tsv", "json", "parquet");

    /** The paths of the files, relative to their directory, as they are now and as Spark's own writers name them. */
    public static final Pattern FILES =
            Pattern.compile("\\.?(part-[0-9]{5,}(-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[.-]c[0-9]{3,})?"
                    + "(\\.[a-z0-9]+)*|_SUCCESS)(\\.crc)?");

    private static final String CANNOT_HOLD = "[\\t\\n\\r]"; // tsv has no quotes

    private static final String REASON = "tab or line end, which tsv cannot hold";

    /**
     * The rows, in which one that the format cannot hold has a fault.
     *
     * @throws InputException for the name of a column that it cannot hold, and for a value of rows that say no origin
     */
    public Dataset<Row> checked(Dataset<Row> rows) {
        List<PossibleFault> faults = new ArrayList<>();
        for (StructField field : Origin.without(rows.schema()).fields()) {
            requireRepresentable("name", field.name(), field.name());
            if (format.equals("tsv") && field.dataType() instanceof StringType) {
                Column cell = rows.col(ColumnName.quoted(field.name()));
                Column reason = functions.when(cell.rlike(CANNOT_HOLD), REASON);
                faults.add(new PossibleFault(field.name(), reason, cell));
            }
        }
        if (!faults.isEmpty() && Origin.isIn(rows.schema())) {
            return rows.withColumn(Origin.COLUMN, Origin.withFaults(rows, faults));
        }
        if (!faults.isEmpty()) {
            Column isBad = functions
                    .coalesce(faults.stream().map(PossibleFault::reason).toArray(Column[]::new))
                    .isNotNull();
            Column[] values = faults.stream().map(PossibleFault::value).toArray(Column[]::new);
            for (Row found : rows.where(isBad).select(values).takeAsList(1)) {
                for (int c = 0; c < values.length; c++) {
                    if (!found.isNullAt(c)) {
                        requireRepresentable(
                                "value", found.getString(c), faults.get(c).column());
                    }
                }
            }
        }
        return rows;
    }

    /**
     * Refuses a value that the format cannot hold.
     *
     * @param what it is
     */
    public void requireRepresentable(String what, String value, String column) {
        if (format.equals("tsv") && Pattern.compile(CANNOT_HOLD).matcher(value).find()) {
            throw new InputException("column " + BadRow.shown(column) + ": " + REASON + ", " + what + " "
                    + BadRow.shown(value) + "; output-format csv, json and parquet can");
        }
    }

    /**
     * Writes the rows.
     *
     * @param directory an empty one
     * @param added columns whose vectors become arrays in every format
     */
    public void write(Dataset<Row> rows, Path directory, Set<String> added) {
        if (format.equals("json") || format.equals("parquet")) {
            withArrays(rows, added)
                    .write()
                    .format(format)
                    .mode(SaveMode.Overwrite)
                    .save(directory.toString());
            return;
        }
        CsvDialect dialect = CsvDialect.of(format, Map.of());
        List<String> names = List.of(rows.columns());
        Dataset<Row> text = rows.select(
                names.stream().map(name -> text(rows, name).as(name)).toArray(Column[]::new));
        if (format.equals("tsv") && names.size() == 1) {
            requireNoBlankLine(names.get(0), text);
        }
        Configuration hadoop =
                new Configuration(rows.sparkSession().sparkContext().hadoopConfiguration());
        hadoop.set(TableFormat.EXTENSION, format);
        JavaRDD<Row> table = text.javaRDD();
        (table.getNumPartitions() == 0 ? table.repartition(1) : table) // a file at least, for the header
                .mapPartitions(cells -> lines(names, cells, dialect))
                .mapToPair(line -> new Tuple2<>(NullWritable.get(), new Text(line)))
                .saveAsNewAPIHadoopFile(
                        directory.toString(), NullWritable.class, Text.class, TableFormat.class, hadoop);
    }

    /** The rows, in which vectors of some columns are arrays. */
    static Dataset<Row> withArrays(Dataset<Row> rows, Set<String> added) {
        return rows.select(Arrays.stream(rows.columns())
                .map(name -> {
                    Column column = rows.col(ColumnName.quoted(name));
                    return (added.contains(name)
                                    ? array(column, rows.schema().apply(name).dataType())
                                    : column)
                            .as(name);
                })
                .toArray(Column[]::new));
    }

    /** Refuses rows of a single column whose line would be blank, which is no row: tsv has no quotes to show it. */
    private static void requireNoBlankLine(String name, Dataset<Row> text) {
        Column cell = functions.coalesce(text.col(ColumnName.quoted(name)), functions.lit(""));
        if (LineRows.isBlank(name) || !text.where(cell.rlike("^ *$")).isEmpty()) {
            throw new InputException(
                    "column " + BadRow.shown(name) + " is the only one, and a name or value of it is null"
                            + " or blank, which is no row of tsv; output-format csv, json and parquet can");
        }
    }

    /** The header, and a line for each row. */
    private static Iterator<String> lines(List<String> names, Iterator<Row> rows, CsvDialect dialect) {
        return IteratorUtils.chainedIterator(
                IteratorUtils.singletonIterator(dialect.line(names)), IteratorUtils.transformedIterator(rows, row -> {
                    List<String> cells = new ArrayList<>();
                    for (int i = 0; i < row.length(); i++) {
                        cells.add(row.getString(i));
                    }
                    return dialect.line(cells);
                }));
    }

    private static Column text(Dataset<Row> rows, String name) {
        DataType type = rows.schema().apply(name).dataType();
        Column column = array(rows.col(ColumnName.quoted(name)), type);
        if (type instanceof VectorUDT
                || type instanceof ArrayType
                || type instanceof StructType
                || type instanceof MapType) {
            return functions.to_json(column, Map.of("ignoreNullFields", "false"));
        } else if (type instanceof BinaryType) {
            return functions.base64(column);
        } else if (type instanceof TimestampType || type instanceof TimestampNTZType) {
            String zone = type instanceof TimestampType ? "XXX" : "";
            Column micros = functions.extract(functions.lit("SECOND"), column).multiply(1000);
            return functions
                    .when(
                            micros.equalTo(functions.floor(micros)),
                            functions.date_format(column, "yyyy-MM-dd'T'HH:mm:ss.SSS" + zone))
                    .otherwise(functions.date_format(column, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS" + zone));
        }
        return column.cast(DataTypes.StringType);
    }

    /** Vectors as arrays. */
    private static Column array(Column column, DataType type) {
        if (type instanceof VectorUDT) {
            return org.apache.spark.ml.functions.vector_to_array(column, "float64");
        } else if (type instanceof ArrayType array && array.elementType() instanceof VectorUDT) {
            return functions.transform(column, v -> org.apache.spark.ml.functions.vector_to_array(v, "float64"));
        }
        return column;
    }

    /** Lines to files named as Spark names them, in a directory that is there already. */
    public static final class TableFormat extends TextOutputFormat<NullWritable, Text> {
        static final String EXTENSION = "unroll.table.extension";

        @Override
        public void checkOutputSpecs(JobContext job) {
            // The directory is there, and is empty.
        }

        @Override
        public Path getDefaultWorkFile(TaskAttemptContext task, String extension) throws IOException {
            Path directory = ((PathOutputCommitter) getOutputCommitter(task)).getWorkPath();
            int partition = task.getTaskAttemptID().getTaskID().getId();
            return new Path(
                    directory,
                    String.format(
                            Locale.ROOT,
                            "part-%05d.%s%s",
                            partition,
                            task.getConfiguration().get(EXTENSION),
                            extension));
        }
    }
}
