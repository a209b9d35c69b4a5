package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.spark.source.BadRow;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.FractionalType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * Rows of files as a table of events: takes rows and what each column is to be, gives the rows with numbers and times where a file has
 * only text (as csv has). A row with a cell that is none of its kind cannot be used, and nor can one with an empty cell; it is found with
 * its place before any other work is done, and is either refused or left out and counted.
 *
 * @param rows the usable rows, the wanted columns alone
 * @param skipped rows left out, by column and reason
 */
public record EventRows(Dataset<Row> rows, Map<String, Long> skipped) {

    /** What a column is to be. */
    public enum Kind {
        /** A number, a date or a timestamp: what most of its cells are. */
        TIME,
        NUMBER,
        /** Whatever it is. */
        ANY
    }

    /**
     * Reads the columns.
     *
     * @param columns names and kinds; they must be there
     * @param skipInvalid whether rows that cannot be used are left out and counted; otherwise the first of them is an error
     * @throws InputException for the first row that cannot be used, unless they are skipped
     */
    public static EventRows of(Dataset<Row> rows, Map<String, Kind> columns, boolean skipInvalid) {
        Dataset<Row> selected = SequenceReader.select(rows, List.copyOf(columns.keySet()));
        String place = selected.columns()[columns.size()];
        selected = selected.withColumnRenamed(place, Origin.COLUMN);
        Column origin = functions.col(Origin.COLUMN);
        List<Column> cells = new ArrayList<>();
        Column fault = functions.when(
                origin.getField(Origin.REASON).isNotNull(),
                fault(origin.getField("column"), origin.getField(Origin.REASON), origin.getField("value")));
        for (Map.Entry<String, Kind> column : columns.entrySet()) {
            Cell cell = cell(selected, column.getKey(), column.getValue());
            Column text = quoted(column.getKey()).cast(DataTypes.StringType);
            fault = fault.when(cell.reason().isNotNull(), fault(functions.lit(column.getKey()), cell.reason(), text));
            cells.add(cell.value().as(column.getKey()));
        }
        cells.add(functions
                .struct(
                        origin.getField("file").as("file"),
                        origin.getField("block").as("block"),
                        origin.getField("line").as("line"),
                        fault.getField("column").as("column"),
                        fault.getField("reason").as(Origin.REASON),
                        fault.getField("value").as("value"))
                .as(Origin.COLUMN));
        Dataset<Row> events = selected.select(cells.toArray(new Column[0]));
        Survey survey = survey(events.select(Origin.COLUMN));
        if (survey.badRows > 0 && !skipInvalid) {
            throw new InputException(
                    survey.refusal(rows.sparkSession().sparkContext().hadoopConfiguration()));
        }
        return new EventRows(
                events.where(origin.getField(Origin.REASON).isNull()).drop(Origin.COLUMN),
                Map.copyOf(survey.badByReason));
    }

    /** The columns of {@link #of} with their types, as far as these can be known before the rows: a time that is text stands as a date. */
    public static StructType schema(StructType given, Map<String, Kind> columns) {
        StructType schema = new StructType();
        for (String name : given.fieldNames()) {
            DataType type = given.apply(name).dataType();
            boolean text = type instanceof StringType;
            Kind kind = columns.getOrDefault(name, Kind.ANY);
            DataType read = text && kind == Kind.NUMBER
                    ? DataTypes.DoubleType
                    : text && kind == Kind.TIME ? DataTypes.DateType : type;
            schema = name.equals(Origin.COLUMN) ? schema : schema.add(name, read);
        }
        return schema;
    }

    /** A cell's value, and why it cannot be used; the reason is null where it can. */
    private record Cell(Column value, Column reason) {}

    private static Cell cell(Dataset<Row> rows, String name, Kind kind) {
        Column cell = quoted(name);
        DataType type = rows.schema().apply(name).dataType();
        Column value = cell;
        Column reason = functions.when(cell.isNull(), "null");
        if (type instanceof StringType && kind != Kind.ANY) {
            TimeFormat format = kind == Kind.TIME ? timeFormat(rows, cell) : TimeFormat.NUMBER;
            value = format.parse(cell);
            type = format.type();
            reason = reason.when(value.isNull(), "not a " + format.text());
        }
        if (kind != Kind.ANY && type instanceof FractionalType) {
            // The network's numbers are float32.
            Column size = functions.abs(value.cast(DataTypes.FloatType));
            reason = reason.when(size.isNaN().or(size.equalTo(Float.POSITIVE_INFINITY)), "not a finite number");
        }
        return new Cell(value, reason);
    }

    /** The format that most cells have: it does not depend on which row is the first. */
    private static TimeFormat timeFormat(Dataset<Row> rows, Column cell) {
        List<Column> counts = new ArrayList<>();
        List<TimeFormat> formats = List.of(TimeFormat.values());
        for (TimeFormat format : formats) {
            counts.add(functions.count(format.parse(cell)));
        }
        Row found = rows.select(counts.toArray(new Column[0])).first();
        int best = 0;
        for (int n = 1; n < formats.size(); n++) {
            if (found.getLong(n) > found.getLong(best)) {
                best = n;
            }
        }
        return found.getLong(best) == 0 ? TimeFormat.TIMESTAMP : formats.get(best);
    }

    private static Column fault(Column column, Column reason, Column value) {
        return functions.struct(column.as("column"), reason.as("reason"), value.as("value"));
    }

    private static Column quoted(String name) {
        return functions.col(ColumnName.quoted(name));
    }

    private static Survey survey(Dataset<Row> origins) {
        Survey survey = new Survey();
        origins.javaRDD()
                .mapPartitions(rows -> {
                    Survey some = new Survey();
                    Map<String, Long> read = new HashMap<>(); // rows so far, by block of a file
                    rows.forEachRemaining(row -> {
                        Row origin = row.getStruct(0);
                        long index = read.merge(origin.getString(0) + "@" + origin.getLong(1), 1L, Long::sum) - 1;
                        Fault fault = Origin.fault(origin);
                        if (fault != null) {
                            some.bad(BadRow.of(Origin.place(origin, index), fault));
                        }
                    });
                    return List.of(some.toBytes()).iterator();
                })
                .collect()
                .forEach(bytes -> survey.merge(Survey.fromBytes(bytes)));
        return survey;
    }
}
