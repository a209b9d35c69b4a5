package dev.unroll.spark.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The column that {@link FileSource} adds: where a row is in its file, and why it cannot be used, if it cannot. A row
 * that could not be read has null in every other column. This class alone makes and reads the column.
 */
public final class Origin {

    /** Name of the column; no data may have one of this name. */
    static final String COLUMN = "_unroll";

    /** The field that is null for a row without fault. */
    static final String REASON = "reason";

    private static final StructType TYPE = new StructType()
            .add("file", DataTypes.StringType)
            .add("block", DataTypes.LongType) // byte at which the part of the file begins that a task read, or OF_ROWS
            .add("line", DataTypes.LongType) // from 0 within the block; -1 where rows are to be counted
            .add("column", DataTypes.StringType) // null where the fault is that of the whole row
            .add(REASON, DataTypes.StringType)
            .add("value", DataTypes.StringType);

    /** The block of a row whose number in its file is known: {@code line} is the number. */
    private static final long OF_ROWS = -2;

    private static final String METADATA = "_metadata"; // Spark's hidden column of rows that are read from files

    /**
     * A fault that rows may have.
     *
     * @param column the column at fault
     * @param reason null in rows without this fault
     * @param value the value at fault, as text
     */
    public record PossibleFault(String column, Column reason, Column value) {}

    private Origin() {}

    /** Whether rows have the column. */
    public static boolean isIn(StructType schema) {
        return Arrays.asList(schema.fieldNames()).contains(COLUMN);
    }

    /** The columns of the data: all but the origin. */
    public static StructType without(StructType schema) {
        return new StructType(Arrays.stream(schema.fields())
                .filter(field -> !field.name().equals(COLUMN))
                .toArray(StructField[]::new));
    }

    /** The columns of the data, and last the origin. */
    static StructType addedTo(StructType schema) {
        return schema.add(COLUMN, TYPE);
    }

    /** The rows that can be used, without their origin. */
    public static Dataset<Row> withoutFaults(Dataset<Row> rows) {
        return isIn(rows.schema()) ? rows.where(functions.not(hasFault(rows))).drop(COLUMN) : rows;
    }

    /** The rows without their origin. */
    public static Dataset<Row> dropped(Dataset<Row> rows) {
        return rows.drop(COLUMN);
    }

    /** Whether a row could not be read. */
    public static Column hasFault(Dataset<?> rows) {
        return isIn(rows.schema()) ? rows.col(COLUMN).getField(REASON).isNotNull() : functions.lit(false);
    }

    /**
     * Some columns, and last the origin of each row, as far as it can be known: the file of rows that Spark reads from
     * files, and no fault.
     */
    public static Dataset<Row> select(Dataset<?> rows, List<String> names) {
        List<Column> columns = new ArrayList<>();
        names.forEach(name -> columns.add(rows.col(ColumnName.quoted(name))));
        if (isIn(rows.schema())) {
            return select(rows, columns, rows.col(COLUMN));
        }
        Column noFault = functions.lit(null).cast(DataTypes.StringType);
        Column noLine = functions.lit(-1L);
        return hasFile(rows)
                ? select(rows, columns, of(file(rows), block(rows), noLine, noFault, noFault, noFault))
                : select(rows, columns, of(functions.lit(""), functions.lit(0L), noLine, noFault, noFault, noFault));
    }

    /** Whether Spark knows the file of each row, and which part of it a task read. */
    private static boolean hasFile(Dataset<?> rows) {
        return gives(rows, () -> new Column[] {file(rows), block(rows)});
    }

    /**
     * Whether rows have hidden columns, which is found out by asking for them: a plan may list one and still not give
     * it, after a map for instance.
     */
    private static boolean gives(Dataset<?> rows, Supplier<Column[]> hidden) {
        try {
            rows.select(hidden.get());
            return true;
        } catch (Exception e) { // Scala declares no exceptions, so the type is asked for here
            if (!(e instanceof AnalysisException)) {
                throw e;
            }
            return false;
        }
    }

    private static Dataset<Row> select(Dataset<?> rows, List<Column> columns, Column origin) {
        List<Column> all = new ArrayList<>(columns);
        all.add(origin.as(COLUMN));
        return rows.select(all.toArray(new Column[0]));
    }

    /** The rows, each with words for where it is: rows that were made of others have no file and no line. */
    public static Dataset<Row> described(Dataset<Row> rows, Column words) {
        Column none = functions.lit(null).cast(DataTypes.StringType);
        return rows.withColumn(
                COLUMN, of(words, functions.lit(RowPlace.IN_WORDS), functions.lit(-1L), none, none, none));
    }

