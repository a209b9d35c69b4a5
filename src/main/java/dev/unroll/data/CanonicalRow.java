package dev.unroll.data;

import dev.unroll.math.CounterRandom;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * A row as the bytes that training uses of it, and nothing else: its steps (tokens as UTF-8, numbers as float32 bits, or
 * as doubles where float32 does not hold all of them), its labels, its weight. File format, column order and partition
 * leave no trace in them.
 *
 * <p>Rows are sorted by {@link #hash}, which is that of the row with its numbers rounded to float32, and then by these
 * bytes, unsigned; the rank is the sequence's ordinal. Equal rows are equal sequences, so their order does not matter.
 *
 * <pre>
 * steps:  kind (1 byte)   0 characters: length, UTF-8          (a step is a code point)
 *                         1 tokens:     count, then per token length, UTF-8
 *                         2 numbers:    steps, width, then float32 bits
 *                         3 numbers:    steps, width, then double bits
 *                         4 columns:    steps, width, then float32 bits of numbers; columns of categories, then per column
 *                                       and step length, UTF-8; static numbers, then float32 bits; static categories,
 *                                       then of each length, UTF-8
 *                         5 columns:    the same with double bits
 *                                       a number has NaN bits, a category length -1, where it is missing
 * outcome: kind (1 byte)  0 labels:  count, then per label  0, length, UTF-8   or   1, double bits   or, for a number
 *                                    that a double does not hold,  2, length, its canonical digits
 *                         1 targets: terms, width, then float32 bits
 *                         2 targets: terms, width, then double bits
 *                                    an outcome has label 3, alone, or NaN bits where its step has none; a set of
 *                                    labels is a label 4, count, then its labels ascending
 * weight: float32 bits                                          (lengths and counts are 4 bytes, big-endian)
 * weights of labels or targets, where not all are 1:  count, then float32 bits
 * series, where each has a scale of its own:  count 0 where all weights are 1, then per key column length, UTF-8
 * </pre>
 *
 * @param bytes the encoded row; not copied
 */
public record CanonicalRow(byte[] bytes) {

    /** A row whose steps are the code points of a string. */
    public static CanonicalRow ofCharacters(String text, List<?> labels, float weight) {
        return ofCharacters(text, RowOutcome.labels(labels), weight);
    }

    /** A row whose steps are the code points of a string. */
    public static CanonicalRow ofCharacters(String text, RowOutcome outcome, float weight) {
        return encode(text.length(), out -> RowSteps.writeCharacters(out, text), outcome, weight);
    }

    /** A row whose steps are tokens. */
    public static CanonicalRow ofTokens(List<String> tokens, List<?> labels, float weight) {
        return ofTokens(tokens, RowOutcome.labels(labels), weight);
    }

    /** A row whose steps are tokens. */
    public static CanonicalRow ofTokens(List<String> tokens, RowOutcome outcome, float weight) {
        return encode(8 * tokens.size(), out -> RowSteps.writeTokens(out, tokens), outcome, weight);
    }

    /** A row whose steps are (T, width) numbers. */
    public static CanonicalRow ofValues(double[] values, int width, RowOutcome outcome, float weight) {
        boolean floats = RowNumbers.areFloats(values);
        return encode(
                (floats ? Float.BYTES : Double.BYTES) * values.length,
                out -> RowSteps.writeNumbers(out, values, width, floats),
                outcome,
                weight);
    }

    /** A row whose steps are columns. */
    public static CanonicalRow ofColumns(RowColumns columns, RowOutcome outcome, float weight) {
        int size =
                8 * columns.length() * (columns.width() + columns.categories().size());
        return encode(size, out -> RowSteps.writeColumns(out, columns), outcome, weight);
    }

    /** This row, which has no series yet, as one of a series. */
    public CanonicalRow ofSeries(List<String> key) {
        ByteArrayOutputStream more = new ByteArrayOutputStream(bytes.length + 32);
        try (DataOutputStream out = new DataOutputStream(more)) {
            out.write(bytes);
            if (!fromWeights().hasRemaining()) {
                out.writeInt(0); // all weights are 1
            }
            for (String text : key) {
                RowText.write(out, text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return new CanonicalRow(more.toByteArray());
    }

    /** The key of its series; empty where it has none. */
    public List<String> series() {
        ByteBuffer in = fromWeights();
        RowOutcome.readWeights(in);
        List<String> key = new ArrayList<>();
        while (in.hasRemaining()) {
            key.add(RowText.read(in));
        }
        return key;
    }

    private interface StepsWriter {
        void write(DataOutputStream out) throws IOException;
    }

    /** @param size approximate bytes of the steps */
    private static CanonicalRow encode(int size, StepsWriter steps, RowOutcome outcome, float weight) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(size + 32);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            steps.write(out);
            outcome.write(out);
            out.writeFloat(weight);
            outcome.writeWeights(out);
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return new CanonicalRow(bytes.toByteArray());
    }

    private RowSteps steps() {
        return new RowSteps(bytes);
    }

    /** The bytes from the outcome on. */
    private ByteBuffer fromOutcome() {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        steps().skip(in);
        return in;
    }

    /** The bytes from the weights of labels or targets on. */
    private ByteBuffer fromWeights() {
        ByteBuffer in = fromOutcome();
        RowOutcome.read(in);
        in.getFloat();
        return in;
    }

    /** hash64(seed, bytes): Murmur3 of the bytes with numbers as float32, mixed with the seed. */
    public long hash(long seed) {
        byte[] rounded = rounded().bytes;
        return CounterRandom.mix64(murmur(rounded, rounded.length) ^ CounterRandom.mix64(seed));
    }

    /**
     * A number in [0, 1) that depends on the steps alone, so that equal sequences stay on one side of a split whatever
     * their labels.
     */
    public double splitPosition() {
        CanonicalRow rounded = rounded();
        return (CounterRandom.mix64(murmur(rounded.bytes, rounded.steps().end())) >>> 11) * 0x1.0p-53;
    }

    private static long murmur(byte[] bytes, int length) {
        return MurmurHash3.hash128x64(bytes, 0, length, 0)[0];
    }

    /** This row with all numbers as float32. */
    private CanonicalRow rounded() {
        RowSteps steps = steps();
        boolean exactTargets = RowOutcome.isExact(fromOutcome());
        if (!steps.areExact() && !exactTargets) {
            return this;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        ByteBuffer out = ByteBuffer.allocate(bytes.length);
        steps.round(in, out);
        if (exactTargets) {
            RowOutcome.round(in, out);
        }
        out.put(in);
        return new CanonicalRow(Arrays.copyOf(out.array(), out.position()));
    }

    /** Whether steps are numbers or columns; otherwise they are tokens. */
    public boolean hasValues() {
        return steps().hasValues();
    }

    /** Adds the numbers of steps, of the whole sequence, and of targets to the ranges of their columns. */
    public void addTo(ColumnRanges steps, ColumnRanges statics, ColumnRanges targets) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        steps().addTo(steps, statics, in);
        RowOutcome.addTo(targets, in);
    }

    /** How many numbers of it are missing. */
    public long missingNumbers() {
        return steps().missingNumbers();
    }

    /** D of a row of numbers or columns. */
    public int width() {
        return steps().width();
    }

    /** Calls the visitor with every token of the row, in order; a row of numbers has none. */
    public void forEachToken(Consumer<String> visitor) {
        steps().forEachToken(visitor);
    }

    /** How many vocabularies it has: 1 of tokens, none of numbers, and of columns one for each of categories. */
    public int vocabularies() {
        return steps().vocabularies();
    }

    /** Counts every token of the row for each of its vocabularies. */
    public void countTokens(List<TokenCounts> counts) {
        steps().countTokens(counts);
    }

    /** The numbers of steps as the data have them, (T, width); of a row that {@link #hasValues}. */
    public double[] numbers() {
        return steps().numbers();
    }

    /** Number of steps, T. */
    public int length() {
        return steps().length();
    }

    /** The labels, as Strings, Doubles, BigDecimals or {@link LabelSet}s, null for one that is missing; none where there are targets. */
    public List<?> labels() {
        return RowOutcome.read(fromOutcome()).labels();
    }

    /** Its labels or targets, and what they weigh. */
    public RowOutcome outcome() {
        ByteBuffer in = fromOutcome();
        RowOutcome outcome = RowOutcome.read(in);
        in.getFloat();
        float[] weights = RowOutcome.readWeights(in);
        return weights == null ? outcome : outcome.weighted(weights);
    }

    /** The size of one target; 0 where there are labels. */
    public int targetWidth() {
        return RowOutcome.width(fromOutcome());
    }

    /**
     * The row as ids and scaled numbers: tokens by the vocabulary, labels by their index. Targets are there as they
     * were scaled, and exactly.
     */
    public Sequence decode(Encoding encoding) {
        Encoding own = own(encoding);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Steps steps = steps().read(in, own);
        Terms terms = RowOutcome.read(in).terms(own);
        float weight = in.getFloat();
        float[] weights = RowOutcome.readWeights(in);
        Terms weighted = weights == null ? terms : terms.weighted(weights);
        return new Sequence(steps, weighted, encoding.ownScale(own), encoding.level(own), weight);
    }

    private Encoding own(Encoding encoding) {
        return switch (encoding.scaling().kind()) {
            case TRAINING -> encoding; // tokens have no numbers to read
            case WINDOW -> encoding.of(numbers(), width());
            case SERIES -> encoding.with(encoding.scaling().of(series()));
        };
    }

    /** The row as a language model reads it: every token but the last is a step, and its label is the next token. */
    public Sequence decodeNext(Vocabulary vocabulary) {
        int[] ids = steps().ids(vocabulary);
        ByteBuffer in = fromOutcome();
        RowOutcome.read(in);
        return Sequence.ofTokens(
                Arrays.copyOf(ids, ids.length - 1), Arrays.copyOfRange(ids, 1, ids.length), in.getFloat());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CanonicalRow row && Arrays.equals(bytes, row.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "CanonicalRow[" + bytes.length + " bytes]";
    }
}
