package dev.unroll.data;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Rows of numbers within the bytes of a {@link CanonicalRow}: rows, width, then the numbers as float32 bits, or as double
 * bits where float32 does not hold all of them.
 */
final class RowNumbers {

    private RowNumbers() {}

    /** Whether float32 holds every one of them exactly. */
    static boolean areFloats(double[] values) {
        for (double value : values) {
            if (value != (float) value && !Double.isNaN(value)) {
                return false;
            }
        }
        return true;
    }

    static void write(DataOutputStream out, double[] values, int width, boolean floats) throws IOException {
        out.writeInt(values.length / width);
        out.writeInt(width);
        write(out, values, floats);
    }

    /** Numbers without their rows and width. */
    static void write(DataOutputStream out, double[] values, boolean floats) throws IOException {
        for (double value : values) {
            if (floats) {
                out.writeFloat((float) value);
            } else {
                out.writeDouble(value);
            }
        }
    }

    /** Numbers without their rows and width. */
    static double[] read(ByteBuffer in, int count, boolean floats) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = floats ? in.getFloat() : in.getDouble();
        }
        return values;
    }

    /** How many of them are NaN. */
    static long countMissing(ByteBuffer in, int count, boolean floats) {
        long missing = 0;
        for (int i = 0; i < count; i++) {
            missing += Double.isNaN(floats ? in.getFloat() : in.getDouble()) ? 1 : 0;
        }
        return missing;
    }

    /** Copies numbers given as doubles, as float32. */
    static void round(ByteBuffer in, ByteBuffer out) {
        int rows = in.getInt();
        int width = in.getInt();
        out.putInt(rows).putInt(width);
        round(in, out, rows * width);
    }

    /** As {@link #round(ByteBuffer, ByteBuffer)}, so many numbers without their rows and width. */
    static void round(ByteBuffer in, ByteBuffer out, int count) {
        for (int i = 0; i < count; i++) {
            out.putFloat((float) in.getDouble());
        }
    }

    /** Adds numbers to the ranges of their columns. */
    static void addTo(ColumnRanges ranges, ByteBuffer in, boolean floats) {
        int rows = in.getInt();
        int width = in.getInt();
        addTo(ranges, width, read(in, rows * width, floats));
    }

    /** Adds rows of numbers to the ranges of their columns. */
    static void addTo(ColumnRanges ranges, int width, double[] values) {
        ranges.widen(width);
        for (int i = 0; i < values.length; i++) {
            ranges.add(i % width, values[i]);
        }
    }
}