    /**
     * The rows of a table, which say as far as its source knows it in which row of which file they are (Parquet, Delta,
     * Iceberg), in which file, or else only in which table. Where rows are deleted or filtered, counting would not say it.
     */
    static Dataset<Row> ofTable(Dataset<Row> rows, String table) {
        List<Supplier<Column[]>> known = List.of(
                () -> new Column[] {file(rows), rows.metadataColumn(METADATA).getField("row_index")},
                () -> new Column[] {rows.metadataColumn("_file"), rows.metadataColumn("_pos")}); // Iceberg's
        for (Supplier<Column[]> hidden : known) {
            if (gives(rows, hidden)) {
                Column[] place = hidden.get();
                Column none = functions.lit(null).cast(DataTypes.StringType);
                return rows.withColumn(COLUMN, of(place[0], functions.lit(OF_ROWS), place[1], none, none, none));
            }
        }
        return hasFile(rows) ? rows : described(rows, functions.lit("a row of the table " + table));
    }

    /** The rows with their origins added: Spark has read them from files, and the bad ones have one fault. */
    static Dataset<Row> added(Dataset<Row> rows, Column isBad, String reason, Column value) {
        Column none = functions.lit(null).cast(DataTypes.StringType);
        return rows.withColumn(
                COLUMN,
                of(
                        file(rows),
                        block(rows),
                        functions.lit(-1L),
                        none,
                        functions.when(isBad, functions.lit(reason)).otherwise(none),
                        functions.when(isBad, value).otherwise(none)));
    }

    /**
     * The origins of rows with more faults found: the fault known already, or else the first of these that a row has.
     */
    public static Column withFaults(Dataset<Row> rows, List<PossibleFault> faults) {
        Column known = rows.col(COLUMN);
        Column first = functions.when(
                known.getField(REASON).isNotNull(),
                fault(known.getField("column"), known.getField(REASON), known.getField("value")));
        for (PossibleFault fault : faults) {
            first = first.when(fault.reason.isNotNull(), fault(functions.lit(fault.column), fault.reason, fault.value));
        }
        return of(
                        known.getField("file"),
                        known.getField("block"),
                        known.getField("line"),
                        first.getField("column"),
                        first.getField(REASON),
                        first.getField("value"))
                .as(COLUMN);
    }

    private static Column fault(Column column, Column reason, Column value) {
        return functions.struct(column.as("column"), reason.as(REASON), value.as("value"));
    }

    static Column file(Dataset<?> rows) {
        return rows.metadataColumn(METADATA).getField("file_path");
    }

    static Column block(Dataset<?> rows) {
        return rows.metadataColumn(METADATA).getField("file_block_start");
    }

    /** @param fields in the order of {@link #TYPE} */
    private static Column of(Column... fields) {
        Column[] named = new Column[fields.length];
        for (int i = 0; i < named.length; i++) {
            named[i] = fields[i].as(TYPE.fieldNames()[i]);
        }
        return functions.struct(named);
    }

    static Row of(String file, long block, long line) {
        return RowFactory.create(file, block, line, null, null, null);
    }

    static Row of(String file, long block, long line, Fault fault) {
        return RowFactory.create(file, block, line, fault.column(), fault.getMessage(), fault.value());
    }

    /** The origin of a row that {@link #select} gave. */
    public static Row of(Row row) {
        return row.getStruct(row.length() - 1);
    }

    static String file(Row origin) {
        return origin.getString(0);
    }

    static long block(Row origin) {
        return origin.getLong(1);
    }

    /** Whether it says which line or row it is; others are counted. */
    static boolean hasNumber(Row origin) {
        return origin.getLong(2) >= 0;
    }

    /** The place; {@code index} counts rows within the block, for those without a number. */
    static RowPlace place(Row origin, long index) {
        boolean ofRows = block(origin) == OF_ROWS;
        boolean hasNumber = hasNumber(origin);
        return new RowPlace(
                file(origin), ofRows ? 0 : block(origin), hasNumber ? origin.getLong(2) : index, hasNumber && !ofRows);
    }

    /** The fault; null where there is none. */
    public static Fault fault(Row origin) {
        return origin.isNullAt(4) ? null : new Fault(origin.getString(3), origin.getString(4), origin.getString(5));
    }
}
