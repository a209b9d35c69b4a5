package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.ColumnRanges;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.TokenCounts;
import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.spark.source.BadRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;

/**
 * What is counted of rows, in one pass: on executors those of a partition, which are then merged on the driver, in any
 * order.
 */
final class RowCounts implements Serializable {

    private static final long serialVersionUID = 1L;

    /**
     * Different tokens to count of one partition, all of which come to the driver; where there are more, they are
     * counted on executors.
     */
    static final int MAX_TOKENS = 1 << 14;

    private static final int MAX_TOKENS_OF_ALL = 1 << 20;

    /**
     * Of the rows of one split.
     *
     * @param hash the sum of the rows' hashes: one number for all of them, in whatever order
     */
    record Totals(long sequences, long steps, long hash) implements Serializable {

        static final Totals NONE = new Totals(0, 0, 0);

        Totals plus(Totals other) {
            return new Totals(sequences + other.sequences, steps + other.steps, hash + other.hash);
        }
    }

    private final Map<Split, Totals> totals = new EnumMap<>(Split.class);
    private final BadRows badRows = new BadRows();
    private final List<Map<String, Long>> tokens = new ArrayList<>(); // of training rows, by vocabulary
    private boolean tooManyTokens; // and so none is counted
    private final Map<Object, Long> labels = new HashMap<>(); // as in CanonicalRow, by how many training rows have
    private final Map<Integer, Long> widths = new TreeMap<>(); // of steps that are numbers
    private final Map<Integer, Long> targetWidths = new TreeMap<>();
    private long missing; // labels or targets of steps that have none
    private long missingNumbers; // of steps and sequences
    private boolean weighsTerms; // some labels or targets weigh more or less than others
    private final ColumnRanges ranges = new ColumnRanges(); // of steps of training rows
    private final ColumnRanges staticRanges = new ColumnRanges(); // of whole sequences
    private final ColumnRanges targetRanges = new ColumnRanges();

    /** Different tokens to count of each of so many partitions. */
    static int maxTokens(int partitions) {
        return Math.min(MAX_TOKENS, MAX_TOKENS_OF_ALL / partitions);
    }

    /**
     * Counts rows.
     *
     * @param rows {@link KeyedRow}s as bytes
     * @param maxTokens different tokens to count; where there are more, none is
     */
    static RowCounts of(Iterator<byte[]> rows, int maxTokens) {
        RowCounts counts = new RowCounts();
        List<TokenCounts> tokens = new ArrayList<>();
        int distinct = 0;
        while (rows.hasNext()) {
            KeyedRow keyed = KeyedRow.fromBytes(rows.next());
            if (keyed.split() == Split.BAD) {
                counts.badRows.add(keyed.badRow());
                continue;
            }
            CanonicalRow row = keyed.canonicalRow();
            counts.add(keyed, row);
            if (keyed.split() == Split.TRAINING && distinct <= maxTokens) {
                if (tokens.isEmpty()) {
                    Stream.generate(TokenCounts::new).limit(row.vocabularies()).forEach(tokens::add);
                }
                row.countTokens(tokens);
                distinct = tokens.stream().mapToInt(TokenCounts::distinct).sum();
            }
        }
        counts.tooManyTokens = distinct > maxTokens;
        for (int v = 0; v < tokens.size() && !counts.tooManyTokens; v++) {
            tokens.get(v).addTo(counts.tokensOf(v));
        }
        return counts;
    }

    /** Of each partition. */
    static List<RowCounts> byPartition(JavaRDD<byte[]> rows, int maxTokens) {
        return rows
                .mapPartitions(
                        some -> List.of(RowCounts.of(some, maxTokens).toBytes()).iterator())
                .collect()
                .stream()
                .map(RowCounts::fromBytes)
                .toList();
    }

    /** Of all partitions together. */
    static RowCounts ofAll(JavaRDD<byte[]> rows, int maxTokens) {
        return merged(byPartition(rows, maxTokens));
    }

    static RowCounts merged(List<RowCounts> parts) {
        RowCounts all = new RowCounts();
        parts.forEach(all::merge);
        return all;
    }

