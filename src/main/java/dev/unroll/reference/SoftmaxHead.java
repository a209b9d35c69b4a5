package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.stream.DoubleStream;

/**
 * A head whose y_t is a label: l is softmax cross-entropy, in nats, with a distribution q_t over the classes. It is e_y, 1 at the label,
 * and with label smoothing 1 - eps there and eps / C at every class besides.
 */
final class SoftmaxHead extends UnrolledHead {

    private final int[] labels; // (T), or (1) for the last place

    private final double labelSmoothing; // eps

    SoftmaxHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale, double labelSmoothing) {
        super(theta, h, statics, sequence, scale);
        this.labels = sequence.labels();
        this.labelSmoothing = labelSmoothing;
    }

    /** (1): {@code l(o_t, y_t) = log(sum_k e^{o_k}) - q_t' o_t}, cross-entropy of the softmax of o_t and q_t, which is e_y. */
    @Override
    double loss(int t) {
        return logSumExp(o[t]) - distribution(t).transpose().times(o[t]).get(0, 0);
    }

    /** (2): {@code l'(o_t, y_t) = softmax(o_t) - q_t}. */
    @Override
    Matrix slope(int t) {
        return probabilities(t).minus(distribution(t));
    }

    /** q_t. */
    private Matrix distribution(int t) {
        int classes = bQ.rows();
        return Matrix.unit(classes, label(t)).map(y -> (1 - labelSmoothing) * y + labelSmoothing / classes);
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
