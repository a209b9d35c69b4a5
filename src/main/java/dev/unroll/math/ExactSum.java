package dev.unroll.math;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A sum of doubles without any rounding, so that it is the same in every order: kept as parts whose bits do not overlap.
 * Mutable. For terms that are finite, and so small that no sum of them overflows.
 *
 * <p>Source: Shewchuk 1997, Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates, figures 6
 * (two-sum) and 8 (grow-expansion).
 */
public final class ExactSum {

    private double[] parts = new double[4];
    private int count;

    /** Adds a number. */
    public void add(double term) {
        double rest = term;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            double part = parts[i];
            double sum = rest + part;
            double ofPart = sum - rest;
            double error = (rest - (sum - ofPart)) + (part - ofPart);
            if (error != 0) {
                parts[kept++] = error;
            }
            rest = sum;
        }
        if (kept == parts.length) {
            parts = Arrays.copyOf(parts, 2 * kept);
        }
        parts[kept++] = rest;
        count = kept;
    }

    /** Adds the square of a number; exactly, unless it is below 1e-290. */
    public void addSquare(double number) {
        double square = number * number;
        add(square);
        add(Math.fma(number, number, -square));
    }

    /** Adds another sum. */
    public void add(ExactSum other) {
        for (int i = 0; i < other.count; i++) {
            add(other.parts[i]);
        }
    }

    /** The sum. */
    public BigDecimal value() {
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < count; i++) {
            sum = sum.add(new BigDecimal(parts[i]));
        }
        return sum;
    }

    /** What {@link #write} writes, in bytes. */
    public int byteCount() {
        return Integer.BYTES + count * Double.BYTES;
    }

    public void write(ByteBuffer out) {
        out.putInt(count);
        for (int i = 0; i < count; i++) {
            out.putDouble(parts[i]);
        }
    }

    /** Adds what {@link #write} wrote. */
    public void add(ByteBuffer in) {
        for (int i = in.getInt(); i > 0; i--) {
            add(in.getDouble());
        }
    }
}
