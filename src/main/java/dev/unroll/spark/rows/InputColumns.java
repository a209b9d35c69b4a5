package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.data.Scaling;
import dev.unroll.data.SeriesScales;
import dev.unroll.spark.source.ColumnName;
import dev.unroll.spark.source.Fault;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a sequence is made of, where its steps are not one column of features: each of them is an array with
 * a value for each step, or a value of the whole sequence, static.
 *
 * @param numbers columns of numbers, a number for each step
 * @param categories columns of categories, one for each step; each has a vocabulary of its own
 * @param staticNumbers columns of numbers, one for a sequence
 * @param staticCategories columns of categories, one for a sequence
 * @param masked whether a missing number is an input of its own, and a missing category an unknown one; otherwise such
 *     rows cannot be used. This goes for a column of features as well
 * @param leveled whether the first number of some step must be there, since predictions are scaled by its mean and deviation
 * @param horizon how many of the last steps are predicted, of which a sequence has more; 0 where all outputs are predictions
 * @param series whose a sequence is, where each series has a scale of its own
 */
public record InputColumns(
        List<String> numbers,
        List<Category> categories,
        List<String> staticNumbers,
        List<Category> staticCategories,
        boolean masked,
        boolean leveled,
        int horizon,
        Series series)
        implements Serializable {

    /** None: steps are one column of features. */
    public static final InputColumns NONE = ofFeatures(false, false);

    /** A column of features, whose numbers may be missing or not. */
    public static InputColumns ofFeatures(boolean masked, boolean leveled) {
        return new InputColumns(List.of(), List.of(), List.of(), List.of(), masked, leveled, 0, Series.NONE);
    }

    /**
     * Whose a sequence is.
     *
     * @param columns whose values are the key of a series; none where it does not matter
     * @param known the series that may be there; null for any
     */
    public record Series(List<String> columns, SeriesScales known) implements Serializable {

        /** It does not matter. */
        public static final Series NONE = of(List.of());

        /** Any series. */
        public static Series of(List<String> columns) {
            return new Series(List.copyOf(columns), null);
        }

        /** The series that have a scale, and no other; null for {@link #NONE}. */
        public static Series of(SeriesScales known) {
            return known == null ? NONE : new Series(known.columns(), known);
        }
    }

    /** These columns of sequences that are of series. */
    public InputColumns of(Series whose) {
        return new InputColumns(numbers, categories, staticNumbers, staticCategories, masked, leveled, horizon, whose);
    }

    private static final String NUMBERS = "numeric-cols";
    private static final String CATEGORIES = "categorical-cols";
    private static final String STATIC_NUMBERS = "static-numeric-cols";
    private static final String STATIC_CATEGORIES = "static-categorical-cols";

    /**
     * A column of categories.
     *
     * @param width of its embedding; 0 for that of a rule
     */
    public record Category(String column, int width) implements Serializable {

        private static final Pattern WITH_WIDTH = Pattern.compile("(.+):(\\d{1,9})", Pattern.DOTALL);

        /**
         * From {@code page}, or {@code page:8} for an embedding of width 8; a column whose own name ends so is written
         * with its width after it.
         *
         * @param key that it is given by, for the message
         */
        static Category of(String text, String key) {
            Matcher given = WITH_WIDTH.matcher(text);
            if (!given.matches()) {
                return new Category(text, 0);
            }
            int width = Integer.parseInt(given.group(2));
            if (width == 0) {
                throw new InputException(key + " has " + text + "; allowed is a width of at least 1");
            }
            return new Category(given.group(1), width);
        }
    }

    /**
     * From the lists of keys.
     *
     * @throws InputException for a column that is given twice, a name that no tensor can have, and statics without steps
     */
    public static InputColumns of(
            List<String> numeric,
            List<String> categorical,
            List<String> staticNumeric,
            List<String> staticCategorical,
            boolean masked,
            boolean leveled) {
        InputColumns columns = new InputColumns(
                List.copyOf(numeric),
                categorical.stream().map(text -> Category.of(text, CATEGORIES)).toList(),
                List.copyOf(staticNumeric),
                staticCategorical.stream()
                        .map(text -> Category.of(text, STATIC_CATEGORIES))
                        .toList(),
                masked,
                leveled,
                0,
                Series.NONE);
        columns.requireDistinct();
        columns.requireTensorNames();
        if (columns.ofSteps().isEmpty() && !columns.ofSequences().isEmpty()) {
            throw new InputException("only static columns are given, " + String.join(", ", columns.ofSequences())
                    + "; a step needs " + NUMBERS + " or " + CATEGORIES);
        }
        return columns;
    }

    private Map<String, List<String>> byKey() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        names.put(NUMBERS, numbers);
        names.put(CATEGORIES, names(categories));
        names.put(STATIC_NUMBERS, staticNumbers);
        names.put(STATIC_CATEGORIES, names(staticCategories));
        return names;
    }

    private void requireDistinct() {
        Map<String, String> keys = new TreeMap<>(ColumnName.order());
        byKey().forEach((key, names) -> names.forEach(name -> {
            String other = keys.put(name, key);
            if (other != null) {
                throw new InputException("column " + name + " is in "
                        + (other.equals(key) ? key + " twice" : other + " and " + key)
                        + "; allowed is once in one of them");
            }
        }));
    }

    private void requireTensorNames() {
        byKey().forEach((key, names) -> {
            for (String name : names) {
                boolean embedded = key.equals(CATEGORIES) || key.equals(STATIC_CATEGORIES);
                if (embedded && name.contains(".")) {
                    throw new InputException(key + " has " + name
                            + ", and PyTorch's names of tensors have no dot within one: rename the column");
                }
            }
        });
    }

    private static List<String> names(List<Category> categories) {
        return categories.stream().map(Category::column).toList();
    }

    /** Whether steps are made of columns; otherwise of one column of features. */
    public boolean isSome() {
        return !ofSteps().isEmpty();
    }

    /** The columns of categories: those of steps, then those of sequences. */
    public List<Category> coded() {
        return Stream.concat(categories.stream(), staticCategories.stream()).toList();
    }

    /** The columns with a value for each step: numbers, then categories. */
    public List<String> ofSteps() {
        return joined(numbers, names(categories));
    }

    /** The columns with a value for each sequence: numbers, then categories. */
    public List<String> ofSequences() {
        return joined(staticNumbers, names(staticCategories));
    }

    /** All of them: those of steps, then those of sequences. */
    public List<String> all() {
        return joined(ofSteps(), ofSequences());
    }

    /**
     * The columns of a dataset that sequences are made of: the features column for {@link #NONE}, and where it has structs
     * with these columns in it.
     */
    List<String> in(StructType schema, String features) {
        if (!isSome()) {
            return List.of(features);
        }
        return fieldsOf(schema, features).isPresent() ? joined(List.of(features), ofSequences()) : all();
    }

    /**
     * The fields of a step, where the features column is an array of structs with these columns in it; empty where they
     * are arrays. A column that is in neither leaves it to the others.
     *
     * @throws InputException if all of them are both
     */
    Optional<StructType> fieldsOf(StructType schema, String features) {
        Optional<StructType> structs = structsOf(schema, features);
        if (structs.isEmpty()) {
            return structs;
        }
        List<String> fields = List.of(structs.get().fieldNames());
        List<String> names = ofSteps();
        long inStructs = names.stream().filter(fields::contains).count();
        long arrays = names.stream().filter(name -> isArray(schema, name)).count();
        if (inStructs == names.size() && arrays == names.size()) {
            throw new InputException("features-col " + features + " has structs with " + String.join(", ", names)
                    + ", and the table has arrays of the same names; allowed is one of the two, so drop or rename the"
                    + " other");
        }
        return inStructs >= arrays ? structs : Optional.empty();
    }

    /** The fields of structs that the features column is an array of, whatever they are. */
    static Optional<StructType> structsOf(StructType schema, String features) {
        return isArray(schema, features)
                        && ((ArrayType) schema.apply(features).dataType()).elementType() instanceof StructType fields
                ? Optional.of(fields)
                : Optional.empty();
    }

    private static boolean isArray(StructType schema, String column) {
        return List.of(schema.fieldNames()).contains(column)
                && schema.apply(column).dataType() instanceof ArrayType;
    }

    /** The key that a column is given by. */
    public String keyOf(String column) {
        return byKey().entrySet().stream()
                .filter(names -> names.getValue().contains(column))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    /** Whether a column is one of numbers; otherwise it is one of categories. */
    boolean isNumber(String column) {
        return numbers.contains(column) || staticNumbers.contains(column);
    }

    /** Refuses a sequence whose first number is missing at every step, where it must be there. */
    void requireLevel(double[] values, int width, String column, Object whole) throws Fault {
        if (leveled && width > 0 && !Scaling.hasLevel(values, width)) {
            throw new Fault(column, Scaling.NO_LEVEL, whole);
        }
    }

    /** The keys of the lists that have columns, for a message. */
    public String keys() {
        List<String> keys = new ArrayList<>();
        byKey().forEach((key, names) -> {
            if (!names.isEmpty()) {
                keys.add(key);
            }
        });
        return String.join(", ", keys);
    }

    private static List<String> joined(List<String> first, List<String> then) {
        return Stream.concat(first.stream(), then.stream()).toList();
    }
}
