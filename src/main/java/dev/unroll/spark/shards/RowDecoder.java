package dev.unroll.spark.shards;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Encoding;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import java.io.Serializable;

/**
 * Rows to what the kernel reads: ids for tokens and labels, scaled numbers.
 *
 * @param measures whether predictions are measured on the rows, against targets as the data have them
 */
public record RowDecoder(LearningTask task, Encoding encoding, boolean measures) implements Serializable {

    /** For rows to train on. */
    public RowDecoder(LearningTask task, Encoding encoding) {
        this(task, encoding, false);
    }

    /** For rows to train on. */
    public RowDecoder(LearningTask task, Vocabulary vocabulary, Labels labels, Scaling scaling) {
        this(task, new Encoding(vocabulary, labels, scaling));
    }

    /** This decoder with another scaling. */
    public RowDecoder with(Scaling other) {
        return new RowDecoder(task, encoding.with(other), measures);
    }

    /** This decoder for rows that predictions are measured on. */
    public RowDecoder measuring() {
        return new RowDecoder(task, encoding, true);
    }

    Sequence decode(CanonicalRow row) {
        if (task == LearningTask.LANGUAGE_MODEL) {
            return row.decodeNext(encoding.vocabulary());
        }
        Sequence sequence = row.decode(encoding);
        return measures ? sequence : sequence.unmeasured();
    }

    /** The tokens; null for numbers. */
    public Vocabulary vocabulary() {
        return encoding.vocabulary();
    }

    /** The classes; null where there are none. */
    public Labels labels() {
        return encoding.labels();
    }

    public Scaling scaling() {
        return encoding.scaling();
    }

    /** An upper bound of token ids, exclusive. */
    public int ids() {
        return encoding.ids();
    }
}
