package dev.unroll.worker;

import java.nio.ByteBuffer;

/** Count, sum and sum of squares of each column of rows of numbers, in double; those that are missing, NaN, are left out. Mutable. */
final class ColumnSums {

    private final long[] counts; // (D) numbers that are there
    private final double[] sums; // (D), then sums of squares (D)

    /** Zero. */
    ColumnSums(int width) {
        counts = new long[width];
        sums = new double[2 * width];
    }

    int width() {
        return counts.length;
    }

    /** @param weights of rows, of which those of weight 0 are left out; null where all count */
    void add(float[] values, float[] weights) {
        int width = counts.length;
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            if (!Double.isNaN(value) && (weights == null || weights[i / width] > 0)) {
                counts[i % width]++;
                sums[i % width] += value;
                sums[width + i % width] += value * value;
            }
        }
    }

    void merge(ColumnSums other) {
        for (int j = 0; j < counts.length; j++) {
            counts[j] += other.counts[j];
        }
        for (int j = 0; j < sums.length; j++) {
            sums[j] += other.sums[j];
        }
    }

    /** Of each column; 0 of one that is never there. */
    double[] means() {
        double[] means = new double[counts.length];
        for (int j = 0; j < means.length; j++) {
            means[j] = counts[j] == 0 ? 0 : sums[j] / counts[j];
        }
        return means;
    }

    /** Standard deviations; 1 of a column that never changes, or is never there. */
    double[] deviations() {
        double[] deviations = new double[counts.length];
        for (int j = 0; j < deviations.length; j++) {
            if (counts[j] == 0) {
                deviations[j] = 1;
                continue;
            }
            double mean = sums[j] / counts[j];
            double meanSquare = sums[deviations.length + j] / counts[j];
            double variance = meanSquare - mean * mean;
            // What is left of a constant is rounding: below this share of the mean square it is no variation.
            deviations[j] = variance <= 1e-12 * meanSquare ? 1 : StrictMath.sqrt(variance);
        }
        return deviations;
    }

    /** Bytes of so many columns. */
    static long bytes(long columns) {
        return (Long.BYTES + 2L * Double.BYTES) * columns;
    }

    void write(ByteBuffer out) {
        out.asLongBuffer().put(counts);
        out.position(out.position() + Long.BYTES * counts.length);
        out.asDoubleBuffer().put(sums);
        out.position(out.position() + Double.BYTES * sums.length);
    }

    void read(ByteBuffer in) {
        in.asLongBuffer().get(counts);
        in.position(in.position() + Long.BYTES * counts.length);
        in.asDoubleBuffer().get(sums);
        in.position(in.position() + Double.BYTES * sums.length);
    }
}
