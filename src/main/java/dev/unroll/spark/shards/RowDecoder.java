package dev.unroll.spark.shards;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Labels;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import java.io.Serializable;

/**
 * Rows to what the kernel reads: ids for tokens and labels, scaled numbers.
 *
 * @param vocabulary null for numbers
 * @param labels null where there are none
 * @param measures whether predictions are measured on the rows, against targets as the data have them
 */
public record RowDecoder(LearningTask task, Vocabulary vocabulary, Labels labels, Scaling scaling, boolean measures)
        implements Serializable {

    /** For rows to train on. */
    public RowDecoder(LearningTask task, Vocabulary vocabulary, Labels labels, Scaling scaling) {
        this(task, vocabulary, labels, scaling, false);
    }

    /** This decoder with another scaling. */
    public RowDecoder with(Scaling other) {
        return new RowDecoder(task, vocabulary, labels, other, measures);
    }

    /** This decoder for rows that predictions are measured on. */
    public RowDecoder measuring() {
        return new RowDecoder(task, vocabulary, labels, scaling, true);
    }

    Sequence decode(CanonicalRow row) {
        if (task == LearningTask.LANGUAGE_MODEL) {
            return row.decodeNext(vocabulary);
        }
        Sequence sequence = row.decode(vocabulary, labels, scaling);
        return measures ? sequence : sequence.withoutExactTargets();
    }

    /** An upper bound of token ids, exclusive. */
    public int ids() {
        return vocabulary == null ? 0 : vocabulary.size();
    }
}
