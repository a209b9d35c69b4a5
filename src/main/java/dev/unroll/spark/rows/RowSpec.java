package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Loss;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * How a row becomes a sequence.
 *
 * @param labelCol null where labels are not read
 * @param weightCol null where every row weighs 1
 * @param tokenizer {@code char}, {@code whitespace} or {@code none}
 * @param window steps that a language model's documents are cut into; 0 for whole documents
 * @param maxLength steps that a sequence may have at most; 0 for any number
 * @param steps what an array of numbers is
 * @param inputs the columns that steps are made of, where that is not the features column; and whether numbers may be
 *     missing
 * @param loss what labels are for; null for whatever they are
 */
public record RowSpec(
        LearningTask task,
        String featuresCol,
        String labelCol,
        String weightCol,
        String tokenizer,
        int window,
        int maxLength,
        Steps steps,
        InputColumns inputs,
        Loss loss)
        implements Serializable {

    /** What an array of numbers is: a network that exists decides it, otherwise the type of the column. */
    public enum Steps {
        /** Tokens where all of its column are whole numbers, otherwise numbers. */
        BY_TYPE,
        TOKENS,
        NUMBERS
    }

    public RowSpec(
            LearningTask task,
            String featuresCol,
            String labelCol,
            String weightCol,
            String tokenizer,
            int window,
            int maxLength) {
        this(
                task,
                featuresCol,
                labelCol,
                weightCol,
                tokenizer,
                window,
                maxLength,
                Steps.BY_TYPE,
                InputColumns.NONE,
                null);
    }

    /** The columns that may be read: which of those of steps are, or features with them in it, is the schema's to say. */
    public List<String> columns() {
        List<String> columns = new ArrayList<>(inputs.all());
        columns.add(featuresCol);
        if (labelCol != null) {
            columns.add(labelCol);
        }
        if (weightCol != null) {
            columns.add(weightCol);
        }
        columns.addAll(inputs.series().columns());
        return columns;
    }

    /** @throws InputException for a features column that is given, and is none where steps are made of other columns */
    public void requireFeatures(StructType schema, boolean given) {
        if (given && inputs.isSome() && inputs.fieldsOf(schema, featuresCol).isEmpty()) {
            boolean structs = InputColumns.structsOf(schema, featuresCol).isPresent();
            throw new InputException("features-col is " + featuresCol
                    + (structs ? ", whose structs lack some of them" : ", which is no array of structs")
                    + ", and steps are made of other columns, " + inputs.keys() + "; allowed is one of the two");
        }
    }

    /** These rows with a column of labels, or none for null. */
    public RowSpec withLabel(String column) {
        return new RowSpec(task, featuresCol, column, weightCol, tokenizer, window, maxLength, steps, inputs, loss);
    }

    /** The same rows with weights, or for null without. */
    public RowSpec withWeight(String column) {
        return new RowSpec(task, featuresCol, labelCol, column, tokenizer, window, maxLength, steps, inputs, loss);
    }

    /** These rows without labels and weights, for prediction. */
    public RowSpec unlabelled() {
        return new RowSpec(task, featuresCol, null, null, tokenizer, window, maxLength, steps, inputs, loss);
    }

    /** These rows for a network that takes tokens, or numbers. */
    public RowSpec withSteps(boolean tokens) {
        Steps known = tokens ? Steps.TOKENS : Steps.NUMBERS;
        return new RowSpec(task, featuresCol, labelCol, weightCol, tokenizer, window, maxLength, known, inputs, loss);
    }

    /** These rows with steps made of these columns. */
    public RowSpec withInputs(InputColumns columns) {
        return new RowSpec(task, featuresCol, labelCol, weightCol, tokenizer, window, maxLength, steps, columns, loss);
    }

    /** These rows, whose labels are for that loss. */
    public RowSpec withLoss(Loss of) {
        return new RowSpec(task, featuresCol, labelCol, weightCol, tokenizer, window, maxLength, steps, inputs, of);
    }

    /** Whether targets are counts: whole numbers of at least 0. */
    boolean counts() {
        return loss != null && loss.counts();
    }

    /** Whether labels come in sets: any number of them for a sequence, or for each step. */
    boolean hasLabelSets() {
        return loss != null && loss.hasLabelSets();
    }

    /** Whether the labels of all steps have one loss together. */
    boolean joinsSteps() {
        return loss != null && loss.joinsSteps();
    }
}
