package dev.unroll.data;

import java.io.Serializable;
import java.util.Arrays;

/**
 * The least and the greatest number of each column of dense rows: the same in whatever order rows are added and parts
 * merged. Mutable.
 */
public final class ColumnRanges implements Serializable {

    private static final long serialVersionUID = 1L;

    private double[] minima = {}; // (D)
    private double[] maxima = {};

    /** Adds number j of a row; nothing where it is missing, NaN. */
    void add(int j, double value) {
        if (Double.isNaN(value)) {
            return;
        }
        minima[j] = Math.min(minima[j], value);
        maxima[j] = Math.max(maxima[j], value);
    }

    /** Prepares for rows of a width. */
    void widen(int width) {
        int before = minima.length;
        if (width > before) {
            minima = Arrays.copyOf(minima, width);
            maxima = Arrays.copyOf(maxima, width);
            Arrays.fill(minima, before, width, Double.POSITIVE_INFINITY);
            Arrays.fill(maxima, before, width, Double.NEGATIVE_INFINITY);
        }
    }

    public void merge(ColumnRanges other) {
        widen(other.width());
        for (int j = 0; j < other.width(); j++) {
            minima[j] = Math.min(minima[j], other.minima[j]);
            maxima[j] = Math.max(maxima[j], other.maxima[j]);
        }
    }

    /** D; 0 where nothing was added. */
    public int width() {
        return minima.length;
    }

    public double minimum(int j) {
        return minima[j];
    }

    public double maximum(int j) {
        return maxima[j];
    }

    /** Whether the column has a number at all. */
    boolean isThere(int j) {
        return minima[j] <= maxima[j];
    }

    /** The greatest number less the least. */
    public double size(int j) {
        return maxima[j] - minima[j];
    }

    /** The distance of neighbours in float32 at the level of the column. */
    public double float32Step(int j) {
        return Math.ulp((float) Math.max(Math.abs(minima[j]), Math.abs(maxima[j])));
    }

    /** How many steps of float32 the range has. */
    public double float32Steps(int j) {
        return size(j) / float32Step(j);
    }
}
