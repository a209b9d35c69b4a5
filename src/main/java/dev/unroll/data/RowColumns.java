package dev.unroll.data;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The columns that a row's sequence is made of: T steps of D numbers and a category of each of K columns, and what holds
 * for all of them, its statics.
 *
 * @param numbers (T, D), row-major; NaN for one that is missing
 * @param width D, may be 0
 * @param categories by column (K)(T); null for one that is missing
 * @param staticNumbers NaN for one that is missing
 * @param statics categories of the whole sequence, null for one that is missing
 */
public record RowColumns(
        double[] numbers, int width, List<List<String>> categories, double[] staticNumbers, List<String> statics) {

    private static final int MISSING = -1; // in place of a text's length

    /** T, the number of steps. */
    public int length() {
        return categories.isEmpty() ? numbers.length / width : categories.get(0).size();
    }

    /** Whether float32 holds all numbers. */
    boolean areFloats() {
        return RowNumbers.areFloats(numbers) && RowNumbers.areFloats(staticNumbers);
    }

    /** How many numbers are missing. */
    public long missingNumbers() {
        return missing(numbers) + missing(staticNumbers);
    }

    private static long missing(double[] some) {
        long missing = 0;
        for (double number : some) {
            missing += Double.isNaN(number) ? 1 : 0;
        }
        return missing;
    }

    void write(DataOutputStream out, boolean floats) throws IOException {
        out.writeInt(length());
        out.writeInt(width);
        RowNumbers.write(out, numbers, floats);
        out.writeInt(categories.size());
        for (List<String> column : categories) {
            write(out, column);
        }
        out.writeInt(staticNumbers.length);
        RowNumbers.write(out, staticNumbers, floats);
        out.writeInt(statics.size());
        write(out, statics);
    }

    private static void write(DataOutputStream out, List<String> texts) throws IOException {
        for (String text : texts) {
            if (text == null) {
                out.writeInt(MISSING);
            } else {
                RowText.write(out, text);
            }
        }
    }

    /** What {@link #write} wrote. */
    static RowColumns read(ByteBuffer in, boolean floats) {
        int steps = in.getInt();
        int width = in.getInt();
        double[] numbers = RowNumbers.read(in, steps * width, floats);
        List<List<String>> categories = new ArrayList<>();
        for (int columns = in.getInt(); columns > 0; columns--) {
            categories.add(texts(in, steps));
        }
        double[] staticNumbers = RowNumbers.read(in, in.getInt(), floats);
        return new RowColumns(numbers, width, categories, staticNumbers, texts(in, in.getInt()));
    }

    private static List<String> texts(ByteBuffer in, int count) {
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean missing = in.getInt(in.position()) == MISSING;
            if (missing) {
                in.getInt();
            }
            texts.add(missing ? null : RowText.read(in));
        }
        return Collections.unmodifiableList(texts);
    }

    /** Moves a buffer to the end of what {@link #write} wrote. */
    static void skip(ByteBuffer in, boolean floats) {
        int bytes = floats ? Float.BYTES : Double.BYTES;
        int steps = in.getInt();
        int width = in.getInt();
        in.position(in.position() + steps * width * bytes);
        for (int columns = in.getInt(); columns > 0; columns--) {
            skipTexts(in, steps);
        }
        int staticNumbers = in.getInt();
        in.position(in.position() + staticNumbers * bytes);
        skipTexts(in, in.getInt());
    }

    private static void skipTexts(ByteBuffer in, int count) {
        for (int i = 0; i < count; i++) {
            int length = in.getInt();
            in.position(in.position() + Math.max(0, length));
        }
    }

    /** Copies columns whose numbers are doubles, with numbers as float32. */
    static void round(ByteBuffer in, ByteBuffer out) {
        int steps = in.getInt();
        int width = in.getInt();
        out.putInt(steps).putInt(width);
        RowNumbers.round(in, out, steps * width);
        int start = in.position();
        for (int columns = in.getInt(); columns > 0; columns--) {
            skipTexts(in, steps);
        }
        int staticNumbers = in.getInt();
        copy(in, start, out);
        RowNumbers.round(in, out, staticNumbers);
        start = in.position();
        skipTexts(in, in.getInt());
        copy(in, start, out);
    }

    /** Copies what was read since a position. */
    private static void copy(ByteBuffer in, int start, ByteBuffer out) {
        int end = in.position();
        out.put(in.slice(start, end - start));
    }

    /** The category columns, of steps and then of the whole sequence, each with its values. */
    List<List<String>> categoryColumns() {
        List<List<String>> columns = new ArrayList<>(categories);
        statics.forEach(text -> columns.add(Collections.singletonList(text)));
        return columns;
    }

    /** As ids and scaled numbers. */
    Steps.Mixed steps(Columns columns, Scaling scaling) {
        int[][] ids = new int[categories.size()][];
        for (int k = 0; k < ids.length; k++) {
            ids[k] = ids(categories.get(k), columns.categories().get(k).vocabulary());
        }
        int[] staticIds = new int[statics.size()];
        for (int k = 0; k < staticIds.length; k++) {
            staticIds[k] = id(statics.get(k), columns.statics().get(k).vocabulary());
        }
        return new Steps.Mixed(
                scaling.inputs().apply(numbers), width, ids, scaling.statics().apply(staticNumbers), staticIds);
    }

    private static int[] ids(List<String> texts, Vocabulary vocabulary) {
        return texts.stream().mapToInt(text -> id(text, vocabulary)).toArray();
    }

    private static int id(String text, Vocabulary vocabulary) {
        return text == null ? Vocabulary.UNKNOWN : vocabulary.id(text);
    }
}
