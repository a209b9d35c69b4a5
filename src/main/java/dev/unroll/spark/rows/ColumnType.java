package dev.unroll.spark.rows;

import dev.unroll.data.Printable;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.CharType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.VarcharType;

/**
 * What a value of each of Spark's types can be. This is the one table of that: parsers and transformers ask it, and the
 * page {@code docs/data.md} shows it. What is not named here is {@link #OTHER}, and can be nothing.
 *
 * <p>Identities (labels, tokens, keys) are text or exact numbers; quantities are numbers as doubles.
 */
public enum ColumnType {
    /** string, char(n), varchar(n); a quantity or a time where its text is one. */
    TEXT(true, true, false, false, true),
    /** tinyint, smallint, int, bigint, decimal(p,0). */
    WHOLE_NUMBER(true, true, true, true, true),
    /** float, double, decimal(p,s). */
    NUMBER(true, false, true, true, true),
    BOOLEAN(true, false, false, false, true),
    DATE(false, false, false, true, true),
    /** timestamp, timestamp_ntz. */
    TIMESTAMP(false, false, false, true, true),
    /** Spark ML's vector: a step or a target of several numbers. */
    VECTOR(false, false, false, false, false),
    /** What its elements are. */
    ARRAY(false, false, false, false, false),
    /** map, struct, binary, intervals, time, variant, null, any other user-defined type. */
    OTHER(false, false, false, false, false);

    private static final int SHOWN = 80;

    private final boolean label;
    private final boolean token;
    private final boolean number;
    private final boolean time;
    private final boolean key;

    ColumnType(boolean label, boolean token, boolean number, boolean time, boolean key) {
        this.label = label;
        this.token = token;
        this.number = number;
        this.time = time;
        this.key = key;
    }

    /** The row of the table for a type of Spark's. */
    public static ColumnType of(DataType type) {
        if (type instanceof StringType || type instanceof CharType || type instanceof VarcharType) {
            return TEXT;
        }
        if (type instanceof IntegralType || (type instanceof DecimalType decimal && decimal.scale() <= 0)) {
            return WHOLE_NUMBER;
        }
        if (type instanceof NumericType) {
            return NUMBER;
        }
        if (type instanceof BooleanType) {
            return BOOLEAN;
        }
        if (type instanceof DateType) {
            return DATE;
        }
        if (type instanceof TimestampType || type instanceof TimestampNTZType) {
            return TIMESTAMP;
        }
        if (type instanceof VectorUDT) {
            return VECTOR;
        }
        return type instanceof ArrayType ? ARRAY : OTHER;
    }

    /** The row of the table for the elements of an array; {@link #OTHER} where the type is none. */
    public static ColumnType ofElements(DataType type) {
        return type instanceof ArrayType array ? of(array.elementType()) : OTHER;
    }

    /** Whether a value names a class. */
    public boolean isLabel() {
        return label;
    }

    /** Whether an element of an array is a token. */
    public boolean isToken() {
        return token;
    }

    /** Whether a value is a quantity: a number of a step, a target, a weight. */
    public boolean isNumber() {
        return number;
    }

    /** Whether a value is a quantity, or may be the text of one. */
    public boolean isNumberOrText() {
        return number || this == TEXT;
    }

    /** Whether values are ordered as times. */
    public boolean isTime() {
        return time;
    }

    /** Whether a value says whose a row is. */
    public boolean isKey() {
        return key;
    }

    /** A type as SQL writes it, cut where it is long. */
    public static String shown(DataType type) {
        return Printable.of(type.simpleString(), SHOWN);
    }
}
