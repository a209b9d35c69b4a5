package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.stream.IntStream;

/**
 * A head whose y_t has a 1 or a 0 for each output: of a set of labels 1 for those in it, of a label of two its index. l is the mean
 * over outputs of the cross-entropy of the sigmoid, in nats.
 */
final class SigmoidHead extends UnrolledHead {

    private final float[] targets; // (T, C), or (1, C) for the last place; empty where there are labels
    private final int[] labels; // (T), or (1) for the last place

    SigmoidHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale);
        this.targets = sequence.targets();
        this.labels = sequence.labels();
    }

    /** (1): {@code l(o_t, y_t) = 1/C sum_c -y_c log p_c - (1 - y_c) log(1 - p_c) = 1/C sum_c log(1 + e^{o_c}) - y_c o_c}. */
    @Override
    double loss(int t) {
        return IntStream.range(0, bQ.rows())
                        .mapToDouble(c -> logOnePlusExp(o[t].get(c, 0)) - y(t, c) * o[t].get(c, 0))
                        .sum()
                / bQ.rows();
    }

    /** (2): {@code l'(o_t, y_t) = 1/C (p - y)}. */
    @Override
    Matrix slope(int t) {
        return Matrix.column(IntStream.range(0, bQ.rows())
                        .mapToDouble(c -> 1 / (1 + Math.exp(-o[t].get(c, 0))) - y(t, c))
                        .toArray())
                .scale(1.0 / bQ.rows());
    }

    private double y(int t, int c) {
        int term = t - firstRead;
        return targets.length == 0 ? labels[term] : targets[term * bQ.rows() + c];
    }

    /** The exponential is never of more than 0, so that it does not overflow. */
    private static double logOnePlusExp(double v) {
        return Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
    }
}
