package dev.unroll.spark.rows;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.FractionalType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * How text is a time, the narrower way first. What Spark's casts take beyond that is refused, such as a year alone, or
 * an instant without its zone, which would depend on the session's.
 */
public enum TimeFormat {
    WHOLE_NUMBER("[+-]?[0-9]{1,19}", DataTypes.LongType),
    NUMBER(TextNumber.PATTERN, DataTypes.DoubleType),
    DATE("[0-9]{4}-[0-9]{2}-[0-9]{2}", DataTypes.DateType),
    TIMESTAMP(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?", DataTypes.TimestampNTZType),
    TIMESTAMP_WITH_ZONE(TIMESTAMP.pattern + " ?(Z|[+-][0-9]{2}:[0-9]{2})", DataTypes.TimestampType);

    private final String pattern;
    private final DataType type;

    TimeFormat(String pattern, DataType type) {
        this.pattern = pattern;
        this.type = type;
    }

    /** The formats in which a time of a column of this type is written. */
    public static List<TimeFormat> of(DataType type) {
        if (type instanceof DateType) {
            return List.of(DATE);
        }
        if (type instanceof TimestampNTZType) {
            return List.of(DATE, TIMESTAMP);
        }
        if (type instanceof TimestampType) {
            return List.of(TIMESTAMP_WITH_ZONE);
        }
        return List.of(type instanceof FractionalType ? NUMBER : WHOLE_NUMBER);
    }

    /** Text as a time of the type, null where it is none, or none that is finite. */
    public static Column timeOf(Column text, DataType type) {
        Column time = functions.coalesce(
                of(type).stream().map(format -> format.parse(text, type)).toArray(Column[]::new));
        boolean maybeInfinite = type instanceof DoubleType || type instanceof FloatType;
        return maybeInfinite
                ? functions.when(functions.abs(time).lt(functions.lit(Double.POSITIVE_INFINITY)), time)
                : time;
    }

    /** The formats of the type in words. */
    public static String names(DataType type) {
        return String.join(" or ", of(type).stream().map(TimeFormat::text).toList());
    }

    DataType type() {
        return type;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Text in this format as a value of its type, null where it is none. */
    Column parse(Column text) {
        return parse(text, type);
    }

    private Column parse(Column text, DataType as) {
        Column bare =
                functions.regexp_extract(text, "^\\s*(" + pattern + ")\\s*\\z", 1); // empty where it does not match
        // Spark's cast takes a time without seconds, but not with a zone after it.
        Column whole = this == TIMESTAMP_WITH_ZONE
                ? functions.regexp_replace(bare, "([ T][0-9]{2}:[0-9]{2})( ?[Z+-].*)$", "$1:00$2")
                : bare;
        return functions.when(bare.notEqual(""), whole.try_cast(as));
    }
}
