package dev.unroll.spark;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What one look at all rows finds out: how many, which tokens and labels, and which rows cannot be used. Merged on the driver. */
final class Survey implements Serializable {

    private static final long serialVersionUID = 1L;

    long trainingSequences;
    long trainingSteps;
    long heldOutSequences;
    long badRows;
    BadRow firstBad; // null where there is none
    final Map<String, Long> badByReason = new TreeMap<>();
    final Map<String, Long> tokens = new HashMap<>(); // of the training part
    final Set<String> textLabels = new TreeSet<>();
    final Set<Double> numericLabels = new TreeSet<>();
    final Map<Integer, Long> widths = new TreeMap<>();

    void bad(BadRow row) {
        badRows++;
        badByReason.merge(row.key(), 1L, Long::sum);
        keepFirst(row);
    }

    private void keepFirst(BadRow row) {
        if (row != null && (firstBad == null || BadRow.BY_PLACE.compare(row, firstBad) < 0)) {
            firstBad = row;
        }
    }

    void merge(Survey other) {
        trainingSequences += other.trainingSequences;
        trainingSteps += other.trainingSteps;
        heldOutSequences += other.heldOutSequences;
        badRows += other.badRows;
        keepFirst(other.firstBad);
        other.badByReason.forEach((reason, count) -> badByReason.merge(reason, count, Long::sum));
        other.tokens.forEach((token, count) -> tokens.merge(token, count, Long::sum));
        textLabels.addAll(other.textLabels);
        numericLabels.addAll(other.numericLabels);
        other.widths.forEach((width, count) -> widths.merge(width, count, Long::sum));
    }
}
