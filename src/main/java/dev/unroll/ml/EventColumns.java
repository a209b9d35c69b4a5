package dev.unroll.ml;

import dev.unroll.data.InputException;
import dev.unroll.spark.rows.ColumnType;
import dev.unroll.spark.rows.InputColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;

/**
 * What the steps and the sequences of a table of events are made of: value columns, which make up one column of
 * features, or columns that stay apart, each under its own name.
 *
 * <p>For the time of the work, the numbers of a step are v0, v1, ..., its categories c0, c1, ..., and the statics of its
 * sequence s0, s1, ..., numbers before categories.
 */
final class EventColumns {

    private final List<String> values;
    private final InputColumns inputs;
    private final int times;

    /**
     * @param values columns that make up one column of features
     * @param inputs columns that stay apart
     * @param times how many of the last numbers of a step are of its time
     */
    EventColumns(List<String> values, InputColumns inputs, int times) {
        this.values = values;
        this.inputs = inputs;
        this.times = times;
    }

    InputColumns inputs() {
        return inputs;
    }

    /** Whether columns stay apart; otherwise they make up one column of features. */
    boolean areApart() {
        return inputs.isSome();
    }

    /** @throws InputException unless there are columns, and they are in the schema and of types that they can be of */
    void require(StructType schema) {
        if (areApart() && !values.isEmpty()) {
            throw new InputException(
                    inputs.keys() + " and value-cols are both given; value-cols make up one column of features");
        }
        if (!areApart()) {
            if (values.isEmpty()) {
                throw new InputException("value-cols is empty; allowed are the columns that make up a step, there or in"
                        + " numeric-cols and categorical-cols");
            }
            values.forEach(column -> EventCells.type(schema, "value-cols", column));
        }
        EventCells.requireNumbers(schema, "numeric-cols", inputs.numbers());
        EventCells.requireNumbers(schema, "static-numeric-cols", inputs.staticNumbers());
        requireCategories(schema, "categorical-cols", inputs.categories());
        requireCategories(schema, "static-categorical-cols", inputs.staticCategories());
    }

    private static void requireCategories(StructType schema, String key, List<InputColumns.Category> categories) {
        for (InputColumns.Category category : categories) {
            DataType type = EventCells.type(schema, key, category.column());
            if (!ColumnType.of(type).isToken()) {
                throw new InputException(key + " has " + category.column() + " of type " + ColumnType.shown(type)
                        + "; allowed are string, boolean and whole numbers");
            }
        }
    }

    /** The names of numbers of a step, as they are given. */
    List<String> numbers() {
        return areApart() ? inputs.numbers() : values;
    }

    /** The columns to work on. */
    List<Column> read(Dataset<?> dataset, UnaryOperator<Column> value) {
        List<Column> columns = new ArrayList<>();
        add(columns, dataset, "v", 0, numbers(), value);
        add(columns, dataset, "c", 0, categories(), UnaryOperator.identity());
        add(columns, dataset, "s", 0, inputs.staticNumbers(), EventCells::number);
        int count = inputs.staticNumbers().size();
        add(columns, dataset, "s", count, statics().subList(count, statics().size()), UnaryOperator.identity());
        return columns;
    }

    private static void add(
            List<Column> columns,
            Dataset<?> dataset,
            String prefix,
            int first,
            List<String> names,
            UnaryOperator<Column> as) {
        for (int i = 0; i < names.size(); i++) {
            columns.add(as.apply(EventCells.column(dataset, names.get(i))).as(prefix + (first + i)));
        }
    }

    /** v0, v1, ... */
    List<String> workingNumbers() {
        return working("v", numbers().size());
    }

    /** c0, c1, ... */
    List<String> workingCategories() {
        return working("c", categories().size());
    }

    /** s0, s1, ... */
    List<String> workingStatics() {
        return working("s", statics().size());
    }

    private static List<String> working(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }

    /** The names of categories of a step, as they are given. */
    List<String> categories() {
        return inputs.categories().stream().map(InputColumns.Category::column).toList();
    }

    /** The columns of which a sequence has one value, as they are given. */
    List<String> statics() {
        return inputs.ofSequences();
    }

    /** The statics of sequences whose events are an array of structs. */
    List<ConstantColumn> constants(Column events, boolean skip) {
        List<ConstantColumn> constants = new ArrayList<>();
        for (int i = 0; i < statics().size(); i++) {
            String name = statics().get(i);
            constants.add(new ConstantColumn(events, workingStatics().get(i), name, inputs.keyOf(name), skip));
        }
        return constants;
    }

    /** Adds the columns that stay apart to the schema of a result. */
    StructType addTo(StructType result, StructType given, List<String> numbers) {
        StructType with = result;
        for (int i = 0; i < numbers.size(); i++) {
            with = with.add(
                    numbers.get(i), DataTypes.createArrayType(DataTypes.DoubleType), true, metadata(i, numbers));
        }
        for (String name : categories()) {
            with = with.add(name, DataTypes.createArrayType(given.apply(name).dataType()));
        }
        for (String name : inputs.staticNumbers()) {
            with = with.add(name, DataTypes.DoubleType);
        }
        for (InputColumns.Category category : inputs.staticCategories()) {
            with = with.add(category.column(), given.apply(category.column()).dataType());
        }
        return with;
    }

    private Metadata metadata(int i, List<String> numbers) {
        return TimeFeatures.metadata(i >= numbers.size() - times);
    }

    /** Names for the fields of steps of so many numbers: v0, v1, ..., and then the categories. */
    List<String> fields(int numbers) {
        List<String> fields = new ArrayList<>(working("v", numbers));
        fields.addAll(workingCategories());
        return fields;
    }

    /** A step of fields under these names. */
    static Column struct(List<Column> parts, List<String> names) {
        List<Column> fields = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            fields.add(parts.get(i).as(names.get(i)));
        }
        return functions.struct(fields.toArray(new Column[0]));
    }

    /**
     * Takes steps apart: a column for each field of theirs, under its name.
     *
     * @param steps an array of structs with a field for each name, in their order
     * @param numbers names of the numbers of a step
     */
    List<Column> apart(Column steps, List<String> fields, List<String> numbers) {
        List<String> names = new ArrayList<>(numbers);
        names.addAll(categories());
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String field = fields.get(i);
            Column values = functions.transform(steps, step -> step.getField(field));
            columns.add(i < numbers.size() ? values.as(names.get(i), metadata(i, numbers)) : values.as(names.get(i)));
        }
        return columns;
    }
}
