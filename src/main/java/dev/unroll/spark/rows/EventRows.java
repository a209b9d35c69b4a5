package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.spark.source.BadRow;
import dev.unroll.spark.source.BadRows;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
import dev.unroll.spark.source.Origin.PossibleFault;
import dev.unroll.spark.source.RowPlace;
import dev.unroll.spark.source.RowPlaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * Rows of files as a table of events: takes rows and what each column is to be, gives the rows with numbers and times
 * where a file has only text (as csv has). A row with a cell that is none of its kind cannot be used, and nor can one
 * with an empty cell; it is found with its place before any other work is done, and is either refused or left out and
 * counted.
 *
 * @param rows the usable rows, the wanted columns alone
 * @param skipped rows left out, by column and reason
 */
public record EventRows(Dataset<Row> rows, Map<String, Long> skipped) {

    /** What a column is to be. */
    public enum Kind {
        /** A number, a date or a timestamp: what most of its cells are. */
        TIME(false, false),
        NUMBER(true, false),
        /** Whatever it is. */
        ANY(false, false),
        /** A number, or nothing: the target of a step, which may be missing. */
        NUMBER_OR_NULL(true, true),
        /** Whatever it is, or nothing: the label of a step, which may be missing. */
        ANY_OR_NULL(false, true);

        private final boolean number;
        private final boolean mayBeMissing;

        Kind(boolean number, boolean mayBeMissing) {
            this.number = number;
            this.mayBeMissing = mayBeMissing;
        }

        /** What a column of two uses is to be: what both of them need; a time, where it is one, unless the other is a number. */
        public Kind and(Kind other) {
            if ((this == TIME && !other.number) || (other == TIME && !number)) {
                return TIME;
            }
            boolean both = mayBeMissing && other.mayBeMissing;
            return number || other.number ? (both ? NUMBER_OR_NULL : NUMBER) : both ? ANY_OR_NULL : ANY;
        }
    }

    /**
     * Reads the columns.
     *
     * @param columns names and kinds; they must be there
     * @param skipInvalid whether rows that cannot be used are left out and counted; otherwise the first of them is an
     *     error
     * @throws InputException for the first row that cannot be used, unless they are skipped
     */
    public static EventRows of(Dataset<Row> rows, Map<String, Kind> columns, boolean skipInvalid) {
        Dataset<Row> selected = Origin.select(rows, List.copyOf(columns.keySet()));
        List<Column> cells = new ArrayList<>();
        List<PossibleFault> faults = new ArrayList<>();
        for (Map.Entry<String, Kind> column : columns.entrySet()) {
            Cell cell = cell(selected, column.getKey(), column.getValue());
            Column text = quoted(column.getKey()).cast(DataTypes.StringType);
            faults.add(new PossibleFault(column.getKey(), cell.reason(), text));
            cells.add(cell.value().as(column.getKey()));
        }
        cells.add(Origin.withFaults(selected, faults));
        Dataset<Row> events = selected.select(cells.toArray(new Column[0]));
        BadRows bad = badRows(Origin.select(events, List.of()));
        if (!skipInvalid) {
            bad.requireNone(rows.sparkSession().sparkContext().hadoopConfiguration());
        }
        return new EventRows(Origin.withoutFaults(events), Map.copyOf(bad.byReason()));
    }

    /**
     * The columns of {@link #of} with their types, as far as these can be known before the rows: a time that is text is
     * given as a timestamp, which goes with everything that any time goes with.
     */
    public static StructType schema(StructType given, Map<String, Kind> columns) {
        StructType schema = new StructType();
        for (String name : Origin.without(given).fieldNames()) {
            DataType type = given.apply(name).dataType();
            boolean text = type instanceof StringType;
            Kind kind = columns.getOrDefault(name, Kind.ANY);
            DataType read = text && kind.number
                    ? DataTypes.DoubleType
                    : text && kind == Kind.TIME ? DataTypes.TimestampNTZType : type;
            schema = schema.add(name, read);
        }
        return schema;
    }

    /** A cell's value, and why it cannot be used; the reason is null where it can. */
    private record Cell(Column value, Column reason) {}

    private static Cell cell(Dataset<Row> rows, String name, Kind kind) {
        Column cell = quoted(name);
        DataType type = rows.schema().apply(name).dataType();
        Column value = cell;
        Column reason = functions.when(cell.isNull(), kind.mayBeMissing ? functions.lit(null) : functions.lit("null"));
        if (type instanceof StringType && (kind.number || kind == Kind.TIME)) {
            Optional<TimeFormat> found = kind == Kind.TIME ? timeFormat(rows, cell) : Optional.of(TimeFormat.NUMBER);
            TimeFormat format = found.orElse(TimeFormat.TIMESTAMP);
            value = format.parse(cell);
            type = format.type();
            String other = found.map(known -> "not a " + known.text()).orElse(BadRow.NO_TIME);
            reason = reason.when(
                    value.isNull().and(isGiven(cell, kind)),
                    kind == Kind.TIME ? TimeFormat.reason(cell, other) : functions.lit(other));
        }
        if ((kind.number || kind == Kind.TIME) && type instanceof FractionalType) {
            // The network's numbers are float32.
            Column size = functions.abs(value.cast(DataTypes.FloatType));
            Column none = size.isNaN().and(functions.lit(!kind.mayBeMissing));
            reason = reason.when(none.or(size.equalTo(Float.POSITIVE_INFINITY)), "not a finite number");
        }
        return new Cell(value, reason);
    }

    /** Whether a cell of text says something: a number that may be missing is missing too where the text is NaN. */
    private static Column isGiven(Column cell, Kind kind) {
        return kind.mayBeMissing ? cell.notEqual("NaN") : cell.isNotNull();
    }

    /** The format that most cells have: it does not depend on which row is the first. None where no cell is a time. */
    private static Optional<TimeFormat> timeFormat(Dataset<Row> rows, Column cell) {
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
        return found.getLong(best) == 0 ? Optional.empty() : Optional.of(formats.get(best));
    }

    private static Column quoted(String name) {
        return functions.col(ColumnName.quoted(name));
    }

    private static BadRows badRows(Dataset<Row> origins) {
        BadRows all = new BadRows();
        origins.javaRDD()
                .mapPartitions(rows -> {
                    BadRows bad = new BadRows();
                    RowPlaces places = new RowPlaces();
                    rows.forEachRemaining(row -> {
                        Row origin = Origin.of(row);
                        RowPlace place = places.next(origin);
                        Fault fault = Origin.fault(origin);
                        if (fault != null) {
                            bad.add(BadRow.of(place, fault));
                        }
                    });
                    return List.of(ObjectBytes.write(bad)).iterator();
                })
                .collect()
                .forEach(bytes -> all.merge(ObjectBytes.<BadRows>read(bytes)));
        return all;
    }
}
