package dev.unroll.worker;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import java.nio.ByteBuffer;

/**
 * Counts, sums and sums of squares of dense inputs and targets, in double, by column: what a {@link Scaling} is made of.
 * Numbers that are missing, NaN, are left out. Mutable.
 *
 * <p>The variance is the mean square minus the squared mean, so numbers whose mean is large against their deviation must
 * have been scaled coarsely before.
 */
public final class StatisticsSum implements Sum<StatisticsSum> {

    private final long[] inputCounts; // (D) numbers that are there
    private final long[] targetCounts; // (C)
    private final double[] inputs; // sums (D), then sums of squares (D)
    private final double[] targets; // sums (C), then sums of squares (C)

    /** Zero, for inputs of that width (0 for tokens) and targets of that width (0 for labels). */
    public StatisticsSum(int inputWidth, int targetWidth) {
        this.inputCounts = new long[inputWidth];
        this.targetCounts = new long[targetWidth];
        this.inputs = new double[2 * inputWidth];
        this.targets = new double[2 * targetWidth];
    }

    /** Adds all sequences of a shard, in their order. */
    public void add(Shard shard) {
        for (int i = 0; i < shard.size(); i++) {
            add(shard.sequence(i));
        }
    }

    /** Adds the steps of one sequence, and its targets, but for those that weigh 0. */
    public void add(Sequence s) {
        if (!s.hasTokens()) {
            add(s.values(), null, inputCounts, inputs);
        }
        if (s.targetWidth() > 0) {
            add(s.targets(), s.termWeights(), targetCounts, targets);
        }
    }

    /** @param weights of rows, of which those of weight 0 are left out; null where all count */
    private static void add(float[] values, float[] weights, long[] counts, double[] sums) {
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

    /**
     * Means and standard deviations; a number that never changes has deviation 1, one that is never there mean 0 and
     * deviation 1.
     *
     * @param coarse how the numbers that were added had been scaled
     */
    public Scaling scaling(Scaling coarse) {
        return new Scaling(
                coarse.inputs().followedBy(means(inputs, inputCounts), deviations(inputs, inputCounts)),
                coarse.targets().followedBy(means(targets, targetCounts), deviations(targets, targetCounts)));
    }

    private static double[] means(double[] sums, long[] counts) {
        double[] means = new double[counts.length];
        for (int j = 0; j < means.length; j++) {
            means[j] = counts[j] == 0 ? 0 : sums[j] / counts[j];
        }
        return means;
    }

    private static double[] deviations(double[] sums, long[] counts) {
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

    @Override
    public void merge(StatisticsSum other) {
        MessageBytes.requireSame(inputs.length, other.inputs.length, "sums of inputs");
        MessageBytes.requireSame(targets.length, other.targets.length, "sums of targets");
        add(other.inputCounts, inputCounts);
        add(other.targetCounts, targetCounts);
        for (int j = 0; j < inputs.length; j++) {
            inputs[j] += other.inputs[j];
        }
        for (int j = 0; j < targets.length; j++) {
            targets[j] += other.targets[j];
        }
    }

    private static void add(long[] from, long[] to) {
        for (int j = 0; j < to.length; j++) {
            to[j] += from[j];
        }
    }

    @Override
    public int byteCount() {
        return 2 * Integer.BYTES + (Long.BYTES + 2 * Double.BYTES) * (inputCounts.length + targetCounts.length);
    }

    @Override
    public void write(ByteBuffer out) {
        out.putInt(inputCounts.length).putInt(targetCounts.length);
        out.asLongBuffer().put(inputCounts).put(targetCounts);
        out.position(out.position() + Long.BYTES * (inputCounts.length + targetCounts.length));
        out.asDoubleBuffer().put(inputs).put(targets);
        out.position(out.position() + Double.BYTES * (inputs.length + targets.length));
    }

    /** @throws IllegalStateException for bytes that are no such sum */
    public static StatisticsSum read(ByteBuffer in) {
        MessageBytes.require(in, 2 * Integer.BYTES);
        int inputWidth = in.getInt();
        int targetWidth = in.getInt();
        if (inputWidth < 0 || targetWidth < 0) {
            throw MessageBytes.damaged("it has " + inputWidth + " inputs and " + targetWidth + " targets");
        }
        MessageBytes.require(in, (Long.BYTES + 2L * Double.BYTES) * ((long) inputWidth + targetWidth));
        StatisticsSum sum = new StatisticsSum(inputWidth, targetWidth);
        in.asLongBuffer().get(sum.inputCounts).get(sum.targetCounts);
        in.position(in.position() + Long.BYTES * (inputWidth + targetWidth));
        in.asDoubleBuffer().get(sum.inputs).get(sum.targets);
        in.position(in.position() + Double.BYTES * (sum.inputs.length + sum.targets.length));
        return sum;
    }
}
