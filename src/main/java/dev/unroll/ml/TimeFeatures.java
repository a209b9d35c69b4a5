package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.param.Keyed;
import dev.unroll.spark.rows.ColumnType;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * What a step says of its time: takes the times of an event and of the one before it, gives numbers. {@code gap} is one
 * number, log(1 + time between the two) and 0 for the first; each of the others two, sine and cosine of 2 pi k / n for
 * the k-th of n, so that 23 is as near to 0 as to 22.
 *
 * <p>The clock is UTC for instants, and as written for dates and timestamps without zone; the session's time zone has
 * no part. Sines are of tables made by {@link StrictMath}, and the logarithm is Spark's, StrictMath's too: the bits are
 * the same on every platform.
 *
 * @param features in the order of their numbers
 * @param type of the times
 * @param unit of the gap
 */
record TimeFeatures(List<Feature> features, DataType type, ElapsedTime.Unit unit) {

    /** One of them; {@code parts} is how many hours, days or months there are until they begin again, 0 for the gap. */
    enum Feature implements Keyed {
        GAP(0),
        HOUR(24),
        WEEKDAY(7), // from Monday
        MONTH(12);

        private final int parts;

        Feature(int parts) {
            this.parts = parts;
        }

        private int width() {
            return parts == 0 ? 1 : 2;
        }

        /** Whether times of a type have it: numbers are on no calendar, and dates have no hour. */
        private boolean isOf(ColumnType type) {
            return this == GAP || type == ColumnType.TIMESTAMP || (this != HOUR && type == ColumnType.DATE);
        }
    }

    private static final String KEY = "unrollTimeFeatures";
    private static final String PREFIX = "time_";
    private static final long SECONDS_OF_DAY = 86_400;
    private static final long SECONDS_OF_HOUR = 3_600;

    static TimeFeatures of(List<String> keys, DataType type, ElapsedTime.Unit unit) {
        return new TimeFeatures(
                keys.stream()
                        .map(key -> Keyed.of(Feature.class, "time-features", key))
                        .toList(),
                type,
                unit);
    }

    /** How many numbers of a step they are. */
    static int width(List<String> keys) {
        return of(keys, DataTypes.NullType, ElapsedTime.Unit.AUTO).features.stream()
                .mapToInt(Feature::width)
                .sum();
    }

    /** What a column of steps says of itself, which Spark keeps in tables and in Parquet: how many of a step's last numbers these are. */
    static Metadata metadata(List<String> keys) {
        return metadata(width(keys));
    }

    private static Metadata metadata(int width) {
        return new MetadataBuilder().putLong(KEY, width).build();
    }

    /** What a column says of itself that is one of {@link #names}, or is not. */
    static Metadata metadata(boolean isOne) {
        return isOne ? metadata(1) : Metadata.empty();
    }

    /** How many of the last numbers of a step are of its time, as the column says; 0 where it says nothing. */
    static int in(StructType schema, String column) {
        if (!List.of(schema.fieldNames()).contains(column)
                || !schema.apply(column).metadata().contains(KEY)) {
            return 0;
        }
        return (int) schema.apply(column).metadata().getLong(KEY);
    }

    /** How many of the last ones of some columns are numbers of the time of a step, as they say. */
    static int in(StructType schema, List<String> columns) {
        int last = 0;
        while (last < columns.size() && in(schema, columns.get(columns.size() - 1 - last)) > 0) {
            last++;
        }
        return last;
    }

    /** The columns that they are where each number of a step has one. */
    static List<String> names(List<String> keys) {
        List<String> names = new ArrayList<>();
        for (Feature feature : of(keys, DataTypes.NullType, ElapsedTime.Unit.AUTO).features) {
            if (feature.width() == 1) {
                names.add(PREFIX + feature.key());
            } else {
                names.add(PREFIX + feature.key() + "_sin");
                names.add(PREFIX + feature.key() + "_cos");
            }
        }
        return names;
    }

    /** @throws InputException for a feature that times of this type do not have; the column is for the message */
    void requireTime(String column) {
        for (Feature feature : features) {
            if (!feature.isOf(ColumnType.of(type))) {
                throw new InputException("time-features " + feature.key() + " goes with "
                        + (feature == Feature.HOUR ? "timestamps" : "dates and timestamps") + ", and time-col " + column
                        + " is of type " + ColumnType.shown(type));
            }
        }
    }

    /**
     * The numbers.
     *
     * @param time of the event
     * @param before time of the event before it, null where there is none
     */
    List<Column> columns(Column time, Column before) {
        List<Column> columns = new ArrayList<>();
        for (Feature feature : features) {
            if (feature == Feature.GAP) {
                Column elapsed = ElapsedTime.between(before, time, type, unit).cast(DataTypes.DoubleType);
                columns.add(functions.coalesce(functions.log1p(elapsed), functions.lit(0.0)));
                continue;
            }
            double[] sines = new double[feature.parts];
            double[] cosines = new double[feature.parts];
            for (int k = 0; k < feature.parts; k++) {
                sines[k] = StrictMath.sin(2 * Math.PI * k / feature.parts);
                cosines[k] = StrictMath.cos(2 * Math.PI * k / feature.parts);
            }
            Column part = part(feature, time);
            columns.add(functions.get(functions.lit(sines), part));
            columns.add(functions.get(functions.lit(cosines), part));
        }
        return columns;
    }

    /** Which hour, day or month it is, from 0. */
    private Column part(Feature feature, Column time) {
        return switch (feature) {
            case HOUR ->
                isInstant()
                        ? functions.floor(functions
                                .pmod(functions.unix_seconds(time), functions.lit(SECONDS_OF_DAY))
                                .divide(SECONDS_OF_HOUR))
                        : functions.hour(time);
            case WEEKDAY -> functions.weekday(day(time));
            case MONTH -> functions.month(day(time)).minus(1);
            case GAP -> throw new IllegalArgumentException("a gap is no part of a day, week or year");
        };
    }

    private Column day(Column time) {
        if (!isInstant()) {
            return time.cast(DataTypes.DateType);
        }
        // A cast to date would be to the session's.
        Column days = functions.floor(functions.unix_seconds(time).divide(SECONDS_OF_DAY));
        return functions.date_from_unix_date(days.cast(DataTypes.IntegerType));
    }

    private boolean isInstant() {
        return type instanceof TimestampType;
    }
}
