package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.stream.DoubleStream;

/** A head whose y_t is a label: l is softmax cross-entropy, in nats. */
final class SoftmaxHead extends UnrolledHead {

    private final int[] labels; // (T), or (1) for the last place

    SoftmaxHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale);
        this.labels = sequence.labels();
    }

    /** (1): {@code l(o_t, y_t) = log(sum_k e^{o_k}) - o_y}, cross-entropy of the softmax of o_t and the label. */
    @Override
    double loss(int t) {
        return logSumExp(o[t]) - o[t].get(label(t), 0);
    }

    /** (2): {@code l'(o_t, y_t) = softmax(o_t) - e_y}, where e_y is 1 at the label. */
    @Override
    Matrix slope(int t) {
        return probabilities(t).minus(Matrix.unit(bQ.rows(), label(t)));
    }

    /** {@code softmax(o_t)}. */
    Matrix probabilities(int t) {
        double logSum = logSumExp(o[t]);
        return o[t].map(v -> Math.exp(v - logSum));
    }

    /** y_t. */
    int label(int t) {
        return labels[t - firstRead];
    }

    /** The largest element is taken out first, so that no exponential overflows. */
    private static double logSumExp(Matrix o) {
        double max = DoubleStream.of(o.toArray()).max().orElseThrow();
        return max
                + Math.log(
                        DoubleStream.of(o.toArray()).map(v -> Math.exp(v - max)).sum());
    }
}
