package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.TextTokens;
import dev.unroll.spark.source.Fault;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;

/**
 * A value of the features column to the steps of a sequence. The type of the column decides how:
 *
 * <ul>
 *   <li>string: characters (code points) or words, by the tokenizer
 *   <li>array of string or of whole numbers: tokens
 *   <li>array of other numbers: steps of one number
 *   <li>array of arrays of numbers, or of vectors: steps of several numbers
 * </ul>
 *
 * A network that exists decides instead of the type what an array of numbers is.
 */
final class FeatureParser implements SequenceParser {

    private static final long serialVersionUID = 1L;

    private enum Kind {
        CHARACTERS,
        WORDS,
        TOKENS,
        NUMBERS,
        ROWS
    }

    private final String column;
    private final Kind kind;
    private final InputColumns inputs; // whether numbers may be missing
    private final int maxLength; // 0 for any number of steps
    private final int knownWidth; // 0 where every width is allowed

    /** @throws InputException if the column is of a type that cannot be used */
    FeatureParser(DataType type, RowSpec spec) {
        this(spec.featuresCol(), kind(type, spec), spec.inputs(), spec.maxLength(), 0);
        if (inputs.masked() && tokens()) {
            throw new InputException(
                    "missing mask goes with numbers, and the steps of features-col " + column + " are tokens");
        }
    }

    private FeatureParser(String column, Kind kind, InputColumns inputs, int maxLength, int knownWidth) {
        this.column = column;
        this.kind = kind;
        this.inputs = inputs;
        this.maxLength = maxLength;
        this.knownWidth = knownWidth;
    }

    @Override
    public List<String> columns() {
        return List.of(column);
    }

    @Override
    public FeatureParser withWidth(int width) {
        return new FeatureParser(column, kind, inputs, maxLength, width);
    }

    private static Kind kind(DataType type, RowSpec spec) {
        if (ColumnType.of(type) == ColumnType.TEXT) {
            if (spec.tokenizer().equals("none")) {
                throw new InputException("tokenizer none goes with an array column, and features-col "
                        + spec.featuresCol() + " is of type string; allowed are char and whitespace");
            }
            return spec.tokenizer().equals("char") ? Kind.CHARACTERS : Kind.WORDS;
        }
        if (type instanceof ArrayType array) {
            ColumnType element = ColumnType.of(array.elementType());
            if (element.isNumber()) {
                return switch (spec.steps()) {
                    case BY_TYPE -> element.isToken() ? Kind.TOKENS : Kind.NUMBERS;
                    case TOKENS -> Kind.TOKENS;
                    case NUMBERS -> Kind.NUMBERS;
                };
            }
            if (element.isToken()) {
                return Kind.TOKENS;
            }
            if (element == ColumnType.VECTOR
                    || ColumnType.ofElements(array.elementType()).isNumber()) {
                return Kind.ROWS;
            }
        }
        throw new InputException(
                "features-col " + spec.featuresCol() + " is of type " + ColumnType.shown(type)
                        + "; allowed are string, array of string, of whole numbers, of numbers, of arrays of numbers, of vectors");
    }

    @Override
    public boolean tokens() {
        return kind == Kind.CHARACTERS || kind == Kind.WORDS || kind == Kind.TOKENS;
    }

    /** Whether the value is text of which every character is a step. */
    boolean characters() {
        return kind == Kind.CHARACTERS;
    }

    @Override
    public CanonicalRow parse(Row row, RowOutcome outcome, float weight) throws Fault {
        return parse(row.get(0), outcome, weight);
    }

    /** The whole value as one sequence. */
    private CanonicalRow parse(Object value, RowOutcome outcome, float weight) throws Fault {
        CanonicalRow row =
                switch (kind) {
                    case CHARACTERS -> CanonicalRow.ofCharacters(text(value), outcome, weight);
                    case WORDS, TOKENS -> CanonicalRow.ofTokens(tokens(value), outcome, weight);
                    case NUMBERS -> numbers(RowValues.list(value), outcome, weight);
                    case ROWS -> rows(RowValues.list(value), outcome, weight);
                };
        if (maxLength > 0) {
            requireNotLonger(row.length(), value);
        }
        return row;
    }

    /** The text whose characters are steps. */
    String text(Object value) throws Fault {
        String text = (String) value;
        requireSteps(text.length(), text);
        return text;
    }

    /** The words of a text, or the elements of an array. */
    List<String> tokens(Object value) throws Fault {
        return kind == Kind.WORDS ? words((String) value) : elements(RowValues.list(value));
    }

    private List<String> words(String text) throws Fault {
        List<String> words = TextTokens.words(text);
        requireSteps(words.size(), text);
        return words;
    }

    private List<String> elements(List<?> values) throws Fault {
        requireSteps(values.size(), values);
        List<String> tokens = new ArrayList<>(values.size());
        for (Object value : values) {
            tokens.add(RowValues.token(value, column, values));
        }
        return tokens;
    }

    private CanonicalRow numbers(List<?> values, RowOutcome outcome, float weight) throws Fault {
        requireSteps(values.size(), values);
        requireWidth(1, values);
        double[] all = new double[values.size()];
        for (int t = 0; t < all.length; t++) {
            all[t] = RowValues.number(values.get(t), column, values, inputs.masked());
        }
        inputs.requireLevel(all, 1, column, values);
        return CanonicalRow.ofValues(all, 1, outcome, weight);
    }

    private CanonicalRow rows(List<?> steps, RowOutcome outcome, float weight) throws Fault {
        requireSteps(steps.size(), steps);
        double[] all = {};
        int width = 0;
        for (int t = 0; t < steps.size(); t++) {
            List<?> numbers = RowValues.components(steps.get(t), column, steps);
            if (t == 0) {
                width = numbers.size();
                requireWidth(width, steps);
                all = new double[steps.size() * width];
            }
            if (numbers.size() != width || width == 0) {
                throw new Fault(column, "steps of changing width", steps);
            }
            for (int j = 0; j < width; j++) {
                all[t * width + j] = RowValues.number(numbers.get(j), column, steps, inputs.masked());
            }
        }
        inputs.requireLevel(all, width, column, steps);
        return CanonicalRow.ofValues(all, width, outcome, weight);
    }

    /** Checks the steps of one sequence against {@code max-length}. */
    void requireNotLonger(int steps, Object value) throws Fault {
        if (maxLength > 0 && steps > maxLength) {
            throw new Fault(column, "longer than max-length " + maxLength, value);
        }
    }

    private void requireSteps(int steps, Object value) throws Fault {
        if (steps == 0) {
            throw new Fault(column, "empty sequence", value);
        }
    }

    private void requireWidth(int width, Object value) throws Fault {
        if (knownWidth > 0 && width != knownWidth) {
            throw new Fault(column, "steps of another width", value);
        }
    }
}
