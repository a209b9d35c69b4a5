package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.data.LabelSet;
import dev.unroll.data.Labels;
import dev.unroll.data.RowOutcome;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.source.Fault;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;

/**
 * A value of the label column to labels or targets. The task and the type of the column decide how. Where there is one
 * per step, null and NaN say that a step has none; not all steps of a row may.
 */
final class LabelParser implements Serializable {

    private static final long serialVersionUID = 1L;

    private enum Kind {
        /** Nothing is read. */
        NONE,
        /** One label of the sequence: text, boolean or number. */
        LABEL,
        /** One label per step. */
        LABELS,
        /** Any number of labels of the sequence. */
        LABEL_SET,
        /** Any number of labels per step. */
        LABEL_SETS,
        /** One number of the sequence, also as text. */
        TARGET,
        /** Several numbers of the sequence. */
        TARGET_VECTOR,
        /** One number per step. */
        TARGETS,
        /** Several numbers per step. */
        TARGET_ROWS
    }

    private final String column;
    private final Kind kind;
    private final boolean numeric;
    private final boolean counts; // whether targets are whole numbers of at least 0
    private final Labels knownLabels; // null where every label is allowed
    private final int knownWidth; // of targets; 0 where every width is allowed

    /**
     * @param type of the label column; null where labels are not read
     * @param knownLabels the labels allowed; null for any
     * @throws InputException if the column is of a type that does not go with the task
     */
    LabelParser(DataType type, RowSpec spec, Labels knownLabels) {
        this(spec.labelCol(), kind(type, spec), isNumeric(type, spec), spec.counts(), knownLabels, 0);
    }

    private LabelParser(String column, Kind kind, boolean numeric, boolean counts, Labels knownLabels, int knownWidth) {
        this.column = column;
        this.kind = kind;
        this.numeric = numeric;
        this.counts = counts;
        this.knownLabels = knownLabels;
        this.knownWidth = knownWidth;
    }

    /** A parser for which targets of any other width than this are a fault; 0 to allow every width. */
    LabelParser withWidth(int width) {
        return new LabelParser(column, kind, numeric, counts, knownLabels, width);
    }

    private static boolean isNumeric(DataType type, RowSpec spec) {
        return ColumnType.of(type).isNumber()
                || ColumnType.ofElements(type).isNumber()
                || (spec.hasLabelSets() && ColumnType.ofElements(elements(type)).isNumber());
    }

    /** The type of an array's elements; null where it is none. */
    private static DataType elements(DataType type) {
        return type instanceof ArrayType array ? array.elementType() : null;
    }

    private static Kind kind(DataType type, RowSpec spec) {
        if (type == null || spec.task() == LearningTask.LANGUAGE_MODEL) {
            return Kind.NONE;
        }
        ColumnType one = ColumnType.of(type);
        ColumnType each = ColumnType.ofElements(type);
        switch (spec.task()) {
            case CLASSIFICATION -> {
                if (spec.hasLabelSets()) {
                    if (each.isLabel()) {
                        return Kind.LABEL_SET;
                    }
                } else if (one.isLabel()) {
                    return Kind.LABEL;
                }
            }
            case TAGGING -> {
                if (spec.hasLabelSets()) {
                    if (ColumnType.ofElements(elements(type)).isLabel()) {
                        return Kind.LABEL_SETS;
                    }
                } else if (each.isLabel()) {
                    return Kind.LABELS;
                }
            }
            default -> {
                if (one.isNumberOrText()) {
                    return Kind.TARGET;
                }
                if (one == ColumnType.VECTOR) {
                    return Kind.TARGET_VECTOR;
                }
                if (each.isNumber()) {
                    return Kind.TARGETS;
                }
                if (each == ColumnType.VECTOR
                        || ColumnType.ofElements(elements(type)).isNumber()) {
                    return Kind.TARGET_ROWS;
                }
            }
        }
        String allowed =
                switch (spec.task()) {
                    case CLASSIFICATION ->
                        spec.hasLabelSets()
                                ? "array of string, of boolean and of numbers (any number of labels)"
                                : "string, boolean and numbers";
                    case TAGGING ->
                        spec.hasLabelSets()
                                ? "array of arrays of string, of boolean and of numbers (any number of labels per step)"
                                : "array of string, of boolean and of numbers (one label per step)";
                    default -> "a number, a vector, an array of numbers and an array of arrays of numbers";
                };
        throw new InputException("label-col " + spec.labelCol() + " is of type " + ColumnType.shown(type)
                + "; for task " + spec.task().key() + (spec.hasLabelSets() ? " and loss multi-label" : "")
                + " allowed are "
                + allowed);
    }

    /** Whether labels are numbers that name classes. */
    boolean numeric() {
        return numeric;
    }

    /** Whether there is a label or target per step; otherwise there is one of the sequence, or none. */
    boolean everyStep() {
        return switch (kind) {
            case NONE, LABEL, LABEL_SET, TARGET, TARGET_VECTOR -> false;
            case LABELS, LABEL_SETS, TARGETS, TARGET_ROWS -> true;
        };
    }

