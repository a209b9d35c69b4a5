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
 */
public record RowDecoder(LearningTask task, Vocabulary vocabulary, Labels labels, Scaling scaling)
        implements Serializable {

    Sequence decode(CanonicalRow row) {
        Sequence sequence =
                task == LearningTask.LANGUAGE_MODEL ? row.decodeNext(vocabulary) : row.decode(vocabulary, labels);
        return scaling.apply(sequence);
    }

    /** An upper bound of token ids, exclusive. */
    public int ids() {
        return vocabulary == null ? 0 : vocabulary.size();
    }
}
