package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.RowColumns;
import dev.unroll.data.RowOutcome;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Columns of a row to the steps of a sequence and what holds for the whole of it. A column of steps is an array, or a
 * field of the structs of the features column; one of the whole sequence is a value.
 */
final class ColumnsParser implements SequenceParser {

    private static final long serialVersionUID = 1L;

    private final InputColumns inputs;
    private final List<String> columns;
    private final String features; // whose structs have the columns of steps; null where these are arrays
    private final int[] fields; // of them, in the order of the columns of steps
    private final int maxLength; // 0 for any number of steps

    /** @throws InputException if a column is missing or of a type that cannot be used */
    ColumnsParser(StructType schema, RowSpec spec) {
        inputs = spec.inputs();
        columns = inputs.in(schema, spec.featuresCol());
        maxLength = spec.maxLength();
        Optional<StructType> structs = inputs.fieldsOf(schema, spec.featuresCol());
        features = structs.isPresent() ? spec.featuresCol() : null;
        boolean ofModel = spec.steps() != RowSpec.Steps.BY_TYPE;
        StructType steps = structs.orElse(schema);
        for (String name : inputs.ofSteps()) {
            DataType type =
                    type(steps, name, structs.isPresent() ? "field of features-col " + features : "column", ofModel);
            requireType(name, structs.isPresent() ? ColumnType.of(type) : ColumnType.ofElements(type), type, true);
        }
        for (String name : inputs.ofSequences()) {
            DataType type = type(schema, name, "column", ofModel);
            requireType(name, ColumnType.of(type), type, false);
        }
        fields = inputs.ofSteps().stream()
                .mapToInt(name -> structs.isPresent() ? steps.fieldIndex(name) : 0)
                .toArray();
    }

    /** @param place what there should be of that name */
    private DataType type(StructType schema, String name, String place, boolean ofModel) {
        if (!Arrays.asList(schema.fieldNames()).contains(name)) {
            String there = String.join(", ", Origin.without(schema).fieldNames());
            throw new InputException(
                    ofModel
                            ? "the model reads columns " + String.join(", ", inputs.all()) + ", and there is no " + name
                                    + "; there are " + there
                            : inputs.keyOf(name) + " has " + name + ", and there is no such " + place + "; there are "
                                    + there);
        }
        return schema.apply(name).dataType();
    }

    /** @param ofSteps whether each step has a value; otherwise the sequence has one */
    private void requireType(String name, ColumnType value, DataType type, boolean ofSteps) {
        boolean number = inputs.isNumber(name);
        boolean fits = number ? (ofSteps ? value.isNumber() : value.isNumberOrText()) : value.isToken();
        if (!fits) {
            String array = features == null && ofSteps ? "an array of " : "";
            String allowed = number
                    ? array + "numbers" + (ofSteps ? "" : ", also as text")
                    : array + "strings, of booleans and of whole numbers";
            throw new InputException(inputs.keyOf(name) + " has " + name + " of type " + ColumnType.shown(type)
                    + "; allowed is " + (array.isEmpty() ? allowed.replace("of ", "") : allowed));
        }
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public boolean tokens() {
        return false;
    }

    /** Its width is the number of its columns. */
    @Override
    public SequenceParser withWidth(int width) {
        return this;
    }

    @Override
    public CanonicalRow parse(Row row, RowOutcome outcome, float weight) throws Fault {
        List<List<?>> steps = new ArrayList<>();
        for (int i = 0; i < inputs.ofSteps().size(); i++) {
            steps.add(features == null ? array(row, i) : field(row, i));
        }
        requireLengths(steps);
        int length = steps.get(0).size();
        int width = inputs.numbers().size();
        double[] numbers = new double[length * width];
        for (int j = 0; j < width; j++) {
            String name = inputs.numbers().get(j);
            for (int t = 0; t < length; t++) {
                numbers[t * width + j] = number(steps.get(j).get(t), name, steps.get(j));
            }
        }
        inputs.requireLevel(numbers, width, columns.get(0), steps.get(0));
        List<List<String>> categories = new ArrayList<>();
        for (int k = 0; k < inputs.categories().size(); k++) {
            String name = inputs.categories().get(k).column();
            List<String> texts = new ArrayList<>(length);
            for (Object value : steps.get(width + k)) {
                texts.add(category(value, name, steps.get(width + k)));
            }
            categories.add(texts);
        }
        int first = columns.size() - inputs.ofSequences().size(); // of the statics
        double[] staticNumbers = new double[inputs.staticNumbers().size()];
        for (int j = 0; j < staticNumbers.length; j++) {
            staticNumbers[j] =
                    staticNumber(row.get(first + j), inputs.staticNumbers().get(j));
        }
        List<String> statics = new ArrayList<>();
        for (int k = 0; k < inputs.staticCategories().size(); k++) {
            Object value = row.get(first + staticNumbers.length + k);
            String name = inputs.staticCategories().get(k).column();
            if (value == null && !inputs.masked()) {
                throw new Fault(name, "null", null);
            }
            statics.add(value == null ? null : RowValues.token(value, name, value));
        }
        return CanonicalRow.ofColumns(
                new RowColumns(numbers, width, categories, staticNumbers, statics), outcome, weight);
    }

    private List<?> array(Row row, int i) throws Fault {
        if (row.isNullAt(i)) {
            throw new Fault(columns.get(i), "null", null);
        }
        return RowValues.list(row.get(i));
    }

    /** The values that a field has in the structs of the features column. */
    private List<?> field(Row row, int i) throws Fault {
        if (row.isNullAt(0)) {
            throw new Fault(features, "null", null);
        }
        List<Object> values = new ArrayList<>();
        for (Object step : RowValues.list(row.get(0))) {
            if (step == null) {
                throw new Fault(features, "null inside the sequence", row.get(0));
            }
            values.add(((Row) step).get(fields[i]));
        }
        return values;
    }

    private void requireLengths(List<List<?>> steps) throws Fault {
        int length = steps.get(0).size();
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i).size() != length) {
                throw new Fault(
                        name(i),
                        "number of steps unlike that of another column",
                        steps.get(i).size() + ", and " + name(0) + " has " + length);
            }
        }
        if (length == 0) {
            throw new Fault(features == null ? name(0) : features, "empty sequence", steps.get(0));
        }
        if (inputs.horizon() > 0 && length <= inputs.horizon()) {
            throw new Fault(
                    name(0), "no more steps than the " + inputs.horizon() + " that are predicted", steps.get(0));
        }
        if (maxLength > 0 && length > maxLength) {
            throw new Fault(name(0), "longer than max-length " + maxLength, steps.get(0));
        }
    }

    private String name(int i) {
        return inputs.ofSteps().get(i);
    }

    private double number(Object value, String name, List<?> whole) throws Fault {
        return RowValues.number(value, name, whole, inputs.masked());
    }

    private double staticNumber(Object value, String name) throws Fault {
        boolean missing = value == null || (value instanceof Number number && Double.isNaN(number.doubleValue()));
        return missing && inputs.masked() ? Double.NaN : RowValues.number(value, name);
    }

    private String category(Object value, String name, List<?> whole) throws Fault {
        if (value == null && inputs.masked()) {
            return null;
        }
        return RowValues.token(value, name, whole);
    }
}
