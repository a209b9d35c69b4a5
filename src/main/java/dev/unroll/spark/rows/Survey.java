package dev.unroll.spark.rows;

import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.spark.source.BadRow;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** What one look at all rows finds out: how many, which tokens and labels, and which rows cannot be used. Merged on the driver. */
final class Survey implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Different tokens that one survey counts, and that all bring to the driver: where there are more, they are counted on executors. */
    static final int MOST_TOKENS = 1 << 14;

    private static final int MOST_TOKENS_OF_ALL = 1 << 20;

    long trainingSequences;
    long trainingSteps;
    long heldOutSequences;
    long heldOutSteps;
    long trainingHash; // the sum of the keys' hashes: one number for all rows, in whatever order
    long heldOutHash;
    long badRows;
    BadRow firstBad; // null where there is none
    final Map<String, Long> badByReason = new TreeMap<>();
    final Map<String, Long> tokens = new HashMap<>(); // of the training part
    boolean manyTokens; // too many different ones to be counted here
    final Map<Object, Long> labels =
            new HashMap<>(); // Strings or Doubles, of the training part and, with count 0, of the rest
    final Map<Integer, Long> widths = new TreeMap<>(); // of steps that are numbers
    final Map<Integer, Long> targetWidths = new TreeMap<>();

    /** Different tokens that one of so many surveys counts. */
    static int mostTokens(int surveys) {
        return Math.min(MOST_TOKENS, MOST_TOKENS_OF_ALL / surveys);
    }

    byte[] toBytes() {
        return ObjectBytes.write(this);
    }

    /** What {@link #toBytes} made, in this job. */
    static Survey fromBytes(byte[] bytes) {
        return ObjectBytes.read(bytes);
    }

    void bad(BadRow row) {
        badRows++;
        badByReason.merge(row.key(), 1L, Long::sum);
        keepFirst(row);
    }

    /** One sentence: the first row that cannot be used, and how many others cannot. */
    String refusal(Configuration hadoop) {
        String others = badRows == 1 ? "" : "; " + badRows + " rows cannot be used: " + badByReason;
        return firstBad.describe(hadoop) + others + " (handle-invalid skip leaves such rows out and counts them)";
    }

    private void keepFirst(BadRow row) {
        if (row != null && (firstBad == null || BadRow.BY_PLACE.compare(row, firstBad) < 0)) {
            firstBad = row;
        }
    }

    void merge(Survey other) {
        trainingSequences += other.trainingSequences;
        trainingSteps += other.trainingSteps;
        trainingHash += other.trainingHash;
        heldOutHash += other.heldOutHash;
        heldOutSequences += other.heldOutSequences;
        heldOutSteps += other.heldOutSteps;
        badRows += other.badRows;
        keepFirst(other.firstBad);
        other.badByReason.forEach((reason, count) -> badByReason.merge(reason, count, Long::sum));
        manyTokens |= other.manyTokens;
        if (manyTokens) {
            tokens.clear();
        } else {
            other.tokens.forEach((token, count) -> tokens.merge(token, count, Long::sum));
        }
        other.labels.forEach((label, count) -> labels.merge(label, count, Long::sum));
        other.widths.forEach((width, count) -> widths.merge(width, count, Long::sum));
        other.targetWidths.forEach((width, count) -> targetWidths.merge(width, count, Long::sum));
    }
}
