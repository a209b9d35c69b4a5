package dev.unroll.data;

import dev.unroll.math.CounterRandom;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
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
 * outcome: kind (1 byte)  0 labels:  count, then per label  0, length, UTF-8   or   1, double bits   or, for a number
 *                                    that a double does not hold,  2, length, its canonical digits
 *                         1 targets: terms, width, then float32 bits
 *                         2 targets: terms, width, then double bits
 * weight: float32 bits                                          (lengths and counts are 4 bytes, big-endian)
 * </pre>
 *
 * @param bytes the encoded row; not copied
 */
public record CanonicalRow(byte[] bytes) {

    private static final byte CHARACTERS = 0;
    private static final byte TOKENS = 1;
    private static final byte NUMBERS = 2;
    private static final byte EXACT_NUMBERS = 3;
    private static final byte LABELS = 0;
    private static final byte TARGETS = 1;
    private static final byte EXACT_TARGETS = 2;
    private static final byte TEXT_LABEL = 0;
    private static final byte NUMBER_LABEL = 1;
    private static final byte EXACT_LABEL = 2;

    /**
     * What a row says about its steps: labels (Strings, or numbers as {@link Labels#ofNumber} gives them), or targets
     * (terms, width), or nothing.
     *
     * @param width 0 where there are labels
     */
    public record Outcome(List<?> labels, double[] targets, int width) {

        /** Nothing. */
        public static final Outcome NONE = labels(List.of());

        public static Outcome labels(List<?> labels) {
            return new Outcome(labels, new double[0], 0);
        }

        public static Outcome targets(double[] targets, int width) {
            return new Outcome(List.of(), targets, width);
        }
    }

    /** A row whose steps are the code points of a string. */
    public static CanonicalRow ofCharacters(String text, List<?> labels, float weight) {
        return ofCharacters(text, Outcome.labels(labels), weight);
    }

    /** A row whose steps are the code points of a string. */
    public static CanonicalRow ofCharacters(String text, Outcome outcome, float weight) {
        return encode(CHARACTERS, text.length(), out -> writeText(out, text), outcome, weight);
    }

    /** A row whose steps are tokens. */
    public static CanonicalRow ofTokens(List<String> tokens, List<?> labels, float weight) {
        return ofTokens(tokens, Outcome.labels(labels), weight);
    }

    /** A row whose steps are tokens. */
    public static CanonicalRow ofTokens(List<String> tokens, Outcome outcome, float weight) {
        return encode(
                TOKENS,
                8 * tokens.size(),
                out -> {
                    out.writeInt(tokens.size());
                    for (String token : tokens) {
                        writeText(out, token);
                    }
                },
                outcome,
                weight);
    }

    /** A row whose steps are (T, width) numbers. */
    public static CanonicalRow ofValues(double[] values, int width, Outcome outcome, float weight) {
        boolean floats = RowNumbers.areFloats(values);
        return encode(
                floats ? NUMBERS : EXACT_NUMBERS,
                (floats ? Float.BYTES : Double.BYTES) * values.length,
                out -> RowNumbers.write(out, values, width, floats),
                outcome,
                weight);
    }

    private interface Steps {
        void write(DataOutputStream out) throws IOException;
    }