    private void add(KeyedRow keyed, CanonicalRow row) {
        totals.merge(keyed.split(), new Totals(1, row.length(), keyed.hash()), Totals::plus);
        if (row.hasValues()) {
            widths.merge(row.width(), 1L, Long::sum);
        }
        if (row.targetWidth() > 0) {
            targetWidths.merge(row.targetWidth(), 1L, Long::sum);
        }
        if (keyed.split() == Split.TRAINING) {
            row.addTo(ranges, staticRanges, targetRanges);
        }
        missingNumbers += row.missingNumbers();
        long trainingRows = keyed.split() == Split.TRAINING ? 1 : 0;
        RowOutcome outcome = row.outcome();
        float[] weights = outcome.weights();
        for (int t = 0; t < outcome.labels().size(); t++) {
            long counted = weights == null || weights[t] > 0 ? trainingRows : 0; // one that weighs 0 is known
            for (Object label : outcome.labelsOf(t)) {
                labels.merge(label, counted, Long::sum);
            }
        }
        int without = outcome.missing();
        missing += without;
        weighsTerms |= without > 0 || outcome.weights() != null;
    }

    private void merge(RowCounts other) {
        other.totals.forEach((split, more) -> totals.merge(split, more, Totals::plus));
        badRows.merge(other.badRows);
        tooManyTokens |= other.tooManyTokens;
        if (tooManyTokens) {
            tokens.clear();
        } else {
            for (int v = 0; v < other.tokens.size(); v++) {
                Map<String, Long> known = tokensOf(v);
                other.tokens.get(v).forEach((token, count) -> known.merge(token, count, Long::sum));
            }
        }
        other.labels.forEach((label, count) -> labels.merge(label, count, Long::sum));
        other.widths.forEach((width, count) -> widths.merge(width, count, Long::sum));
        other.targetWidths.forEach((width, count) -> targetWidths.merge(width, count, Long::sum));
        missing += other.missing;
        missingNumbers += other.missingNumbers;
        weighsTerms |= other.weighsTerms;
        ranges.merge(other.ranges);
        staticRanges.merge(other.staticRanges);
        targetRanges.merge(other.targetRanges);
    }

    /** For the way to the driver: bytes, which no serializer of Spark needs to be told of. */
    private byte[] toBytes() {
        return ObjectBytes.write(this);
    }

    /** What {@link #toBytes} wrote, in this job. */
    private static RowCounts fromBytes(byte[] bytes) {
        return ObjectBytes.read(bytes);
    }

    /** Of the rows of one split. */
    Totals of(Split split) {
        return totals.getOrDefault(split, Totals.NONE);
    }

    BadRows badRows() {
        return badRows;
    }

    /**
     * How often each token of a vocabulary occurs in training rows; empty where there are {@linkplain #hasTooManyTokens
     * too many}.
     */
    Map<String, Long> tokens(int vocabulary) {
        return vocabulary < tokens.size() ? Collections.unmodifiableMap(tokens.get(vocabulary)) : Map.of();
    }

    private Map<String, Long> tokensOf(int vocabulary) {
        while (tokens.size() <= vocabulary) {
            tokens.add(new HashMap<>());
        }
        return tokens.get(vocabulary);
    }

    /** Whether there are more different tokens than are counted here. */
    boolean hasTooManyTokens() {
        return tooManyTokens;
    }

    /** Labels, as in {@link CanonicalRow#labels}, by how often training rows have them: 0 where only rows held out do. */
    Map<Object, Long> labels() {
        return Collections.unmodifiableMap(labels);
    }

    /** Rows by the width of their steps, where these are numbers. */
    Map<Integer, Long> widths() {
        return Collections.unmodifiableMap(widths);
    }

    /** Ranges of the numbers of steps, of training rows. */
    ColumnRanges ranges() {
        return ranges;
    }

    /** Ranges of the numbers of whole sequences, of training rows. */
    ColumnRanges staticRanges() {
        return staticRanges;
    }

    /** Ranges of the numbers of targets, of training rows. */
    ColumnRanges targetRanges() {
        return targetRanges;
    }

    /** How many steps have no label or target, where others of the row have one. */
    long missing() {
        return missing;
    }

    /** How many numbers are missing. */
    long missingNumbers() {
        return missingNumbers;
    }

    /** Whether some labels or targets weigh more or less than others of the row, or are missing. */
    boolean weighsTerms() {
        return weighsTerms;
    }

    /** Rows by the width of their targets. */
    Map<Integer, Long> targetWidths() {
        return Collections.unmodifiableMap(targetWidths);
    }
}
