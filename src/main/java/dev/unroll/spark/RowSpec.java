package dev.unroll.spark;

import dev.unroll.nn.Task;
import java.io.Serializable;

/**
 * How a row becomes a sequence.
 *
 * @param labelCol null where labels are not read
 * @param weightCol null where every row weighs 1
 * @param tokenizer {@code char}, {@code whitespace} or {@code none}
 * @param window steps that a language model's documents are cut into; 0 for whole documents
 */
public record RowSpec(Task task, String featuresCol, String labelCol, String weightCol, String tokenizer, int window)
        implements Serializable {

    /** The same rows without labels and weights, for prediction. */
    public RowSpec unlabelled() {
        return new RowSpec(task, featuresCol, null, null, tokenizer, window);
    }
}
