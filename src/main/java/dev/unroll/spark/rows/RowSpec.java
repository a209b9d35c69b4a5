package dev.unroll.spark.rows;

import dev.unroll.nn.LearningTask;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How a row becomes a sequence.
 *
 * @param labelCol null where labels are not read
 * @param weightCol null where every row weighs 1
 * @param tokenizer {@code char}, {@code whitespace} or {@code none}
 * @param window steps that a language model's documents are cut into; 0 for whole documents
 * @param maxLength steps that a sequence may have at most; 0 for any number
 * @param steps what an array of numbers is
 */
public record RowSpec(
        LearningTask task,
        String featuresCol,
        String labelCol,
        String weightCol,
        String tokenizer,
        int window,
        int maxLength,
        Steps steps)
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
        this(task, featuresCol, labelCol, weightCol, tokenizer, window, maxLength, Steps.BY_TYPE);
    }

    /** The columns to read: features, then label and weight where they are read. */
    public List<String> columns() {
        List<String> columns = new ArrayList<>(List.of(featuresCol));
        if (labelCol != null) {
            columns.add(labelCol);
        }
        if (weightCol != null) {
            columns.add(weightCol);
        }
        return columns;
    }

    /** These rows with a column of labels, or none for null. */
    public RowSpec withLabel(String column) {
        return new RowSpec(task, featuresCol, column, weightCol, tokenizer, window, maxLength, steps);
    }

    /** The same rows with weights, or for null without. */
    public RowSpec withWeight(String column) {
        return new RowSpec(task, featuresCol, labelCol, column, tokenizer, window, maxLength, steps);
    }

    /** These rows without labels and weights, for prediction. */
    public RowSpec unlabelled() {
        return new RowSpec(task, featuresCol, null, null, tokenizer, window, maxLength, steps);
    }

    /** These rows for a network that takes tokens, or numbers. */
    public RowSpec withSteps(boolean tokens) {
        Steps known = tokens ? Steps.TOKENS : Steps.NUMBERS;
        return new RowSpec(task, featuresCol, labelCol, weightCol, tokenizer, window, maxLength, known);
    }
}
