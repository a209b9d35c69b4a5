package dev.unroll.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/**
 * Numbers brought to mean 0 and standard deviation 1, column by column: x becomes (x - mean) / deviation. Immutable by
 * convention.
 *
 * <p>Where float32 is fine enough for every column, numbers, means and deviations are rounded to it first. Where it is
 * not (values of some 1e9 that change by 10, say), all is in double and the quotient alone is rounded. Back in the units
 * of the numbers everything is double.
 *
 * @param means (D); empty to leave numbers as they are
 * @param deviations (D), all above 0
 * @param inDouble whether numbers are scaled before they are rounded to float32
 */
public record Standardization(double[] means, double[] deviations, boolean inDouble) implements Serializable {

    /** Leaves numbers as they are. */
    public static final Standardization NONE = new Standardization(new double[0], new double[0], false);

    /** Steps of float32 in the range of a column, from which on it is fine enough: its rounding is 2^-17 of the range. */
    private static final double FINE = 1 << 16;

    public Standardization {
        if (means.length != deviations.length) {
            throw new IllegalArgumentException(
                    "the scaling has " + means.length + " means and " + deviations.length + " deviations");
        }
        for (int j = 0; j < means.length; j++) {
            if (!Double.isFinite(means[j]) || !(deviations[j] > 0) || !Double.isFinite(deviations[j])) {
                throw new IllegalArgumentException("the scaling of number " + j + " has mean " + means[j]
                        + " and deviation " + deviations[j] + "; allowed are finite numbers, and deviations above 0");
            }
        }
    }

    /** In float32. */
    public static Standardization of(float[] means, float[] deviations) {
        return new Standardization(Doubles.of(means), Doubles.of(deviations), false);
    }

    /**
     * A first, coarse scaling of numbers in double, to measure their statistics in: by the middle and the size of their
     * range. {@link #NONE} where float32 is fine enough for all columns.
     */
    public static Standardization coarse(ColumnRanges ranges) {
        double[] middles = new double[ranges.width()];
        double[] sizes = new double[middles.length];
        boolean fine = true;
        for (int j = 0; j < middles.length; j++) {
            if (!ranges.isThere(j)) {
                sizes[j] = 1;
                continue;
            }
            double size = ranges.size(j);
            fine &= size == 0 || (ranges.float32Steps(j) >= FINE && size >= Float.MIN_NORMAL);
            middles[j] = ranges.minimum(j) + size / 2;
            sizes[j] = size < Double.MIN_NORMAL ? 1 : size;
        }
        return fine ? NONE : new Standardization(middles, sizes, true);
    }

    /**
     * This scaling followed by another: that of the numbers that this one gives.
     *
     * @param then means of those numbers
     * @param thenDeviations their deviations
     */
    public Standardization followedBy(double[] then, double[] thenDeviations) {
        if (!inDouble) {
            return of(Doubles.rounded(then), Doubles.rounded(thenDeviations));
        }
        double[] both = new double[means.length];
        double[] bothDeviations = new double[means.length];
        for (int j = 0; j < both.length; j++) {
            both[j] = Math.fma(then[j], deviations[j], means[j]);
            bothDeviations[j] = thenDeviations[j] * deviations[j];
        }
        return new Standardization(both, bothDeviations, true);
    }

    /** The scaling of column j alone. */
    Standardization column(int j) {
        return new Standardization(new double[] {means[j]}, new double[] {deviations[j]}, inDouble);
    }

    /** The scaling of so many columns that are each scaled as this one of one column; 0 for {@link #NONE}. */
    public Standardization repeated(int columns) {
        double[] same = new double[columns];
        double[] sameDeviations = new double[columns];
        Arrays.fill(same, means[0]);
        Arrays.fill(sameDeviations, deviations[0]);
        return columns == 0 ? NONE : new Standardization(same, sameDeviations, inDouble);
    }

    /** Scaled numbers of rows of D. */
    public float[] apply(double[] values) {
        float[] scaled = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            scaled[i] = apply(values[i], i);
        }
        return scaled;
    }

    private float apply(double value, int i) {
        if (means.length == 0) {
            return (float) value;
        }
        int j = i % means.length;
        return inDouble
                ? (float) ((value - means[j]) / deviations[j])
                : ((float) value - (float) means[j]) / (float) deviations[j];
    }

    /** How counts of that level are scaled. */
    static Standardization ofLevel(double level) {
        return new Standardization(new double[] {0}, new double[] {level}, true);
    }

    /** How the same columns are scaled if they are counts: never centred, and divided by a level that is made of their mean. */
    Standardization ofCounts(DoubleUnaryOperator level) {
        double[] levels = DoubleStream.of(means).map(level).toArray();
        return new Standardization(new double[levels.length], levels, inDouble);
    }

    /** A scaled number in its own units: of column j, or of any column where one scaling is that of all. */
    public double undo(float value, int j) {
        if (means.length == 0) {
            return value;
        }
        int column = j % means.length;
        return Math.fma((double) value, deviations[column], means[column]);
    }

    /** The unit of scaled numbers of column j, or of any column where one scaling is that of all. */
    public double deviation(int j) {
        return means.length == 0 ? 1 : deviations[j % means.length];
    }
}
