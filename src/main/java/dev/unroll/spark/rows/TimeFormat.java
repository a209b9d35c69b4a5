package dev.unroll.spark.rows;

import dev.unroll.spark.source.BadRow;
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
    /** Its first day, as of a quarter. */
    MONTH("[0-9]{4}-[0-9]{2}", DataTypes.DateType),
    QUARTER("[0-9]{4}[ -]?Q[1-4]", DataTypes.DateType),
    /** Its Monday, as ISO 8601 counts weeks. */
    WEEK("[0-9]{4}-W[0-9]{2}", DataTypes.DateType),
    /** To the microsecond; further digits are dropped, as everywhere in Spark. */
    TIMESTAMP(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?", DataTypes.TimestampNTZType),
    TIMESTAMP_WITH_ZONE(TIMESTAMP.pattern + " ?(Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)", DataTypes.TimestampType);

    /** What begins with a day and a month, or a month and a day. */
    private static final String DAY_OR_MONTH_FIRST = "^\\s*[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4}(\\D|\\z)";

    private final String pattern;
    private final DataType type;

    TimeFormat(String pattern, DataType type) {
        this.pattern = pattern;
        this.type = type;
    }

    /** The formats in which a time of a column of this type is written. */
    public static List<TimeFormat> of(DataType type) {
        if (type instanceof DateType) {
            return List.of(DATE, MONTH, QUARTER, WEEK);
        }
        if (type instanceof TimestampNTZType) {
            return List.of(DATE, MONTH, QUARTER, WEEK, TIMESTAMP);
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
        return functions.when(bare.notEqual(""), value(bare, as));
    }

    private Column value(Column bare, DataType as) {
        Column year = functions.substring(bare, 1, 4);
        return switch (this) {
            case MONTH -> functions.concat(bare, functions.lit("-01")).try_cast(as);
            case QUARTER -> {
                Column month = functions
                        .right(bare, functions.lit(1))
                        .cast(DataTypes.IntegerType)
                        .multiply(3)
                        .minus(2);
                Column day = functions.make_date(year.cast(DataTypes.IntegerType), month, functions.lit(1));
                yield day.cast(as);
            }
            case WEEK -> {
                Column week = functions.right(bare, functions.lit(2)).cast(DataTypes.IntegerType);
                Column first = functions.trunc(
                        functions.concat(year, functions.lit("-01-04")).try_cast(DataTypes.DateType), "week");
                Column monday = functions.date_add(first, week.minus(1).multiply(7));
                yield functions.when(functions.weekofyear(monday).equalTo(week), monday.cast(as));
            }
            case TIMESTAMP_WITH_ZONE -> withZone(bare).try_cast(as);
            default -> bare.try_cast(as);
        };
    }

    /** As Spark's cast takes it: with seconds before the zone, and a zone of hours and minutes. */
    private static Column withZone(Column bare) {
        Column seconds = functions.regexp_replace(bare, "([ T][0-9]{2}:[0-9]{2})( ?[ZUG+-].*)$", "$1:00$2");
        Column named = functions.regexp_replace(seconds, " ?(UTC|GMT)$", "Z");
        Column hours = functions.regexp_replace(named, "([+-][0-9]{2})$", "$1:00");
        return functions.regexp_replace(hours, "([+-][0-9]{2})([0-9]{2})$", "$1:$2");
    }

    /** Why a text is no time: in words by which rows are counted. */
    static Column reason(Column text, String otherwise) {
        return functions
                .when(text.rlike(DAY_OR_MONTH_FIRST), BadRow.AMBIGUOUS_DAY)
                .otherwise(otherwise);
    }
}
