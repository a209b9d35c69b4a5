package dev.unroll.spark.rows;

import dev.unroll.data.ColumnRanges;
import dev.unroll.data.Columns;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Streams;
import dev.unroll.data.TokenArray;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.spark.rows.RowCounts.Totals;
import dev.unroll.spark.shards.RowDecoder;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is known of rows before a training on them begins: how many there are, their vocabulary, labels and widths. */
public final class RowStatistics {

    private final RowCounts counts;
    private final Elsewhere countElsewhere;
    private final boolean tokens;
    private final InputColumns inputs;
    private final boolean numericLabels;
    private final boolean labelSets;
    private final boolean everyStep;

    /** Where tokens are counted that are too many to be counted here. */
    interface Elsewhere {
        Vocabulary of(int vocabulary, int maximumSize);
    }

    /** Of rows whose tokens are all counted. */
    RowStatistics(RowCounts counts, RowParser parser) {
        this(counts, parser, (vocabulary, size) -> {
            throw new IllegalStateException("the tokens are not counted");
        });
    }

    /**
     * @param countElsewhere gives one of the vocabularies, of at most that size (0 for no limit) where there are too many tokens
     *     for {@code counts}
     */
    RowStatistics(RowCounts counts, RowParser parser, Elsewhere countElsewhere) {
        this.counts = counts;
        this.countElsewhere = countElsewhere;
        this.tokens = parser.tokens();
        this.inputs = parser.inputs();
        this.numericLabels = parser.numericLabel();
        this.labelSets = parser.hasLabelSets();
        this.everyStep = parser.everyStep();
    }

    RowCounts counts() {
        return counts;
    }

    /** Sequences that can be used, those held out included. */
    public long sequences() {
        return trainingSequences() + heldOutSequences();
    }

    /** Steps of the {@link #sequences}. */
    public long steps() {
        return trainingSteps() + heldOutSteps();
    }

    /** Sequences to train on. */
    public long trainingSequences() {
        return counts.of(Split.TRAINING).sequences();
    }

    /** Steps of the sequences to train on. */
    public long trainingSteps() {
        return counts.of(Split.TRAINING).steps();
    }

    /** Sequences that are not trained on. */
    public long heldOutSequences() {
        return counts.of(Split.HELD_OUT).sequences();
    }

    /** Steps of the sequences that are not trained on. */
    public long heldOutSteps() {
        return counts.of(Split.HELD_OUT).steps();
    }

    /** What tells the training rows from any others: how many, their steps, and a hash of them all. */
    public String trainingFingerprint() {
        return fingerprint(counts.of(Split.TRAINING));
    }

    /** What tells the rows held out from any others, as {@link #trainingFingerprint} does. */
    public String heldOutFingerprint() {
        return fingerprint(counts.of(Split.HELD_OUT));
    }

    private static String fingerprint(Totals totals) {
        return totals.sequences() + " sequences of " + totals.steps() + " steps with hash "
                + Long.toHexString(totals.hash());
    }

    /** Rows left out, by column and reason. */
    public Map<String, Long> skipped() {
        return counts.badRows().byReason();
    }

    /** Steps without a label or target, where others of the row have one. */
    public long missingTargets() {
        return counts.missing();
    }

    /** How many numbers of steps and sequences are missing. */
    public long missingNumbers() {
        return counts.missingNumbers();
    }

    /** The columns that steps are made of, and whether numbers may be missing. */
    public InputColumns inputs() {
        return inputs;
    }

    /** Whether steps are tokens; otherwise they are rows of {@link #width} numbers, or columns with so many. */
    public boolean hasTokens() {
        return tokens;
    }

    /** D of rows of numbers; 0 for tokens. */
    public int width() {
        return counts.widths().isEmpty()
                ? 0
                : counts.widths().keySet().iterator().next();
    }

    /** The numbers of one target; 0 for labels. */
    public int targetWidth() {
        return counts.targetWidths().isEmpty()
                ? 0
                : counts.targetWidths().keySet().iterator().next();
    }

    /** Ranges of the numbers of training rows' steps; of width 0 for tokens. */
    public ColumnRanges ranges() {
        return counts.ranges();
    }

    /** Ranges of the numbers of whole sequences, of training rows. */
    public ColumnRanges staticRanges() {
        return counts.staticRanges();
    }

    /** Ranges of the numbers of training rows' targets; of width 0 for labels. */
    public ColumnRanges targetRanges() {
        return counts.targetRanges();
    }

    /** Whether rows differ in the width of their steps or targets. */
    boolean hasSeveralWidths() {
        return counts.widths().size() > 1 || counts.targetWidths().size() > 1;
    }

