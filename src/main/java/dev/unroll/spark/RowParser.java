package dev.unroll.spark;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.VectorUDT;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * One row of a DataFrame to a {@link CanonicalRow}, or to the reason why it cannot be used. The kind of the features column decides how
 * its values become steps:
 *
 * <ul>
 *   <li>string: characters (code points) or words, by the tokenizer
 *   <li>array of string or of whole numbers: tokens
 *   <li>array of float or double: steps of one number
 *   <li>array of arrays of numbers, or of vectors: steps of several numbers
 * </ul>
 */
public final class RowParser implements Serializable {

    private static final long serialVersionUID = 1L;

    /** A row's fault; turned into a {@link BadRow} where the place is known. */
    public static final class Fault extends Exception {
        private static final long serialVersionUID = 1L;

        private final String column;
        private final String value;

        Fault(String column, String reason, Object value) {
            super(reason, null, false, false);
            this.column = column;
            this.value = String.valueOf(value);
        }

        /** The column at fault; null where it is the whole row. */
        public String column() {
            return column;
        }

        /** The value at fault. */
        public String value() {
            return value;
        }
    }

    private enum Kind {
        TEXT,
        TOKENS,
        NUMBERS,
        ROWS,
        VECTORS
    }

    private final String featuresCol;
    private final String labelCol; // null where labels are not read
    private final String tokenizer;
    private final Kind kind;
    private final boolean numericLabel;
    private final Labels knownLabels; // null where every label is welcome
    private final int knownWidth; // 0 where every width is welcome
    private final int maxLength; // 0 where every length is welcome

    /**
     * @param labelCol null to read no labels
     * @param knownLabels null to accept any
     * @throws InputException if a column is missing or of a type that cannot be used; the message lists what is there
     */
    public RowParser(StructType schema, String featuresCol, String labelCol, String tokenizer, Labels knownLabels) {
        this.featuresCol = featuresCol;
        this.labelCol = labelCol;
        this.tokenizer = tokenizer;
        this.knownLabels = knownLabels;
        this.knownWidth = 0;
        this.maxLength = 0;
        this.kind = kind(type(schema, featuresCol, "features-col"), tokenizer);
        DataType label = labelCol == null ? null : type(schema, labelCol, "label-col");
        this.numericLabel = label instanceof NumericType;
        if (label != null && !(label instanceof StringType || numericLabel || label instanceof BooleanType)) {
            throw new InputException("label-col " + labelCol + " is of type " + label.simpleString()
                    + "; allowed are string, boolean and numbers");
        }
    }

    private RowParser(RowParser other, int knownWidth, int maxLength) {
        this.featuresCol = other.featuresCol;
        this.labelCol = other.labelCol;
        this.tokenizer = other.tokenizer;
        this.kind = other.kind;
        this.numericLabel = other.numericLabel;
        this.knownLabels = other.knownLabels;
        this.knownWidth = knownWidth;
        this.maxLength = maxLength;
    }

    /** The same, but steps of another width than this are a fault. */
    RowParser withWidth(int width) {
        return new RowParser(this, width, maxLength);
    }

    /** The same, but more steps than this are a fault; 0 for any number. */
    public RowParser withMaxLength(int steps) {
        return new RowParser(this, knownWidth, steps);
    }

    /** The columns to select, features first. */
    List<String> columns() {
        return labelCol == null ? List.of(featuresCol) : List.of(featuresCol, labelCol);
    }

    boolean numericLabel() {
        return numericLabel;
    }

    boolean tokens() {
        return kind == Kind.TEXT || kind == Kind.TOKENS;
    }

    private static DataType type(StructType schema, String column, String key) {
        if (!Arrays.asList(schema.fieldNames()).contains(column)) {
            List<String> names = new ArrayList<>(List.of(schema.fieldNames()));
            names.remove(Origin.COLUMN);
            throw new InputException(
                    key + " is " + column + ", and there is no such column; there are " + String.join(", ", names));
        }
        return schema.apply(column).dataType();
    }

    private Kind kind(DataType type, String tokenizer) {
        if (type instanceof StringType) {
            if (tokenizer.equals("none")) {
                throw new InputException("tokenizer none goes with an array column, and features-col " + featuresCol
                        + " is of type string; allowed are char and whitespace");
            }
            return Kind.TEXT;
        }
        if (type instanceof ArrayType array) {
            DataType element = array.elementType();
            String name = element.typeName();
            if (element instanceof StringType
                    || List.of("byte", "short", "integer", "long").contains(name)) {
                return Kind.TOKENS;
            }
            if (element instanceof NumericType) {
                return Kind.NUMBERS;
            }
            if (element instanceof ArrayType inner && inner.elementType() instanceof NumericType) {
                return Kind.ROWS;
            }
            if (element instanceof VectorUDT) {
                return Kind.VECTORS;
            }
        }
        throw new InputException(
                "features-col " + featuresCol + " is of type " + type.simpleString()
                        + "; allowed are string, array of string, of whole numbers, of numbers, of arrays of numbers, of vectors");
    }

