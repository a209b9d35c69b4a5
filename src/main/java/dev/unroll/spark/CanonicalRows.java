package dev.unroll.spark;

import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.NetworkSpec;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;

/** Rows in canonical order, on executors, with what a look at all of them found out. */
public final class CanonicalRows implements AutoCloseable {

    private final JavaRDD<byte[]> sorted; // hash, part, bytes
    private final Survey survey;
    private final boolean tokens;
    private final boolean numericLabels;

    CanonicalRows(JavaRDD<byte[]> sorted, Survey survey, boolean tokens, boolean numericLabels) {
        this.sorted = sorted;
        this.survey = survey;
        this.tokens = tokens;
        this.numericLabels = numericLabels;
    }

    Survey survey() {
        return survey;
    }

    /** Sequences to train on. */
    public long trainingSequences() {
        return survey.trainingSequences;
    }

    /** Steps of the sequences to train on. */
    public long trainingSteps() {
        return survey.trainingSteps;
    }

    public long heldOutSequences() {
        return survey.heldOutSequences;
    }

    /** Rows left out, by column and reason. */
    public Map<String, Long> skipped() {
        return survey.badByReason;
    }

    /** Whether steps are tokens; otherwise they are rows of {@link #width} numbers. */
    public boolean hasTokens() {
        return tokens;
    }

    /** D of rows of numbers; 0 for tokens. */
    public int width() {
        return survey.widths.isEmpty() ? 0 : survey.widths.keySet().iterator().next();
    }

    /**
     * Checks that a network takes these steps.
     *
     * @throws InputException if they are tokens where it takes rows of numbers, the other way round, or of another width
     */
    public void requireInput(NetworkSpec.Input input) {
        boolean fits = input instanceof NetworkSpec.Dense dense ? !tokens && dense.width() == width() : tokens;
        if (!fits) {
            throw new InputException("the steps are " + (tokens ? "tokens" : "rows of width " + width())
                    + ", and the model takes "
                    + (input instanceof NetworkSpec.Dense dense ? "rows of width " + dense.width() : "tokens"));
        }
    }

    /** The tokens of the training part, most frequent first. */
    public Vocabulary vocabulary() {
        return Vocabulary.of(survey.tokens);
    }

    /** All labels, ascending. */
    public Labels labels() {
        return numericLabels ? Labels.ofNumbers(survey.numericLabels) : Labels.ofText(survey.textLabels);
    }

    /** The training part, dealt to shards. */
    public ShardedRows training(int shards, int partitions, Vocabulary vocabulary, Labels labels) {
        return ShardedRows.deal(part(SequenceReader.TRAINING), shards, partitions, vocabulary, labels);
    }

    /** The part held out, dealt to shards. */
    public ShardedRows heldOut(int shards, int partitions, Vocabulary vocabulary, Labels labels) {
        return ShardedRows.deal(part(SequenceReader.HELD_OUT), shards, partitions, vocabulary, labels);
    }

    /** Rows of one part by their ordinal: the rank in canonical order. */
    private JavaPairRDD<Long, byte[]> part(byte part) {
        return sorted.filter(key -> key[Long.BYTES] == part)
                .map(key -> SequenceReader.row(key).bytes())
                .zipWithIndex()
                .mapToPair(scala.Tuple2::swap);
    }

    /** Frees the rows; shards that were cached before stay. */
    @Override
    public void close() {
        // Blocking: a removal under way while the session stops prints stack traces on standard error.
        sorted.unpersist(true);
    }
}