    /** The width that most rows have, the smallest of several; 0 for tokens. */
    int mostFrequentWidth() {
        return mostFrequent(counts.widths());
    }

    /** The width of targets that most rows have, the smallest of several; 0 for labels. */
    int mostFrequentTargetWidth() {
        return mostFrequent(counts.targetWidths());
    }

    private static int mostFrequent(Map<Integer, Long> rows) {
        int best = 0;
        long most = 0;
        for (Map.Entry<Integer, Long> entry : rows.entrySet()) {
            if (entry.getValue() > most) {
                best = entry.getKey();
                most = entry.getValue();
            }
        }
        return best;
    }

    /**
     * Checks that a network takes these steps.
     *
     * @throws InputException if they are tokens where it takes rows of numbers, the other way round, or of another
     *     width
     */
    public void requireInput(NetworkSpec.Input input) {
        boolean fits = input instanceof NetworkSpec.Tokens ? tokens : !tokens && input.numbers() == width();
        if (!fits) {
            throw new InputException("the steps are " + (tokens ? "tokens" : "rows of width " + width())
                    + ", and the model takes "
                    + (input instanceof NetworkSpec.Tokens ? "tokens" : "rows of width " + input.numbers()));
        }
    }

    /** Whether every row has a label or target per step; otherwise it has one. */
    public boolean everyStep() {
        return everyStep;
    }

    /**
     * The tokens of the training rows, most frequent first.
     *
     * @param vocabulary the number of one: 0 of tokens, and of columns that of a column of categories, statics last
     * @param maximumSize ids at most, the one for unknown tokens included; 0 for no limit
     */
    public Vocabulary vocabulary(int vocabulary, int maximumSize) {
        if (counts.hasTooManyTokens()) {
            return countElsewhere.of(vocabulary, maximumSize);
        }
        Map<String, Long> found = counts.tokens(vocabulary);
        if (maximumSize == 0) {
            Vocabulary.requireSize(found.size());
        }
        return Vocabulary.of(found, maximumSize == 0 ? Vocabulary.MAX_SIZE : maximumSize, 1);
    }

    /** The labels of all rows, ascending. */
    public Labels labels() {
        Set<Object> labels = counts.labels().keySet();
        return numericLabels
                ? Labels.ofNumbers(labels.stream().map(Number.class::cast).toList())
                : Labels.ofText(labels.stream().map(String.class::cast).toList());
    }

    /**
     * N / (C n) for each class with n of the N labels of training rows: rare classes weigh as much together as frequent
     * ones.
     */
    public float[] balancedWeights(Labels labels) {
        long[] byClass = new long[labels.size()];
        long total = 0;
        for (Map.Entry<Object, Long> entry : counts.labels().entrySet()) {
            byClass[labels.index(entry.getKey())] = entry.getValue();
            total += entry.getValue();
        }
        float[] weights = new float[byClass.length];
        for (int c = 0; c < weights.length; c++) {
            weights[c] = byClass[c] == 0 ? 1f : (float) ((double) total / ((double) byClass.length * byClass[c]));
        }
        return weights;
    }

    /** Bytes that all these sequences take in shards. */
    public long bytes(RowDecoder decoder) {
        return bytes(sequences(), steps(), decoder);
    }

    /** Bytes that so many of these sequences with so many steps in all take in shards. */
    long bytes(long sequences, long steps, RowDecoder decoder) {
        int perStep = tokens ? TokenArray.bytesPerId(decoder.ids()) : Float.BYTES * width();
        int perSequence = Integer.BYTES;
        Columns columns = decoder.encoding().columns();
        if (columns != null) {
            perStep += bytes(columns.categories());
            perSequence += Float.BYTES * columns.staticNumbers().size() + bytes(columns.statics());
        }
        int perTerm = targetWidth() > 0 ? Float.BYTES * targetWidth() : 1;
        if (labelSets) {
            perTerm = 1 + decoder.labels().size() / Byte.SIZE; // a bit each
        }
        perTerm += counts.weighsTerms() ? Float.BYTES : 0;
        boolean nextTokens = decoder.task() == LearningTask.LANGUAGE_MODEL;
        long terms = nextTokens ? 0 : everyStep ? steps : sequences;
        return perStep * steps + perTerm * terms + perSequence * sequences;
    }

    /** Of an id of each column. */
    private static int bytes(List<Columns.Category> categories) {
        return categories.stream()
                .mapToInt(
                        category -> TokenArray.bytesPerId(category.vocabulary().size()))
                .sum();
    }

    /** The training rows as streams: documents in canonical order, each with as many steps as it has next tokens. */
    public Streams streams(int count, int window) {
        return new Streams(count, window, trainingSteps() - trainingSequences());
    }
}
