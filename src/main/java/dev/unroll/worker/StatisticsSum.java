package dev.unroll.worker;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.Standardization;
import dev.unroll.data.Steps;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Counts, sums and sums of squares of the numbers of steps, of whole sequences and of targets, in double, by column: what
 * a {@link Scaling} is made of. Numbers that are missing, NaN, are left out. Mutable.
 *
 * <p>The variance is the mean square minus the squared mean, so numbers whose mean is large against their deviation must
 * have been scaled coarsely before.
 */
public final class StatisticsSum implements Sum<StatisticsSum> {

    private final ColumnSums inputs;
    private final ColumnSums statics;
    private final ColumnSums targets;

    /** Zero, for inputs of that width (0 for tokens) and targets of that width (0 for labels), without statics. */
    public StatisticsSum(int inputWidth, int targetWidth) {
        this(inputWidth, 0, targetWidth);
    }

    /** Zero, for inputs of that width (0 for tokens), so many numbers of a whole sequence, and targets (0 for labels). */
    public StatisticsSum(int inputWidth, int staticWidth, int targetWidth) {
        this.inputs = new ColumnSums(inputWidth);
        this.statics = new ColumnSums(staticWidth);
        this.targets = new ColumnSums(targetWidth);
    }

    private List<ColumnSums> sides() {
        return List.of(inputs, statics, targets);
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
            inputs.add(s.values(), null);
        }
        if (s.steps() instanceof Steps.Mixed mixed) {
            statics.add(mixed.staticValues(), null);
        }
        if (targets.width() > 0) { // those of labels are not scaled
            targets.add(s.targets(), s.termWeights());
        }
    }

    /**
     * Means and standard deviations; a number that never changes has deviation 1, one that is never there mean 0 and
     * deviation 1.
     *
     * @param coarse how the numbers that were added had been scaled
     */
    public Scaling scaling(Scaling coarse) {
        return new Scaling(scaling(inputs, coarse.inputs()), scaling(targets, coarse.targets()))
                .withStatics(scaling(statics, coarse.statics()));
    }

    private static Standardization scaling(ColumnSums side, Standardization coarse) {
        return coarse.followedBy(side.means(), side.deviations());
    }

    @Override
    public void merge(StatisticsSum other) {
        MessageBytes.requireSame(inputs.width(), other.inputs.width(), "sums of inputs");
        MessageBytes.requireSame(statics.width(), other.statics.width(), "sums of statics");
        MessageBytes.requireSame(targets.width(), other.targets.width(), "sums of targets");
        for (int side = 0; side < sides().size(); side++) {
            sides().get(side).merge(other.sides().get(side));
        }
    }

    @Override
    public int byteCount() {
        int columns = inputs.width() + statics.width() + targets.width();
        return sides().size() * Integer.BYTES + Math.toIntExact(ColumnSums.bytes(columns));
    }

    @Override
    public void write(ByteBuffer out) {
        sides().forEach(side -> out.putInt(side.width()));
        sides().forEach(side -> side.write(out));
    }

    /** @throws IllegalStateException for bytes that are no such sum */
    public static StatisticsSum read(ByteBuffer in) {
        MessageBytes.require(in, 3 * Integer.BYTES);
        int inputWidth = in.getInt();
        int staticWidth = in.getInt();
        int targetWidth = in.getInt();
        if (inputWidth < 0 || staticWidth < 0 || targetWidth < 0) {
            throw MessageBytes.damaged(
                    "it has " + inputWidth + " inputs, " + staticWidth + " statics and " + targetWidth + " targets");
        }
        MessageBytes.require(in, ColumnSums.bytes((long) inputWidth + staticWidth + targetWidth));
        StatisticsSum sum = new StatisticsSum(inputWidth, staticWidth, targetWidth);
        sum.sides().forEach(side -> side.read(in));
        return sum;
    }
}
