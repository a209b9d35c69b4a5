package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.Streams;
import dev.unroll.data.TokenArray;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.spark.shards.RowDecoder;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/** What a look at all rows found out about them: what a training needs to know before it begins. */
public final class RowFacts {

    private final Survey survey;
    private final IntFunction<Vocabulary> counting;
    private final boolean tokens;
    private final boolean numericLabels;
    private final boolean everyStep;

    /** Of rows whose tokens are all counted. */
    RowFacts(Survey survey, RowParser parser) {
        this(survey, parser, size -> counted(survey, size));
    }

    private static Vocabulary counted(Survey survey, int maximumSize) {
        if (maximumSize == 0) {
            Vocabulary.requireSize(survey.tokens.size());
        }
        return Vocabulary.of(survey.tokens, maximumSize == 0 ? Vocabulary.MAX_SIZE : maximumSize, 1);
    }

    /** @param counting gives a vocabulary of that size at most (0 for no limit), where there are too many tokens for a survey */
    RowFacts(Survey survey, RowParser parser, IntFunction<Vocabulary> counting) {
        this.survey = survey;
        this.counting = counting;
        this.tokens = parser.tokens();
        this.numericLabels = parser.numericLabel();
        this.everyStep = parser.everyStep();
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

    /** What tells the training rows from any others: how many, their steps, and a hash of them all. */
    public String trainingFingerprint() {
        return fingerprint(survey.trainingSequences, survey.trainingSteps, survey.trainingHash);
    }

    /** The same of the rows held out. */
    public String heldOutFingerprint() {
        return fingerprint(survey.heldOutSequences, survey.heldOutSteps, survey.heldOutHash);
    }

    private static String fingerprint(long sequences, long steps, long hash) {
        return sequences + " sequences of " + steps + " steps with hash " + Long.toHexString(hash);
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
        return survey.manyTokens ? counting.apply(maximumSize) : counted(survey, maximumSize);
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

    /** Bytes of so many of these sequences with so many steps in all, as shards hold them. */
    long bytes(long sequences, long steps, RowDecoder decoder) {
        int perStep = tokens ? TokenArray.bytesPerId(decoder.ids()) : Float.BYTES * width();
        int perTerm = targetWidth() > 0 ? Float.BYTES * targetWidth() : 1;
        boolean nextTokens = decoder.task() == LearningTask.LANGUAGE_MODEL;
        long terms = nextTokens ? 0 : everyStep ? steps : sequences;
        return perStep * steps + perTerm * terms + Integer.BYTES * sequences;
    }

    /** The training part as streams: documents one behind the other in canonical order, each with as many steps as it has next tokens. */
    public Streams streams(int count, int window) {
        return new Streams(count, window, survey.trainingSteps - survey.trainingSequences);
    }
}
