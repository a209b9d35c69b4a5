package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** A head whose y_t is a vector of numbers to hit. */
abstract class TargetHead extends UnrolledHead {

    private final float[] targets; // (T, M), or (1, M) for the last place
    private final int own; // outputs of each number, K: C = K M
    private final double level; // m, by which counts were divided

    /** A head with an output for each number. */
    TargetHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        this(theta, h, statics, sequence, scale, 1);
    }

    TargetHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale, int own) {
        super(theta, h, statics, sequence, scale);
        this.targets = sequence.targets();
        this.own = own;
        this.level = sequence.level() == 0 ? 1 : sequence.level();
    }

    /** M. */
    final int numbers() {
        return bQ.rows() / own;
    }

    /** Number j of y_t. */
    final double target(int t, int j) {
        return targets[(t - firstRead) * numbers() + j];
    }

    /** Number j of y_t, a count: what was divided by {@link #level}. */
    final double count(int t, int j) {
        return Math.rint(level() * target(t, j));
    }

    /** m, by which counts were divided. */
    final double level() {
        return level;
    }

    /** The e = o - y at which l or l' has a kink. */
    double[] kinks() {
        return new double[0];
    }

    @Override
    final boolean isAwayFromKinks(double margin) {
        return IntStream.rangeClosed(firstRead, steps)
                .mapToObj(t -> error(t).toArray())
                .flatMapToDouble(DoubleStream::of)
                .noneMatch(e -> DoubleStream.of(kinks()).anyMatch(kink -> Math.abs(e - kink) <= margin));
    }

    /** {@code o_t - y_t}, where y_t stands beside each of its outputs. */
    final Matrix error(int t) {
        Matrix y = Matrix.row(targets, bQ.rows() / own, t - firstRead);
        return o[t].minus(Matrix.column(IntStream.range(0, bQ.rows())
                .mapToDouble(c -> y.get(c / own, 0))
                .toArray()));
    }
}