    /** Columns as in {@link #columns}. */
    public CanonicalRow parse(Row row) throws Fault {
        if (row.isNullAt(0)) {
            throw new Fault(featuresCol, "null", null);
        }
        List<Object> labels = labelCol == null ? List.of() : List.of(label(row));
        CanonicalRow parsed =
                switch (kind) {
                    case TEXT -> text(row.getString(0), labels);
                    case TOKENS -> CanonicalRow.ofTokens(tokens(row.getList(0)), labels, 1f);
                    case NUMBERS -> numbers(row.getList(0), labels);
                    case ROWS, VECTORS -> rows(row.getList(0), labels);
                };
        if (maxLength > 0 && parsed.length() > maxLength) {
            throw new Fault(featuresCol, "longer than max-length " + maxLength, row.get(0));
        }
        return parsed;
    }

    private Object label(Row row) throws Fault {
        if (row.isNullAt(1)) {
            throw new Fault(labelCol, "null", null);
        }
        Object label = numericLabel
                ? (Object) ((Number) row.get(1)).doubleValue()
                : row.get(1).toString();
        if (label instanceof Double number && !Double.isFinite(number)) {
            throw new Fault(labelCol, "not a finite number", label);
        }
        if (knownLabels != null && index(label) < 0) {
            throw new Fault(labelCol, "label never seen in training", label);
        }
        return label;
    }

    private int index(Object label) {
        return label instanceof Double number ? knownLabels.index(number) : knownLabels.index((String) label);
    }

    private CanonicalRow text(String text, List<Object> labels) throws Fault {
        if (tokenizer.equals("char")) {
            requireSteps(text.length(), text);
            return CanonicalRow.ofCharacters(text, labels, 1f);
        }
        List<String> words = new ArrayList<>();
        for (String word : text.split("\\s+")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        requireSteps(words.size(), text);
        return CanonicalRow.ofTokens(words, labels, 1f);
    }

    private List<String> tokens(List<?> values) throws Fault {
        requireSteps(values.size(), values);
        List<String> tokens = new ArrayList<>(values.size());
        for (Object value : values) {
            requireNotNull(value, values);
            tokens.add(value.toString());
        }
        return tokens;
    }

    private CanonicalRow numbers(List<?> values, List<Object> labels) throws Fault {
        requireSteps(values.size(), values);
        requireWidth(1, values);
        float[] floats = new float[values.size()];
        for (int t = 0; t < floats.length; t++) {
            floats[t] = number(values.get(t), values);
        }
        return CanonicalRow.ofValues(floats, 1, labels, 1f);
    }

    private CanonicalRow rows(List<?> steps, List<Object> labels) throws Fault {
        requireSteps(steps.size(), steps);
        float[] floats = {};
        int width = 0;
        for (int t = 0; t < steps.size(); t++) {
            requireNotNull(steps.get(t), steps);
            int columns = kind == Kind.VECTORS
                    ? ((Vector) steps.get(t)).size()
                    : list(steps.get(t)).size();
            if (t == 0) {
                width = columns;
                requireWidth(width, steps);
                floats = new float[steps.size() * width];
            }
            if (columns != width || width == 0) {
                throw new Fault(
                        featuresCol, "step " + t + " has " + columns + " numbers where step 0 has " + width, steps);
            }
            for (int j = 0; j < width; j++) {
                Object value = kind == Kind.VECTORS
                        ? (Object) ((Vector) steps.get(t)).apply(j)
                        : list(steps.get(t)).get(j);
                floats[t * width + j] = number(value, steps);
            }
        }
        return CanonicalRow.ofValues(floats, width, labels, 1f);
    }

    private static List<?> list(Object step) {
        return step instanceof List<?> list
                ? list
                : scala.jdk.javaapi.CollectionConverters.asJava((scala.collection.Seq<?>) step);
    }

    private float number(Object value, Object whole) throws Fault {
        requireNotNull(value, whole);
        float number = (float) ((Number) value).doubleValue();
        if (!Float.isFinite(number)) {
            throw new Fault(featuresCol, "not a finite number", whole);
        }
        return number;
    }

    private void requireSteps(int steps, Object value) throws Fault {
        if (steps == 0) {
            throw new Fault(featuresCol, "empty sequence", value);
        }
    }

    private void requireNotNull(Object element, Object whole) throws Fault {
        if (element == null) {
            throw new Fault(featuresCol, "null inside the sequence", whole);
        }
    }

    private void requireWidth(int width, Object value) throws Fault {
        if (knownWidth > 0 && width != knownWidth) {
            throw new Fault(featuresCol, "steps of another width than " + knownWidth, value);
        }
    }
}
