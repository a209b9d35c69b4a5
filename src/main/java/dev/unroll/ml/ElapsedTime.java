package dev.unroll.ml;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** The time between two events: seconds for timestamps, days for dates, the difference of numbers; a number of some type. */
final class ElapsedTime {

    private static final DataType SECONDS = DataTypes.createDecimalType(20, 6);

    private ElapsedTime() {}

    /**
     * From one time to another, null where either is.
     *
     * @param type of both
     */
    static Column between(Column from, Column to, DataType type) {
        if (type instanceof DateType) {
            return functions.datediff(to, from);
        }
        // Spark's timestamp_diff is that of the session's clock, on which summer time leaves out an hour.
        if (type instanceof TimestampType) {
            return functions.unix_micros(to).minus(functions.unix_micros(from)).divide(functions.lit(1e6));
        }
        if (type instanceof TimestampNTZType) {
            return to.minus(from).cast("interval second").cast(SECONDS);
        }
        if (type instanceof IntegralType) {
            DataType exact = DataTypes.createDecimalType(20, 0); // a difference of longs may be none
            return to.cast(exact).minus(from.cast(exact));
        }
        return to.minus(from);
    }
}