    /** @param size approximate bytes of the steps */
    private static CanonicalRow encode(byte kind, int size, Steps steps, Outcome outcome, float weight) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(size + 32);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(kind);
            steps.write(out);
            if (outcome.width() > 0) {
                boolean floats = RowNumbers.areFloats(outcome.targets());
                out.writeByte(floats ? TARGETS : EXACT_TARGETS);
                RowNumbers.write(out, outcome.targets(), outcome.width(), floats);
            } else {
                out.writeByte(LABELS);
                writeLabels(out, outcome.labels());
            }
            out.writeFloat(weight);
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return new CanonicalRow(bytes.toByteArray());
    }

    private static void writeLabels(DataOutputStream out, List<?> labels) throws IOException {
        out.writeInt(labels.size());
        for (Object label : labels) {
            if (label instanceof Double number) {
                out.writeByte(NUMBER_LABEL);
                out.writeLong(Double.doubleToLongBits(number));
            } else if (label instanceof BigDecimal number) {
                out.writeByte(EXACT_LABEL);
                writeText(out, number.toString());
            } else {
                out.writeByte(TEXT_LABEL);
                writeText(out, (String) label);
            }
        }
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
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
        return (CounterRandom.mix64(murmur(rounded.bytes, rounded.stepsLength())) >>> 11) * 0x1.0p-53;
    }

    private static long murmur(byte[] bytes, int length) {
        return MurmurHash3.hash128x64(bytes, 0, length, 0)[0];
    }

    /** This row with all numbers as float32. */
    private CanonicalRow rounded() {
        int steps = stepsLength();
        boolean exactSteps = bytes[0] == EXACT_NUMBERS;
        boolean exactTargets = bytes[steps] == EXACT_TARGETS;
        if (!exactSteps && !exactTargets) {
            return this;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        ByteBuffer out = ByteBuffer.allocate(bytes.length);
        if (exactSteps) {
            in.get();
            RowNumbers.round(in, out.put(NUMBERS));
        }
        out.put(bytes, in.position(), steps - in.position());
        in.position(steps);
        if (exactTargets) {
            in.get();
            RowNumbers.round(in, out.put(TARGETS));
        }
        out.put(in);
        return new CanonicalRow(Arrays.copyOf(out.array(), out.position()));
    }

    private int stepsLength() {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        skipSteps(in);
        return in.position();
    }

    /** Whether steps are numbers; otherwise they are tokens. */
    public boolean hasValues() {
        return bytes[0] == NUMBERS || bytes[0] == EXACT_NUMBERS;
    }

    /** Adds the numbers of steps and targets to the ranges of their columns. */
    public void addTo(ColumnRanges steps, ColumnRanges targets) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (hasValues()) {
            RowNumbers.addTo(steps, in, in.get() == NUMBERS);
        } else {
            skipSteps(in);
        }
        byte kind = in.get();
        if (kind != LABELS) {
            RowNumbers.addTo(targets, in, kind == TARGETS);
        }
    }

    /** D of a row of numbers. */
    public int width() {
        return ByteBuffer.wrap(bytes).getInt(1 + Integer.BYTES);
    }

    /** Calls the visitor with every token of the row, in order; a row of numbers has none. */
    public void forEachToken(Consumer<String> visitor) {
        if (bytes[0] == CHARACTERS) {
            forEachCodePoint(codePoint -> visitor.accept(Character.toString(codePoint)));
        } else if (bytes[0] == TOKENS) {
            forEachWord(visitor);
        }
    }

    /** Counts every token of the row; a row of numbers has none. */
    public void countTokens(TokenCounts counts) {
        if (bytes[0] == CHARACTERS) {
            forEachCodePoint(counts::addCharacter);
        } else if (bytes[0] == TOKENS) {
            forEachWord(counts::add);
        }
    }

    private void forEachWord(Consumer<String> visitor) {
        ByteBuffer in = ByteBuffer.wrap(bytes).position(1);
        for (int n = in.getInt(); n > 0; n--) {
            visitor.accept(readText(in));
        }
    }

    /** The code points of a row of characters, without an object for each. We wrote the UTF-8, so it is well-formed. */
    private void forEachCodePoint(IntConsumer visitor) {
        int at = 1 + Integer.BYTES;
        int end = at + ByteBuffer.wrap(bytes).getInt(1);
        while (at < end) {
            int first = bytes[at++];
            if (first >= 0) {
                visitor.accept(first);
                continue;
            }
            int more = (first & 0xe0) == 0xc0 ? 1 : (first & 0xf0) == 0xe0 ? 2 : 3;
            int codePoint = first & (0x3f >> more);
            for (; more > 0; more--) {
                codePoint = (codePoint << 6) | (bytes[at++] & 0x3f);
            }
            visitor.accept(codePoint);
        }
    }

    /** Number of steps, T. */
    public int length() {
        if (bytes[0] != CHARACTERS) {
            return ByteBuffer.wrap(bytes).getInt(1);
        }
        int start = 1 + Integer.BYTES;
        int end = start + ByteBuffer.wrap(bytes).getInt(1);
        int length = 0;
        for (int at = start; at < end; at++) {
            length += (bytes[at] & 0xc0) == 0x80 ? 0 : 1; // each byte that begins a code point
        }
        return length;
    }

    private static void skipSteps(ByteBuffer in) {
        byte kind = in.get();
        int count = in.getInt();
        if (kind == CHARACTERS) {
            in.position(in.position() + count);
        } else if (kind == TOKENS) {
            for (int t = 0; t < count; t++) {
                int length = in.getInt();
                in.position(in.position() + length);
            }
        } else {
            int width = in.getInt();
            in.position(in.position() + count * width * (kind == NUMBERS ? Float.BYTES : Double.BYTES));
        }
    }

    /** The labels, as Strings, Doubles or BigDecimals; none where there are targets. */
    public List<?> labels() {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        skipSteps(in);
        return readOutcome(in).labels();
    }

    /** The size of one target; 0 where there are labels. */
    public int targetWidth() {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        skipSteps(in);
        return in.get() == LABELS ? 0 : in.getInt(in.position() + Integer.BYTES);
    }

    private static Outcome readOutcome(ByteBuffer in) {
        byte kind = in.get();
        int count = in.getInt();
        if (kind != LABELS) {
            int width = in.getInt();
            return Outcome.targets(RowNumbers.read(in, count * width, kind == TARGETS), width);
        }
        List<Object> labels = new ArrayList<>();
        for (int n = count; n > 0; n--) {
            labels.add(
                    switch (in.get()) {
                        case NUMBER_LABEL -> in.getDouble();
                        case EXACT_LABEL -> new BigDecimal(readText(in));
                        default -> readText(in);
                    });
        }
        return Outcome.labels(labels);
    }

    private static String readText(ByteBuffer in) {
        byte[] utf8 = new byte[in.getInt()];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** The row as ids and float32: as {@link #decode(Vocabulary, Labels, Scaling)}, with numbers left as they are. */
    public Sequence decode(Vocabulary vocabulary, Labels labels) {
        return decode(vocabulary, labels, Scaling.NONE);
    }

    /**
     * The row as ids and scaled numbers: tokens by the vocabulary (null for numbers), labels by their index (null for
     * targets). Targets are there as they were scaled, and exactly.
     */
    public Sequence decode(Vocabulary vocabulary, Labels labels, Scaling scaling) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (hasValues()) {
            boolean floats = in.get() == NUMBERS;
            int steps = in.getInt();
            int width = in.getInt();
            float[] values = scaling.inputs().apply(RowNumbers.read(in, steps * width, floats));
            Outcome outcome = readOutcome(in);
            return with(Sequence.ofValues(values, width, indices(outcome, labels), in.getFloat()), outcome, scaling);
        }
        int[] ids = ids(vocabulary);
        skipSteps(in);
        Outcome outcome = readOutcome(in);
        return with(Sequence.ofTokens(ids, indices(outcome, labels), in.getFloat()), outcome, scaling);
    }

    /** The row as a language model reads it: every token but the last is a step, and its label is the next token. */
    public Sequence decodeNext(Vocabulary vocabulary) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int[] ids = ids(vocabulary);
        skipSteps(in);
        readOutcome(in);
        return Sequence.ofTokens(
                Arrays.copyOf(ids, ids.length - 1), Arrays.copyOfRange(ids, 1, ids.length), in.getFloat());
    }

    private int[] ids(Vocabulary vocabulary) {
        IntBuffer ids = IntBuffer.allocate(length());
        if (bytes[0] == CHARACTERS) {
            forEachCodePoint(codePoint -> ids.put(vocabulary.id(codePoint)));
        } else {
            forEachWord(token -> ids.put(vocabulary.id(token)));
        }
        return ids.array();
    }

    private static int[] indices(Outcome outcome, Labels labels) {
        // A lambda: a method reference would ask labels that are null, as those of numbers are, although there is no
        // label.
        return outcome.labels().stream().mapToInt(label -> labels.index(label)).toArray();
    }

    private static Sequence with(Sequence sequence, Outcome outcome, Scaling scaling) {
        if (outcome.width() == 0) {
            return sequence;
        }
        boolean same = scaling.targets().means().length == 0 && RowNumbers.areFloats(outcome.targets());
        return sequence.withTargets(
                scaling.targets().apply(outcome.targets()), same ? null : outcome.targets(), outcome.width());
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
