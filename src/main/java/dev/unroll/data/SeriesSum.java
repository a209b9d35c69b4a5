package dev.unroll.data;

import dev.unroll.math.ExactSum;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Counts, sums and sums of squares of the numbers of a series' steps, by column: what its means and deviations are made
 * of. Sums are exact, so neither the order of rows nor where they are added leaves a trace. Numbers that are missing, NaN,
 * are left out. Mutable.
 */
public final class SeriesSum {

    private final long[] counts;
    private final ExactSum[] sums;
    private final ExactSum[] squares;

    /** @param numbers of a step that are added, the first ones */
    private SeriesSum(int numbers) {
        counts = new long[numbers];
        sums = Stream.generate(ExactSum::new).limit(numbers).toArray(ExactSum[]::new);
        squares = Stream.generate(ExactSum::new).limit(numbers).toArray(ExactSum[]::new);
    }

    /** The sum of no row. */
    public static SeriesSum none(int numbers) {
        return new SeriesSum(numbers);
    }

    /** The sum of one row's steps. */
    public static SeriesSum of(CanonicalRow row, int numbers) {
        SeriesSum sum = new SeriesSum(numbers);
        double[] values = row.numbers();
        int width = row.width();
        for (int i = 0; i < values.length; i++) {
            int j = i % width;
            if (j < numbers && !Double.isNaN(values[i])) {
                sum.counts[j]++;
                sum.sums[j].add(values[i]);
                sum.squares[j].addSquare(values[i]);
            }
        }
        return sum;
    }

    /** The sum of two, as bytes, in which they travel. */
    public static byte[] merge(byte[] a, byte[] b) {
        SeriesSum sum = read(a);
        sum.add(b);
        return sum.toBytes();
    }

    /** What {@link #toBytes} wrote. */
    public static SeriesSum read(byte[] bytes) {
        SeriesSum sum = new SeriesSum(ByteBuffer.wrap(bytes).getInt());
        sum.add(bytes);
        return sum;
    }

    private void add(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            in.readInt();
            for (int j = 0; j < counts.length; j++) {
                counts[j] += in.readLong();
                sums[j].merge(ExactSum.read(in));
                squares[j].merge(ExactSum.read(in));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(counts.length);
            for (int j = 0; j < counts.length; j++) {
                out.writeLong(counts[j]);
                sums[j].write(out);
                squares[j].write(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Whether the first number of some step is there, by which targets are scaled. */
    public boolean hasLevel() {
        return counts[0] > 0;
    }

    /**
     * Means and deviations as {@link WindowScaling} defines them, each of exact sums and rounded at the end; a number that is never there has mean 0 and
     * deviation 1.
     */
    public Standardization scale() {
        double[] means = new double[counts.length];
        double[] deviations = new double[counts.length];
        Arrays.fill(deviations, 1);
        for (int j = 0; j < counts.length; j++) {
            if (counts[j] > 0) {
                BigDecimal count = BigDecimal.valueOf(counts[j]);
                BigDecimal sum = sums[j].exactly();
                means[j] = sum.divide(count, MathContext.DECIMAL128).doubleValue();
                BigDecimal variance = count.multiply(squares[j].exactly())
                        .subtract(sum.multiply(sum))
                        .divide(count.multiply(count), MathContext.DECIMAL128);
                deviations[j] = WindowScaling.deviation(variance.doubleValue(), means[j]);
            }
        }
        return new Standardization(means, deviations, true);
    }
}
