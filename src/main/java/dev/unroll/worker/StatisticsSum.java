package dev.unroll.worker;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import java.nio.ByteBuffer;

/**
 * Counts, sums and sums of squares of dense inputs and targets, in double: what a {@link Scaling} is made of. Mutable.
 *
 * <p>The variance is the mean square minus the squared mean, so numbers whose mean is large against their deviation must
 * have been scaled coarsely before.
 */
public final class StatisticsSum implements Sum<StatisticsSum> {

    private long inputRows;
    private long targetRows;
    private final double[] inputs; // sums (D), then sums of squares (D)
    private final double[] targets; // sums (C), then sums of squares (C)

    /** Zero, for inputs of that width (0 for tokens) and targets of that width (0 for labels). */
    public StatisticsSum(int inputWidth, int targetWidth) {
        this.inputs = new double[2 * inputWidth];
        this.targets = new double[2 * targetWidth];
    }

    /** Adds all sequences of a shard, in their order. */
    public void add(Shard shard) {
        for (int i = 0; i < shard.size(); i++) {
            add(shard.sequence(i));
        }
    }

    /** Adds the steps and targets of one sequence. */
    public void add(Sequence s) {
        if (!s.hasTokens()) {
            inputRows += s.length();
            add(s.values(), inputs);
        }
        if (s.targetWidth() > 0) {
            targetRows += s.terms();
            add(s.targets(), targets);
        }
    }

    private static void add(float[] values, double[] sums) {
        int width = sums.length / 2;
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            sums[i % width] += value;
            sums[width + i % width] += value * value;
        }
    }

    /**
     * Means and standard deviations; a number that never changes has deviation 1.
     *
     * @param coarse how the numbers that were added had been scaled
     */
    public Scaling scaling(Scaling coarse) {
        return new Scaling(
                coarse.inputs().followedBy(means(inputs, inputRows), deviations(inputs, inputRows)),
                coarse.targets().followedBy(means(targets, targetRows), deviations(targets, targetRows)));
    }

    private static double[] means(double[] sums, long rows) {
        double[] means = new double[sums.length / 2];
        for (int j = 0; j < means.length; j++) {
            means[j] = sums[j] / rows;
        }
        return means;
    }

    private static double[] deviations(double[] sums, long rows) {
        double[] deviations = new double[sums.length / 2];
        for (int j = 0; j < deviations.length; j++) {
            double mean = sums[j] / rows;
            double meanSquare = sums[deviations.length + j] / rows;
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
        inputRows += other.inputRows;
        targetRows += other.targetRows;
        for (int j = 0; j < inputs.length; j++) {
            inputs[j] += other.inputs[j];
        }
        for (int j = 0; j < targets.length; j++) {
            targets[j] += other.targets[j];
        }
    }

    @Override
    public int byteCount() {
        return 2 * Long.BYTES + 2 * Integer.BYTES + Double.BYTES * (inputs.length + targets.length);
    }

    @Override
    public void write(ByteBuffer out) {
        out.putLong(inputRows).putLong(targetRows).putInt(inputs.length / 2).putInt(targets.length / 2);
        out.asDoubleBuffer().put(inputs).put(targets);
        out.position(out.position() + Double.BYTES * (inputs.length + targets.length));
    }

    /** @throws IllegalStateException for bytes that are no such sum */
    public static StatisticsSum read(ByteBuffer in) {
        MessageBytes.require(in, 2 * Long.BYTES + 2 * Integer.BYTES);
        long inputRows = in.getLong();
        long targetRows = in.getLong();
        int inputWidth = in.getInt();
        int targetWidth = in.getInt();
        if (inputWidth < 0 || targetWidth < 0) {
            throw MessageBytes.damaged("it has " + inputWidth + " inputs and " + targetWidth + " targets");
        }
        MessageBytes.require(in, 2L * Double.BYTES * ((long) inputWidth + targetWidth));
        StatisticsSum sum = new StatisticsSum(inputWidth, targetWidth);
        sum.inputRows = inputRows;
        sum.targetRows = targetRows;
        in.asDoubleBuffer().get(sum.inputs).get(sum.targets);
        in.position(in.position() + Double.BYTES * (sum.inputs.length + sum.targets.length));
        return sum;
    }
}
