package dev.unroll.math;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * A sum of doubles without rounding: {@link #value} is the exact sum, rounded once. So it is the same to the bit in whatever
 * order numbers are added and sums merged. With NaN among the numbers, or both infinities, it is NaN; with one infinity, that.
 * Mutable; not thread-safe.
 *
 * <p>Source: the superaccumulators of Neal 2015, Fast exact summation using small and large superaccumulators.
 */
public final class ExactSum {

    /*
     * A finite double is an integer of 53 bits times 2^(place - 1074), with place from 0 to 2045. The sum is a fixed-point number of
     * that unit, in limbs of 32 bits that are longs, so that 2^31 numbers fit before carries must be propagated:
     *
     *     sum = 2^-1074 * sum over i of limbs[i] * 2^(32 (first + i))
     *
     * Only the limbs in use are there: numbers of one size need few.
     */

    private static final int BITS = 32;
    private static final long MASK = (1L << BITS) - 1;
    private static final int UNIT = -1074; // exponent of the smallest double
    private static final int MOST_PENDING = 1 << 29;

    private int first;
    private long[] limbs = {};
    private int pending; // numbers that were added since carries were propagated
    private double special; // sum of NaN and infinities

    public void add(double number) {
        if (!Double.isFinite(number)) {
            special += number;
            return;
        }
        if (number == 0) {
            return;
        }
        long bits = Double.doubleToRawLongBits(number);
        int exponent = (int) (bits >>> 52) & 0x7ff;
        long fraction = bits & ((1L << 52) - 1);
        long integer = exponent == 0 ? fraction : fraction | (1L << 52);
        int place = Math.max(exponent, 1) - 1;
        int shift = place % BITS;
        long sign = number < 0 ? -1 : 1;
        makeRoom(1);
        int at = cover(place / BITS, 3);
        limbs[at] += sign * ((integer << shift) & MASK);
        limbs[at + 1] += sign * ((integer >>> (BITS - shift)) & MASK);
        limbs[at + 2] += sign * (integer >>> (2 * BITS - 1 - shift) >>> 1);
    }

    /** Adds the square of a number; exactly, unless it is below 1e-290. */
    public void addSquare(double number) {
        double square = number * number;
        add(square);
        add(Math.fma(number, number, -square));
    }

    public void merge(ExactSum other) {
        special += other.special;
        if (other.limbs.length > 0) {
            makeRoom(other.pending + 1);
            int at = cover(other.first, other.limbs.length);
            for (int i = 0; i < other.limbs.length; i++) {
                limbs[at + i] += other.limbs[i];
            }
        }
    }

    private void makeRoom(int numbers) {
        if (pending + numbers > MOST_PENDING) {
            carry();
        }
        pending += numbers;
    }

    /** Makes limbs for these places, and returns the index of the first. */
    private int cover(int from, int count) {
        if (limbs.length == 0) {
            first = from;
        }
        int below = Math.max(0, first - from);
        int length = Math.max(below + limbs.length, below + from + count - first);
        if (length > limbs.length) {
            long[] wider = new long[length];
            System.arraycopy(limbs, 0, wider, below, limbs.length);
            limbs = wider;
            first -= below;
        }
        return from - first;
    }

    /** Leaves 32 bits in every limb but a new last one, which has the sign. */
    private void carry() {
        limbs = Arrays.copyOf(limbs, limbs.length + 1);
        for (int i = 0; i < limbs.length - 1; i++) {
            limbs[i + 1] += limbs[i] >> BITS;
            limbs[i] &= MASK;
        }
        pending = 1;
    }

    /** The sum, rounded to the nearest double, ties to even. */
    public double value() {
        if (special != 0) { // NaN too
            return special;
        }
        BigInteger sum = units();
        int below = Math.max(0, sum.bitLength() - Long.SIZE); // bits that only round
        BigInteger size = sum.abs();
        BigInteger kept = size.shiftRight(below);
        if (below > 0 && size.getLowestSetBit() < below) {
            kept = kept.setBit(0);
        }
        double rounded = kept.doubleValue();
        return Math.scalb(sum.signum() < 0 ? -rounded : rounded, UNIT + BITS * first + below);
    }

    /** The sum itself, of finite numbers. */
    public BigDecimal exactly() {
        BigDecimal sum = new BigDecimal(units());
        int exponent = UNIT + BITS * first;
        BigDecimal unit = BigDecimal.valueOf(2).pow(Math.abs(exponent));
        return exponent < 0 ? sum.divide(unit) : sum.multiply(unit);
    }

    /** The sum over the unit of the first limb. */
    private BigInteger units() {
        BigInteger sum = BigInteger.ZERO;
        for (int i = limbs.length - 1; i >= 0; i--) {
            sum = sum.shiftLeft(BITS).add(BigInteger.valueOf(limbs[i]));
        }
        return sum;
    }

    public void write(DataOutput out) throws IOException {
        out.writeDouble(special);
        out.writeInt(first);
        out.writeInt(pending);
        out.writeInt(limbs.length);
        for (long limb : limbs) {
            out.writeLong(limb);
        }
    }

    public static ExactSum read(DataInput in) throws IOException {
        ExactSum sum = new ExactSum();
        sum.special = in.readDouble();
        sum.first = in.readInt();
        sum.pending = in.readInt();
        sum.limbs = new long[in.readInt()];
        for (int i = 0; i < sum.limbs.length; i++) {
            sum.limbs[i] = in.readLong();
        }
        return sum;
    }
}
