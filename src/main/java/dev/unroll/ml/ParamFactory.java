package dev.unroll.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * How stages declare Params: each with its default, and with words for what it allows.
 *
 * <p>For maintainers: a Param reads {@code uid()} of its parent when it is made, so a stage must have its uid before its Params; stages
 * therefore extend a class that holds the uid. Spark finds Params by reflection over public methods without arguments.
 */
final class ParamFactory {

    private ParamFactory() {}

    @SuppressWarnings({"unchecked", "rawtypes"})
    static IntParam integer(Params stage, String name, String doc, int defaultValue, AllowedValues<Object> allowed) {
        return withDefault(stage, new IntParam(stage, name, doc, (AllowedValues) allowed), defaultValue);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static LongParam whole(Params stage, String name, String doc, long defaultValue, AllowedValues<Object> allowed) {
        return withDefault(stage, new LongParam(stage, name, doc, (AllowedValues) allowed), defaultValue);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static DoubleParam number(
            Params stage, String name, String doc, double defaultValue, AllowedValues<Object> allowed) {
        return withDefault(stage, new DoubleParam(stage, name, doc, (AllowedValues) allowed), defaultValue);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static BooleanParam flag(Params stage, String name, String doc, boolean defaultValue) {
        return withDefault(stage, new BooleanParam(stage, name, doc), defaultValue);
    }

    /** Names of columns, none by default. */
    static StringArrayParam names(Params stage, String name, String doc) {
        return withDefault(stage, new StringArrayParam(stage, name, doc), new String[0]);
    }

    /** Words of a list, none by default. */
    static StringArrayParam words(Params stage, String name, String doc, AllowedValues<String[]> allowed) {
        return withDefault(stage, new StringArrayParam(stage, name, doc, allowed), new String[0]);
    }

    /** Whole numbers, none by default. */
    static IntArrayParam integers(Params stage, String name, String doc, AllowedValues<int[]> allowed) {
        return withDefault(stage, new IntArrayParam(stage, name, doc, allowed), new int[0]);
    }

    /** Numbers, without a default, as of Spark's own stages. */
    static DoubleArrayParam numbers(Params stage, String name, String doc, AllowedValues<double[]> allowed) {
        return new DoubleArrayParam(stage, name, doc, allowed);
    }

    static Param<String> text(
            Params stage, String name, String doc, String defaultValue, AllowedValues<String> allowed) {
        return withDefault(stage, optional(stage, name, doc, allowed), defaultValue);
    }

    /** A text without a default. Spark Connect asks a Param for its class, which its other constructors leave out. */
    static Param<String> optional(Params stage, String name, String doc, AllowedValues<String> allowed) {
        return new Param<>(stage.uid(), name, doc, allowed, String.class);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <P extends Param> P withDefault(Params stage, P param, Object value) {
        stage.setDefault(param, value);
        return param;
    }

    /** The value of a Param: what was set, or the default. */
    @SuppressWarnings("unchecked")
    static <T> T get(Params stage, Param<?> param) {
        return (T) stage.getOrDefault(param);
    }
}
