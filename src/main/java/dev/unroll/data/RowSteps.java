package dev.unroll.data;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** The steps of a {@link CanonicalRow}, with which its bytes begin. */
final class RowSteps {

    private static final byte CHARACTERS = 0;
    private static final byte TOKENS = 1;
    private static final byte NUMBERS = 2;
    private static final byte EXACT_NUMBERS = 3;
    private static final byte COLUMNS = 4;
    private static final byte EXACT_COLUMNS = 5;

    private final byte[] bytes;

    /** @param bytes of the row; not copied */
    RowSteps(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Writes the code points of a text. */
    static void writeCharacters(DataOutputStream out, String text) throws IOException {
        out.writeByte(CHARACTERS);
        RowText.write(out, text);
    }

    static void writeTokens(DataOutputStream out, List<String> tokens) throws IOException {
        out.writeByte(TOKENS);
        out.writeInt(tokens.size());
        for (String token : tokens) {
            RowText.write(out, token);
        }
    }

    /**
     * @param values (T, width)
     * @param floats whether float32 holds all of them
     */
    static void writeNumbers(DataOutputStream out, double[] values, int width, boolean floats) throws IOException {
        out.writeByte(floats ? NUMBERS : EXACT_NUMBERS);
        RowNumbers.write(out, values, width, floats);
    }

    static void writeColumns(DataOutputStream out, RowColumns columns) throws IOException {
        boolean floats = columns.areFloats();
        out.writeByte(floats ? COLUMNS : EXACT_COLUMNS);
        columns.write(out, floats);
    }

    /** Whether steps are numbers or columns; otherwise they are tokens. */
    boolean hasValues() {
        return bytes[0] != CHARACTERS && bytes[0] != TOKENS;
    }

    /** Whether steps have numbers that float32 does not hold. */
    boolean areExact() {
        return bytes[0] == EXACT_NUMBERS || bytes[0] == EXACT_COLUMNS;
    }

    private static boolean areColumns(byte kind) {
        return kind == COLUMNS || kind == EXACT_COLUMNS;
    }

    private static boolean areFloats(byte kind) {
        return kind == NUMBERS || kind == COLUMNS;
    }

    /** D of numbers or columns. */
    int width() {
        return ByteBuffer.wrap(bytes).getInt(1 + Integer.BYTES);
    }

    /** Number of steps, T. */
    int length() {
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

    /** Where the steps end, in bytes. */
    int end() {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        skip(in);
        return in.position();
    }

    /** Moves a buffer of the row from its first byte to the end of its steps. */
    void skip(ByteBuffer in) {
        byte kind = in.get();
        if (areColumns(kind)) {
            RowColumns.skip(in, areFloats(kind));
            return;
        }
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

    /** Copies the steps with numbers as float32. */
    void round(ByteBuffer in, ByteBuffer out) {
        if (bytes[0] == EXACT_NUMBERS) {
            in.get();
            RowNumbers.round(in, out.put(NUMBERS));
        } else if (bytes[0] == EXACT_COLUMNS) {
            in.get();
            RowColumns.round(in, out.put(COLUMNS));
        } else {
            skip(in);
            out.put(bytes, 0, in.position());
        }
    }

    /** Adds numbers to the ranges of their columns; of tokens it only reads to their end. */
    void addTo(ColumnRanges ranges, ColumnRanges statics, ByteBuffer in) {
        if (areColumns(bytes[0])) {
            RowColumns columns = readColumns(in);
            RowNumbers.addTo(ranges, columns.width(), columns.numbers());
            RowNumbers.addTo(statics, columns.staticNumbers().length, columns.staticNumbers());
        } else if (hasValues()) {
            RowNumbers.addTo(ranges, in, in.get() == NUMBERS);
        } else {
            skip(in);
        }
    }

    /** The steps as ids or scaled numbers. */
    Steps read(ByteBuffer in, Encoding encoding) {
        if (!hasValues()) {
            skip(in);
            return new Steps.Tokens(ids(encoding.vocabulary()));
        }
        if (areColumns(bytes[0])) {
            return encoding.steps(readColumns(in));
        }
        return encoding.steps(readNumbers(in), width());
    }

    private static RowColumns readColumns(ByteBuffer in) {
        return RowColumns.read(in, areFloats(in.get()));
    }

    /** How many numbers are missing. */
    long missingNumbers() {
        if (!hasValues()) {
            return 0;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (areColumns(bytes[0])) {
            return readColumns(in).missingNumbers();
        }
        boolean floats = areFloats(in.get());
        return RowNumbers.countMissing(in, in.getInt() * in.getInt(), floats);
    }

    /** The numbers as the data have them, (T, width). */
    double[] numbers() {
        return readNumbers(ByteBuffer.wrap(bytes));
    }

    private static double[] readNumbers(ByteBuffer in) {
        boolean floats = areFloats(in.get());
        int steps = in.getInt();
        int width = in.getInt();
        return RowNumbers.read(in, steps * width, floats);
    }

    /** The ids of tokens, (T). */
    int[] ids(Vocabulary vocabulary) {
        IntBuffer ids = IntBuffer.allocate(length());
        if (bytes[0] == CHARACTERS) {
            forEachCodePoint(codePoint -> ids.put(vocabulary.id(codePoint)));
        } else {
            forEachWord(token -> ids.put(vocabulary.id(token)));
        }
        return ids.array();
    }

    /** Calls the visitor with every token, in order; numbers have none. */
    void forEachToken(Consumer<String> visitor) {
        if (bytes[0] == CHARACTERS) {
            forEachCodePoint(codePoint -> visitor.accept(Character.toString(codePoint)));
        } else if (bytes[0] == TOKENS) {
            forEachWord(visitor);
        }
    }

    /** How many vocabularies the steps have: 1 of tokens, none of numbers, and of columns one for each of categories. */
    int vocabularies() {
        return areColumns(bytes[0]) ? categoryColumns().size() : hasValues() ? 0 : 1;
    }

    private List<List<String>> categoryColumns() {
        return readColumns(ByteBuffer.wrap(bytes)).categoryColumns();
    }

    /** Counts every token for each vocabulary. */
    void countTokens(List<TokenCounts> counts) {
        if (bytes[0] == CHARACTERS) {
            forEachCodePoint(counts.get(0)::addCharacter);
        } else if (bytes[0] == TOKENS) {
            forEachWord(counts.get(0)::add);
        } else if (areColumns(bytes[0])) {
            List<List<String>> columns = categoryColumns();
            for (int k = 0; k < columns.size(); k++) {
                columns.get(k).stream().filter(Objects::nonNull).forEach(counts.get(k)::add);
            }
        }
    }

    private void forEachWord(Consumer<String> visitor) {
        ByteBuffer in = ByteBuffer.wrap(bytes).position(1);
        for (int n = in.getInt(); n > 0; n--) {
            visitor.accept(RowText.read(in));
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
}
