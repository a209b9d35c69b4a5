package dev.unroll.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** The Params of a stage with what each allows: what a command line or a page of docs needs to know of a key. */
public final class ParamDocs {

    /**
     * One key.
     *
     * @param name as on the command line, such as {@code hidden-size}
     * @param doc one line
     * @param type {@code integer}, {@code number}, {@code boolean}, {@code list} or {@code text}
     * @param allowed such as "at least 1"
     * @param defaultText the default as text; empty where there is none
     * @param otherDefaults what holds in place of the default, and where, such as "0 with optimizer lbfgs"; empty where
     *     nothing does
     */
    public record Key(
            Param<?> param,
            String name,
            String doc,
            String type,
            String allowed,
            String defaultText,
            String otherDefaults) {

        /** What holds where the key is not given, in words; empty where there is no default. */
        public String effectiveDefault() {
            return otherDefaults.isEmpty() ? defaultText : defaultText + ", or " + otherDefaults;
        }

        /**
         * The value that the text stands for.
         *
         * @throws IllegalArgumentException naming key, value and what is allowed
         */
        public Object parse(String text) {
            try {
                Object value = parseAs(param, type.equals("text") ? text : text.strip());
                if (!allows(value)) {
                    throw refuse(text);
                }
                return value;
            } catch (NumberFormatException e) {
                throw refuse(text);
            }
        }

        /** Whether the Param takes a value of its type. */
        @SuppressWarnings("unchecked")
        boolean allows(Object value) {
            return param.isValid() == null
                    || (Boolean) ((Param<Object>) param).isValid().apply(value);
        }

        private IllegalArgumentException refuse(String text) {
            String kind = type.equals("text") || type.equals("list")
                    ? ""
                    : (type.equals("integer") ? "a whole number, " : "a number, ");
            return new IllegalArgumentException(name + " is " + text + "; allowed is "
                    + (type.equals("boolean") ? "true or false" : kind + allowed));
        }

        private static Object parseAs(Param<?> param, String text) {
            if (param instanceof IntParam) {
                return Integer.valueOf(text);
            }
            if (param instanceof LongParam) {
                return Long.valueOf(text);
            }
            if (param instanceof DoubleParam) {
                return Double.valueOf(text);
            }
            if (param instanceof BooleanParam) {
                if (!text.equals("true") && !text.equals("false")) {
                    throw new NumberFormatException(text);
                }
                return Boolean.valueOf(text);
            }
            if (param instanceof StringArrayParam) {
                return ColumnLists.names(text).toArray(String[]::new);
            }
            if (param instanceof IntArrayParam) {
                return items(text).mapToInt(Integer::parseInt).toArray();
            }
            if (param instanceof DoubleArrayParam) {
                return items(text).mapToDouble(Double::parseDouble).toArray();
            }
            return text;
        }

        private static Stream<String> items(String text) {
            return Stream.of(text.split(",")).map(String::strip).filter(item -> !item.isEmpty());
        }
    }

    private ParamDocs() {}

    /** All keys of a stage, by command-line name, in alphabetical order. */
    public static Map<String, Key> of(Params stage) {
        List<Key> keys = new ArrayList<>();
        for (Param<?> param : stage.params()) {
            boolean hasDefault = stage.getDefault(param).isDefined();
            String other = stage instanceof OtherDefaults others ? others.otherDefaults(param) : "";
            keys.add(of(param, hasDefault ? text(stage.getDefault(param).get()) : "", other));
        }
        keys.sort((a, b) -> a.name().compareTo(b.name()));
        Map<String, Key> byName = new LinkedHashMap<>();
        keys.forEach(key -> byName.put(key.name(), key));
        return Collections.unmodifiableMap(byName);
    }

    /** A value as {@link Key#parse} takes it. */
    static String text(Object value) {
        if (value instanceof int[] numbers) {
            return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(","));
        }
        if (value instanceof double[] numbers) {
            return Arrays.stream(numbers).mapToObj(Double::toString).collect(Collectors.joining(","));
        }
        return value instanceof String[] names ? ColumnLists.text(names) : String.valueOf(value);
    }

    /** The key of one Param, for checking values. */
    static Key of(Param<?> param) {
        return of(param, "", "");
    }

    private static Key of(Param<?> param, String defaultText, String otherDefaults) {
        return new Key(
                param, kebab(param.name()), param.doc(), type(param), allowed(param), defaultText, otherDefaults);
    }

    /** {@code hiddenSize} to {@code hidden-size}. */
    static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String type(Param<?> param) {
        if (param instanceof IntParam || param instanceof LongParam) {
            return "integer";
        }
        if (param instanceof DoubleParam) {
            return "number";
        }
        if (param instanceof StringArrayParam || param instanceof IntArrayParam || param instanceof DoubleArrayParam) {
            return "list";
        }
        return param instanceof BooleanParam ? "boolean" : "text";
    }

    private static String allowed(Param<?> param) {
        if (param.isValid() instanceof AllowedValues<?> allowed) {
            return allowed.toString();
        }
        return param instanceof StringArrayParam ? ColumnLists.ALLOWED : "";
    }
}
