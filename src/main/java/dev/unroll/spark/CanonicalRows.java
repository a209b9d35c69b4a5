package dev.unroll.spark;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Streams;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.NetworkSpec;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** Rows in canonical order, on executors, with what a look at all of them found out. */
public final class CanonicalRows implements AutoCloseable {

    private final JavaRDD<byte[]> sorted; // hash, part, bytes
    private final Survey survey;
    private final boolean tokens;
    private final boolean numericLabels;
    private final boolean everyStep;

    CanonicalRows(JavaRDD<byte[]> sorted, Survey survey, boolean tokens, boolean numericLabels, boolean everyStep) {
        this.sorted = sorted;
        this.survey = survey;
        this.tokens = tokens;
        this.numericLabels = numericLabels;
        this.everyStep = everyStep;
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

    /** Steps of the sequences held out. */
    public long heldOutSteps() {
        return survey.heldOutSteps;
    }

    /** Tokens of the rows held out that a vocabulary does not have. */
    public long unknownTokens(Vocabulary vocabulary) {
        return survey.heldOutTokens.entrySet().stream()
                .filter(entry -> vocabulary.id(entry.getKey()) == Vocabulary.UNKNOWN)
                .mapToLong(Map.Entry::getValue)
                .sum();
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

    /** Whether every row has a label or target per step; otherwise it has one. */
    public boolean everyStep() {
        return everyStep;
    }

    /** The numbers of one target; 0 for labels. */
    public int targetWidth() {
        return survey.targetWidths.isEmpty()
                ? 0
                : survey.targetWidths.keySet().iterator().next();
    }

    /**
     * The tokens of the training part, most frequent first.
     *
     * @param maximumSize ids at most, the one for unknown tokens included; 0 for no limit
     */
    public Vocabulary vocabulary(int maximumSize) {
        return maximumSize == 0 ? Vocabulary.of(survey.tokens) : Vocabulary.of(survey.tokens, maximumSize, 1);
    }

    /** All labels, ascending. */
    public Labels labels() {
        Set<Object> labels = survey.labels.keySet();
        return numericLabels
                ? Labels.ofNumbers(labels.stream().map(Double.class::cast).toList())
                : Labels.ofText(labels.stream().map(String.class::cast).toList());
    }

    /** N / (C n) for each class with n of the N labels of the training part: rare classes weigh as much together as frequent ones. */
    public float[] balancedWeights(Labels labels) {
        long[] counts = new long[labels.size()];
        long total = 0;
        for (Map.Entry<Object, Long> entry : survey.labels.entrySet()) {
            Object label = entry.getKey();
            int index = label instanceof Double number ? labels.index(number) : labels.index((String) label);
            counts[index] = entry.getValue();
            total += entry.getValue();
        }
        float[] weights = new float[counts.length];
        for (int c = 0; c < weights.length; c++) {
            weights[c] = counts[c] == 0 ? 1f : (float) ((double) total / ((double) counts.length * counts[c]));
        }
        return weights;
    }

    /** The training part, dealt to shards. */
    public ShardedRows training(int shards, int partitions, RowDecoder decoder) {
        return ShardedRows.deal(part(SequenceReader.TRAINING), n -> n, shards, partitions, decoder);
    }

    /** The training part as streams: documents one behind the other in canonical order, each with as many steps as it has next tokens. */
    public Streams streams(int count, int window) {
        return new Streams(count, window, survey.trainingSteps - survey.trainingSequences);
    }

    /** The windows of the streams, dealt to shards. */
    public ShardedRows training(Streams streams, int shards, int partitions, RowDecoder decoder) {
        long[] starts = stepsByPartition();
        long position = 0;
        for (int p = 0; p < starts.length; p++) {
            long steps = starts[p];
            starts[p] = position;
            position += steps;
        }
        JavaPairRDD<Long, byte[]> pieces = sorted.mapPartitionsWithIndex(
                        (partition, keys) -> new Documents(training(keys), streams, starts[partition]), true)
                .mapToPair(piece -> piece);
        return ShardedRows.deal(pieces, streams::ordinal, shards, partitions, decoder);
    }

    private long[] stepsByPartition() {
        List<Long> steps = sorted.mapPartitions(keys -> {
                    long sum = 0;
                    for (Iterator<CanonicalRow> rows = training(keys); rows.hasNext(); ) {
                        sum += steps(rows.next());
                    }
                    return List.of(sum).iterator();
                })
                .collect();
        return steps.stream().mapToLong(Long::longValue).toArray();
    }

    private static Iterator<CanonicalRow> training(Iterator<byte[]> keys) {
        return IteratorUtils.transformedIterator(
                IteratorUtils.filteredIterator(keys, key -> key[Long.BYTES] == SequenceReader.TRAINING),
                SequenceReader::row);
    }

    /** Steps of a document between its end marks: as many as there are next tokens. */
    private static int steps(CanonicalRow document) {
        return document.length() - 1;
    }

    /** Documents cut where windows end, each piece with its position in the corpus. */
    private static final class Documents implements Iterator<Tuple2<Long, byte[]>> {
        private final Iterator<CanonicalRow> rows;
        private final Streams streams;
        private long position;
        private List<String> tokens = List.of(); // of the document at hand
        private int at; // its next step

        Documents(Iterator<CanonicalRow> rows, Streams streams, long position) {
            this.rows = rows;
            this.streams = streams;
            this.position = position;
        }

        @Override
        public boolean hasNext() {
            return at + 1 < tokens.size() || rows.hasNext();
        }

        @Override
        public Tuple2<Long, byte[]> next() {
            if (at + 1 >= tokens.size()) {
                tokens = new ArrayList<>();
                rows.next().forEachToken(tokens::add);
                at = 0;
            }
            int steps = (int) Math.min(tokens.size() - 1L - at, streams.end(position) - position);
            byte[] piece = CanonicalRow.ofTokens(tokens.subList(at, at + steps + 1), List.of(), 1f)
                    .bytes();
            Tuple2<Long, byte[]> next = new Tuple2<>(position, piece);
            position += steps;
            at += steps;
            return next;
        }
    }

    /** The part held out, dealt to shards. */
    public ShardedRows heldOut(int shards, int partitions, RowDecoder decoder) {
        return ShardedRows.deal(part(SequenceReader.HELD_OUT), n -> n, shards, partitions, decoder);
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
