package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.data.RowOutcome;
import dev.unroll.nn.LearningTask;
import dev.unroll.spark.source.Fault;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.DataType;

/**
 * A value of the weight column to what a row weighs: one number for the whole row, or an array of numbers, one for the
 * label or target of each step. Of a row with such an array the sequence weighs 1.
 */
final class WeightParser implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String column;
    private final boolean everyStep;

    /**
     * @param type of the weight column; null where every row weighs 1
     * @param labels how labels are read
     * @throws InputException if the column is of a type that cannot be used, or does not go with the labels
     */
    WeightParser(DataType type, RowSpec spec, LabelParser labels) {
        this.column = spec.weightCol();
        this.everyStep = type != null && ColumnType.ofElements(type).isNumber();
        if (type != null && !everyStep && !ColumnType.of(type).isNumberOrText()) {
            throw new InputException("weight-col " + column + " is of type " + ColumnType.shown(type)
                    + "; allowed are numbers, also as text, and an array of numbers (one weight per step)");
        }
        if (everyStep && labels.reads() && !labels.everyStep()) {
            throw new InputException("weight-col " + column + " is an array, a weight for every step, and label-col "
                    + spec.labelCol() + " has one label for a row; allowed is a number");
        }
        if (everyStep && labels.reads() && spec.joinsSteps()) {
            throw new InputException("weight-col " + column
                    + " is an array, a weight for every step, and loss crf is of the labels of all steps together;"
                    + " allowed is a number (a step whose label is null counts as one without)");
        }
        if (everyStep && spec.task() == LearningTask.LANGUAGE_MODEL) {
            throw new InputException("weight-col " + column + " is an array, a weight for every step, and task "
                    + spec.task().key() + " has no labels for steps; allowed is a number");
        }
    }

    /** What the row weighs; 1 where its steps have weights. */
    float ofRow(Object value) throws Fault {
        if (column == null || everyStep) {
            return 1f;
        }
        float weight = (float) RowValues.number(value, column);
        if (!(weight > 0)) {
            throw new Fault(column, "weight not above 0", value);
        }
        return weight;
    }

    /** The outcome with the weights of its labels or targets, where there are some. */
    RowOutcome weighted(RowOutcome outcome, Object value) throws Fault {
        if (!everyStep || outcome.terms() == 0) {
            return outcome;
        }
        if (value == null) {
            throw new Fault(column, "null", null);
        }
        List<?> numbers = RowValues.list(value);
        if (numbers.size() != outcome.terms()) {
            String sizes = numbers.size() + " for " + outcome.terms() + " steps";
            throw new Fault(column, "number of weights unlike the number of steps", sizes);
        }
        float[] weights = new float[numbers.size()];
        boolean some = false;
        for (int t = 0; t < weights.length; t++) {
            weights[t] = (float) RowValues.number(numbers.get(t), column);
            if (weights[t] < 0) {
                throw new Fault(column, "weight below 0", numbers.get(t));
            }
            weights[t] += 0f; // -0 is 0
            some |= weights[t] > 0 && !outcome.isMissing(t);
        }
        if (!some) {
            throw new Fault(column, "weight 0 at every label", numbers);
        }
        return outcome.weighted(weights);
    }
}