    /** Whether labels are read. */
    boolean reads() {
        return kind != Kind.NONE;
    }

    RowOutcome parse(Object value) throws Fault {
        if (value == null) {
            throw new Fault(column, "null", null);
        }
        RowOutcome outcome = outcome(value);
        if (everyStep() && outcome.terms() > 0 && outcome.missing() == outcome.terms()) {
            throw noLabel(RowValues.list(value));
        }
        return outcome;
    }

    private Fault noLabel(Object value) {
        return new Fault(column, "no label at all", value);
    }

    private RowOutcome outcome(Object value) throws Fault {
        return switch (kind) {
            case NONE -> RowOutcome.NONE;
            case LABEL -> RowOutcome.labels(List.of(label(value)));
            case LABELS -> {
                List<Object> labels = new ArrayList<>();
                for (Object label : RowValues.list(value)) {
                    labels.add(isMissing(label) ? null : label(label));
                }
                yield RowOutcome.labels(labels);
            }
            case LABEL_SET -> RowOutcome.labels(List.of(labelSet(value)));
            case LABEL_SETS -> {
                List<LabelSet> sets = new ArrayList<>();
                for (Object set : RowValues.list(value)) {
                    sets.add(set == null ? null : labelSet(set));
                }
                yield RowOutcome.labels(sets);
            }
            case TARGET -> RowOutcome.targets(new double[] {target(value)}, 1);
            case TARGET_VECTOR -> rows(List.of(value), false);
            case TARGETS -> targets(RowValues.list(value));
            case TARGET_ROWS -> rows(RowValues.list(value), true);
        };
    }

    private LabelSet labelSet(Object value) throws Fault {
        List<Object> labels = new ArrayList<>();
        for (Object label : RowValues.list(value)) {
            if (label == null) {
                throw new Fault(column, "null in a set of labels", value);
            }
            labels.add(label(label));
        }
        return new LabelSet(labels);
    }

    /** Whether a value within an array is none: null or NaN. */
    private static boolean isMissing(Object value) {
        return value == null || (value instanceof Number number && Double.isNaN(number.doubleValue()));
    }

    private Object label(Object value) throws Fault {
        if (numeric && !Double.isFinite(((Number) value).doubleValue())) {
            throw new Fault(column, "not a finite number", value);
        }
        Object label = numeric ? Labels.ofNumber((Number) value) : value.toString();
        if (knownLabels != null && knownLabels.index(label) < 0) {
            throw unseen(label);
        }
        return label;
    }

    /** The fault of a row with a label that the training rows do not have. */
    Fault unseen(Object label) {
        return new Fault(column, "label never seen in training", label);
    }

    private double target(Object value) throws Fault {
        double number = RowValues.number(value, column);
        if (counts && (number < 0 || number != Math.rint(number))) {
            throw new Fault(column, "not a count, a whole number of at least 0", value);
        }
        return number;
    }

    private RowOutcome targets(List<?> numbers) throws Fault {
        double[] targets = new double[numbers.size()];
        for (int t = 0; t < targets.length; t++) {
            Object number = numbers.get(t);
            targets[t] = isMissing(number) ? Double.NaN : target(number);
        }
        return RowOutcome.targets(targets, 1);
    }

    /**
     * Rows of numbers, all of one width.
     *
     * @param optional whether a row may be missing: null, or null or NaN in all its numbers
     */
    private RowOutcome rows(List<?> rows, boolean optional) throws Fault {
        double[] targets = {};
        int width = 0;
        for (Object row : rows) {
            if (row != null && width == 0) {
                width = RowValues.components(row, column, rows).size();
                targets = new double[rows.size() * width];
            }
        }
        if (optional && rows.stream().allMatch(Objects::isNull) && !rows.isEmpty()) {
            throw noLabel(rows);
        }
        for (int t = 0; t < rows.size(); t++) {
            Object row = rows.get(t);
            if (row == null && optional) {
                Arrays.fill(targets, t * width, (t + 1) * width, Double.NaN);
                continue;
            }
            List<?> numbers = RowValues.components(row, column, rows);
            if (width == 0 || numbers.size() != width || (knownWidth > 0 && width != knownWidth)) {
                throw new Fault(column, "targets of changing width", rows);
            }
            parse(numbers, optional, targets, t * width);
        }
        return RowOutcome.targets(targets, Math.max(1, width));
    }

    private void parse(List<?> numbers, boolean optional, double[] targets, int at) throws Fault {
        long missing =
                optional ? numbers.stream().filter(LabelParser::isMissing).count() : 0;
        if (missing > 0 && missing < numbers.size()) {
            throw new Fault(column, "null in part of a target", numbers);
        }
        for (int j = 0; j < numbers.size(); j++) {
            targets[at + j] = missing > 0 ? Double.NaN : target(numbers.get(j));
        }
    }
}
