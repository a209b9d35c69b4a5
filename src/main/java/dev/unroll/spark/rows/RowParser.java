package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.CanonicalRow.Outcome;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.spark.source.Fault;
import dev.unroll.spark.source.Origin;
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

    private enum Kind {
        TEXT,
        TOKENS,
        NUMBERS,
        ROWS,
        VECTORS
    }

    /** What a label column gives. */
    private enum LabelKind {
        NONE,
        /** One label of the sequence: text, boolean or number. */
        LABEL,
        /** One label per step. */
        LABELS,
        /** One number of the sequence, also as text. */
        TARGET,
        /** Several numbers of the sequence. */
        TARGET_VECTOR,
        /** One number per step. */
        TARGETS,
        /** Several numbers per step. */
        TARGET_ROWS
    }

    private final RowSpec spec;
    private final Kind kind;
    private final LabelKind labelKind;
    private final boolean numericLabel;
    private final Labels knownLabels; // null where every label is welcome
    private final int knownWidth; // 0 where every width is welcome
    private final int knownTargetWidth; // 0 where every width is welcome

    /**
     * @param knownLabels null to accept any
     * @throws InputException if a column is missing or of a type that cannot be used; the message lists what is there
     */
    public RowParser(StructType schema, RowSpec spec, Labels knownLabels) {
        this.spec = spec;
        this.knownLabels = knownLabels;
        this.knownWidth = 0;
        this.knownTargetWidth = 0;
        this.kind = kind(type(schema, spec.featuresCol(), "features-col"), spec.tokenizer());
        DataType label = spec.labelCol() == null ? null : type(schema, spec.labelCol(), "label-col");
        this.labelKind = labelKind(label);
        DataType one = label instanceof ArrayType array ? array.elementType() : label;
        this.numericLabel = one instanceof NumericType;
        if (spec.weightCol() != null) {
            type(schema, spec.weightCol(), "weight-col");
        }
        if (spec.task() == LearningTask.LANGUAGE_MODEL && !tokens()) {
            throw new InputException("task language-model goes with text or tokens, and features-col "
                    + spec.featuresCol() + " is of type "
                    + schema.apply(spec.featuresCol()).dataType().simpleString());
        }
    }

    private RowParser(RowParser other, int knownWidth, int knownTargetWidth) {
        this.spec = other.spec;
        this.kind = other.kind;
        this.labelKind = other.labelKind;
        this.numericLabel = other.numericLabel;
        this.knownLabels = other.knownLabels;
        this.knownWidth = knownWidth;
        this.knownTargetWidth = knownTargetWidth;
    }

    /** The same, but steps or targets of other widths than these are a fault. */
    RowParser withWidths(int width, int targetWidth) {
        return new RowParser(this, width, targetWidth);
    }

    /**
     * The same, for a network that is there already.
     *
     * @throws InputException if the column gives tokens where the network takes numbers, or the other way round
     */
    public RowParser forInput(NetworkSpec.Input input) {
        return forInput(input, 0);
    }

    /** The same for rows with targets of that many numbers; 0 where they are not read. */
    public RowParser forInput(NetworkSpec.Input input, int targetWidth) {
        if (tokens() != (input instanceof NetworkSpec.Tokens)) {
            throw new InputException("features-col " + spec.featuresCol() + " gives "
                    + (tokens() ? "tokens" : "numbers") + ", and the model takes " + (tokens() ? "numbers" : "tokens"));
        }
        return withWidths(input instanceof NetworkSpec.Dense dense ? dense.width() : 0, targetWidth);
    }

    /** The columns to select. */
    List<String> columns() {
        return spec.columns();
    }

    /** Whether labels are numbers that name classes. */
    boolean numericLabel() {
        return numericLabel;
    }

    boolean tokens() {
        return kind == Kind.TEXT || kind == Kind.TOKENS;
    }

    /** Whether every step has a loss term; otherwise the last state has. */
    public boolean everyStep() {
        return spec.task() == LearningTask.LANGUAGE_MODEL
                || labelKind == LabelKind.LABELS
                || labelKind == LabelKind.TARGETS
                || labelKind == LabelKind.TARGET_ROWS;
    }

    private LabelKind labelKind(DataType type) {
        if (type == null || spec.task() == LearningTask.LANGUAGE_MODEL) {
            return LabelKind.NONE;
        }
        DataType element = type instanceof ArrayType array ? array.elementType() : null;
        boolean scalar = type instanceof StringType || type instanceof NumericType;
        switch (spec.task()) {
            case CLASSIFICATION -> {
                if (scalar || type instanceof BooleanType) {
                    return LabelKind.LABEL;
                }
            }
            case TAGGING -> {
                if (element instanceof StringType || element instanceof NumericType || element instanceof BooleanType) {
                    return LabelKind.LABELS;
                }
            }
            default -> {
                if (scalar) {
                    return LabelKind.TARGET;
                }
                if (type instanceof VectorUDT) {
                    return LabelKind.TARGET_VECTOR;
                }
                if (element instanceof NumericType) {
                    return LabelKind.TARGETS;
                }
                if (element instanceof VectorUDT
                        || (element instanceof ArrayType inner && inner.elementType() instanceof NumericType)) {
                    return LabelKind.TARGET_ROWS;
                }
            }
        }
        String allowed =
                switch (spec.task()) {
                    case CLASSIFICATION -> "string, boolean and numbers";
                    case TAGGING -> "array of string, of boolean and of numbers (one label per step)";
                    default -> "a number, a vector, an array of numbers and an array of arrays of numbers";
                };
        throw new InputException("label-col " + spec.labelCol() + " is of type " + type.simpleString() + "; for task "
                + spec.task().key() + " allowed are " + allowed);
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
                throw new InputException("tokenizer none goes with an array column, and features-col "
                        + spec.featuresCol() + " is of type string; allowed are char and whitespace");
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
                "features-col " + spec.featuresCol() + " is of type " + type.simpleString()
                        + "; allowed are string, array of string, of whole numbers, of numbers, of arrays of numbers, of vectors");
    }

    /** Columns as in {@link #columns}. A language model's document gives one row per window. */
    public List<CanonicalRow> parse(Row row) throws Fault {
        if (row.isNullAt(0)) {
            throw new Fault(spec.featuresCol(), "null", null);
        }
        float weight = weight(row);
        if (spec.task() == LearningTask.LANGUAGE_MODEL) {
            return windows(row, weight);
        }
        Outcome outcome = labelKind == LabelKind.NONE ? Outcome.NONE : outcome(row);
        CanonicalRow parsed =
                switch (kind) {
                    case TEXT -> text(row.getString(0), outcome, weight);
                    case TOKENS -> CanonicalRow.ofTokens(tokens(row.getList(0)), outcome, weight);
                    case NUMBERS -> numbers(row.getList(0), outcome, weight);
                    case ROWS, VECTORS -> rows(row.getList(0), outcome, weight);
                };
        requireNotLonger(parsed.length(), row.get(0));
        int terms = outcome.width() > 0
                ? outcome.targets().length / outcome.width()
                : outcome.labels().size();
        if (everyStep() && labelKind != LabelKind.NONE && terms != parsed.length()) {
            throw new Fault(
                    spec.labelCol(),
                    "number of labels unlike the number of steps",
                    terms + " for " + parsed.length() + " steps");
        }
        return List.of(parsed);
    }

    private float weight(Row row) throws Fault {
        if (spec.weightCol() == null) {
            return 1f;
        }
        Object value = row.get(columns().indexOf(spec.weightCol()));
        float weight = (float) number(value, spec.weightCol());
        if (!(weight > 0)) {
            throw new Fault(spec.weightCol(), "weight not above 0", value);
        }
        return weight;
    }

    /** A number given as a number or as text. */
    private static double number(Object value, String column) throws Fault {
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

    private Outcome outcome(Row row) throws Fault {
        if (row.isNullAt(1)) {
            throw new Fault(spec.labelCol(), "null", null);
        }
        Object value = row.get(1);
        return switch (labelKind) {
            case LABEL -> Outcome.labels(List.of(label(value)));
            case LABELS -> {
                List<Object> labels = new ArrayList<>();
                for (Object label : list(value)) {
                    labels.add(label(label));
                }
                yield Outcome.labels(labels);
            }
            case TARGET -> Outcome.targets(new float[] {(float) number(value, spec.labelCol())}, 1);
            case TARGET_VECTOR -> targets(List.of(value));
            case TARGETS -> {
                float[] targets = new float[list(value).size()];
                for (int t = 0; t < targets.length; t++) {
                    targets[t] = (float) number(list(value).get(t), spec.labelCol());
                }
                yield Outcome.targets(targets, 1);
            }
            default -> targets(list(value));
        };
    }

    private Object label(Object value) throws Fault {
        if (value == null) {
            throw new Fault(spec.labelCol(), "null", null);
        }
        Object label = numericLabel ? (Object) ((Number) value).doubleValue() : value.toString();
        if (label instanceof Double number && !Double.isFinite(number)) {
            throw new Fault(spec.labelCol(), "not a finite number", label);
        }
        if (knownLabels != null && index(label) < 0) {
            throw unseen(label);
        }
        return label;
    }

    /** The fault of a row with a label that the training rows do not have. */
    Fault unseen(Object label) {
        return new Fault(spec.labelCol(), "label never seen in training", label);
    }

    private int index(Object label) {
        return label instanceof Double number ? knownLabels.index(number) : knownLabels.index((String) label);
    }

    /** Rows of numbers to hit, all of one width. */
    private Outcome targets(List<?> rows) throws Fault {
        float[] targets = {};
        int width = 0;
        for (int t = 0; t < rows.size(); t++) {
            List<?> numbers = components(rows.get(t), spec.labelCol(), rows);
            if (t == 0) {
                width = numbers.size();
                targets = new float[rows.size() * width];
            }
            if (width == 0 || numbers.size() != width || (knownTargetWidth > 0 && width != knownTargetWidth)) {
                throw new Fault(spec.labelCol(), "targets of changing width", rows);
            }
            for (int j = 0; j < width; j++) {
                targets[t * width + j] = (float) number(numbers.get(j), spec.labelCol());
            }
        }
        return Outcome.targets(targets, Math.max(1, width));
    }

    private static List<?> components(Object step, String column, Object whole) throws Fault {
        if (step == null) {
            throw new Fault(column, "null inside the sequence", whole);
        }
        return step instanceof Vector vector
                ? Arrays.stream(vector.toArray()).boxed().toList()
                : list(step);
    }

    private CanonicalRow text(String text, Outcome outcome, float weight) throws Fault {
        if (spec.tokenizer().equals("char")) {
            requireSteps(text.length(), text);
            return CanonicalRow.ofCharacters(text, outcome, weight);
        }
        return CanonicalRow.ofTokens(words(text), outcome, weight);
    }

    private List<String> words(String text) throws Fault {
        List<String> words = new ArrayList<>();
        for (String word : text.split("\\s+")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        requireSteps(words.size(), text);
        return words;
    }

    /** The document between two end marks, cut so that each piece starts with the token that the one before ended with. */
    private List<CanonicalRow> windows(Row row, float weight) throws Fault {
        if (kind == Kind.TEXT && spec.tokenizer().equals("char")) {
            return characterWindows(row.getString(0), weight);
        }
        List<String> tokens = new ArrayList<>();
        tokens.add(Vocabulary.END);
        tokens.addAll(kind == Kind.TEXT ? words(row.getString(0)) : tokens(row.getList(0)));
        if (tokens.lastIndexOf(Vocabulary.END) > 0) {
            throw endMark(row.get(0));
        }
        tokens.add(Vocabulary.END);
        int steps = tokens.size() - 1;
        int window = window(steps, row.get(0));
        List<CanonicalRow> windows = new ArrayList<>();
        for (int from = 0; from < steps; from += window) {
            List<String> piece = tokens.subList(from, Math.min(steps, from + window) + 1);
            windows.add(CanonicalRow.ofTokens(piece, Outcome.NONE, weight));
        }
        return windows;
    }

    /** The same of characters, without an object for each. */
    private List<CanonicalRow> characterWindows(String text, float weight) throws Fault {
        requireSteps(text.length(), text);
        if (text.contains(Vocabulary.END)) {
            throw endMark(text);
        }
        String document = Vocabulary.END + text + Vocabulary.END;
        int steps = document.codePointCount(0, document.length()) - 1;
        int window = window(steps, text);
        List<CanonicalRow> windows = new ArrayList<>();
        int start = 0;
        for (int from = 0; from < steps; from += window) {
            int last = document.offsetByCodePoints(start, Math.min(window, steps - from));
            String piece = document.substring(start, document.offsetByCodePoints(last, 1));
            windows.add(CanonicalRow.ofCharacters(piece, Outcome.NONE, weight));
            start = last;
        }
        return windows;
    }

    private int window(int steps, Object value) throws Fault {
        int window = spec.window() == 0 ? steps : spec.window();
        requireNotLonger(Math.min(steps, window), value);
        return window;
    }

    private Fault endMark(Object value) {
        return new Fault(spec.featuresCol(), "contains the end mark U+0000", value);
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

    private CanonicalRow numbers(List<?> values, Outcome outcome, float weight) throws Fault {
        requireSteps(values.size(), values);
        requireWidth(1, values);
        float[] floats = new float[values.size()];
        for (int t = 0; t < floats.length; t++) {
            floats[t] = element(values.get(t), values);
        }
        return CanonicalRow.ofValues(floats, 1, outcome, weight);
    }

    private CanonicalRow rows(List<?> steps, Outcome outcome, float weight) throws Fault {
        requireSteps(steps.size(), steps);
        float[] floats = {};
        int width = 0;
        for (int t = 0; t < steps.size(); t++) {
            List<?> numbers = components(steps.get(t), spec.featuresCol(), steps);
            if (t == 0) {
                width = numbers.size();
                requireWidth(width, steps);
                floats = new float[steps.size() * width];
            }
            if (numbers.size() != width || width == 0) {
                throw new Fault(spec.featuresCol(), "steps of changing width", steps);
            }
            for (int j = 0; j < width; j++) {
                floats[t * width + j] = element(numbers.get(j), steps);
            }
        }
        return CanonicalRow.ofValues(floats, width, outcome, weight);
    }

    private static List<?> list(Object step) {
        return step instanceof List<?> list
                ? list
                : scala.jdk.javaapi.CollectionConverters.asJava((scala.collection.Seq<?>) step);
    }

    private float element(Object value, Object whole) throws Fault {
        requireNotNull(value, whole);
        float number = (float) ((Number) value).doubleValue();
        if (!Float.isFinite(number)) {
            throw new Fault(spec.featuresCol(), "not a finite number", whole);
        }
        return number;
    }

    private void requireSteps(int steps, Object value) throws Fault {
        if (steps == 0) {
            throw new Fault(spec.featuresCol(), "empty sequence", value);
        }
    }

    private void requireNotLonger(int steps, Object value) throws Fault {
        if (spec.maxLength() > 0 && steps > spec.maxLength()) {
            throw new Fault(spec.featuresCol(), "longer than max-length " + spec.maxLength(), value);
        }
    }

    private void requireNotNull(Object element, Object whole) throws Fault {
        if (element == null) {
            throw new Fault(spec.featuresCol(), "null inside the sequence", whole);
        }
    }

    private void requireWidth(int width, Object value) throws Fault {
        if (knownWidth > 0 && width != knownWidth) {
            throw new Fault(spec.featuresCol(), "steps of another width", value);
        }
    }
}
