package dev.unroll.spark.rows;

import dev.unroll.data.TextTokens;
import dev.unroll.spark.source.Fault;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Values of Spark's rows, in the forms in which Spark and callers give them. */
final class RowValues {

    private RowValues() {}

    /** An array column's value. */
    static List<?> list(Object array) {
        return array instanceof List<?> list ? list : CollectionConverters.asJava((Seq<?>) array);
    }

    /**
     * The numbers of one step, given as an array or a vector.
     *
     * @param whole the sequence, for the fault of a step that is null
     */
    static List<?> components(Object step, String column, Object whole) throws Fault {
        if (step == null) {
            throw new Fault(column, "null inside the sequence", whole);
        }
        return step instanceof Vector vector
                ? Arrays.stream(vector.toArray()).boxed().toList()
                : list(step);
    }

    /** A number of a sequence, finite as a float32; NaN for one that is missing, where that may be. */
    static double number(Object value, String column, Object whole, boolean masked) throws Fault {
        double number = value == null ? Double.NaN : ((Number) value).doubleValue();
        if (masked && Double.isNaN(number)) {
            return Double.NaN;
        }
        requireNotNull(value, column, whole);
        if (!Float.isFinite((float) number)) {
            throw new Fault(column, "not a finite number", whole);
        }
        return number;
    }

    private static void requireNotNull(Object value, String column, Object whole) throws Fault {
        if (value == null) {
            throw new Fault(column, "null inside the sequence", whole);
        }
    }

    /** The token of a value of a sequence: of a whole number its digits, whatever its type. */
    static String token(Object value, String column, Object whole) throws Fault {
        requireNotNull(value, column, whole);
        if (!(value instanceof Number number)) {
            return value.toString();
        }
        try {
            return TextTokens.ofNumber(number);
        } catch (ArithmeticException e) {
            throw new Fault(column, "not a whole number, as its tokens are", whole);
        }
    }

    /** A number given as a number or as text, finite as a float32. */
    static double number(Object value, String column) throws Fault {
        if (value == null) {
            throw new Fault(column, "null", null);
        }
        if (!(value instanceof Number) && !TextNumber.matches(value.toString().strip())) {
            throw new Fault(column, "not a number", value);
        }
        double number = value instanceof Number n
                ? n.doubleValue()
                : Double.parseDouble(value.toString().strip());
        if (!Float.isFinite((float) number)) {
            throw new Fault(column, "not a finite number", value);
        }
        return number;
    }
}
