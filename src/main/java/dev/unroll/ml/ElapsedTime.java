package dev.unroll.ml;

import dev.unroll.param.Keyed;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * The time between two events, a number of some type: in seconds for timestamps, in days for dates, or in the unit that is
 * asked for; the difference of numbers.
 */
final class ElapsedTime {

    /** What a time is measured in. */
    enum Unit implements Keyed {
        /** That of the type: seconds for timestamps, days for dates, that of the numbers. */
        AUTO,
        SECONDS,
        DAYS,
        NUMBERS;

        /** The unit of times of a type, where nothing else is said. */
        static Unit of(DataType type) {
            return type instanceof DateType
                    ? DAYS
                    : type instanceof TimestampType || type instanceof TimestampNTZType ? SECONDS : NUMBERS;
        }

        /** Whether times of a type can be measured in it. */
        boolean measures(DataType type) {
            return this == AUTO || (this == NUMBERS) == (of(type) == NUMBERS);
        }
    }

    private static final double SECONDS_OF_DAY = 86_400;

    private static final DataType EXACT_SECONDS = DataTypes.createDecimalType(20, 6);

    private ElapsedTime() {}

    /**
     * From one time to another, null where either is.
     *
     * @param type of both
     * @param unit that {@linkplain Unit#measures measures} it
     */
    static Column between(Column from, Column to, DataType type, Unit unit) {
        Column elapsed = between(from, to, type);
        if (unit == Unit.AUTO || unit == Unit.of(type)) {
            return elapsed;
        }
        return unit == Unit.SECONDS
                ? elapsed.cast(DataTypes.DoubleType).multiply(functions.lit(SECONDS_OF_DAY))
                : elapsed.cast(DataTypes.DoubleType).divide(functions.lit(SECONDS_OF_DAY));
    }

    private static Column between(Column from, Column to, DataType type) {
        if (type instanceof DateType) {
            return functions.datediff(to, from);
        }
        // Spark's timestamp_diff is that of the session's clock, on which summer time leaves out an hour.
        if (type instanceof TimestampType) {
            return functions.unix_micros(to).minus(functions.unix_micros(from)).divide(functions.lit(1e6));
        }
        if (type instanceof TimestampNTZType) {
            return to.minus(from).cast("interval second").cast(EXACT_SECONDS);
        }
        if (type instanceof IntegralType) {
            DataType exact = DataTypes.createDecimalType(20, 0); // a difference of longs may be none
            return to.cast(exact).minus(from.cast(exact));
        }
        return to.minus(from);
    }
}
