package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.stream.DoubleStream;

/** A head whose l is the mean of |o - y| over the C numbers of y_t: its least value is at the median of y. */
final class AbsoluteErrorHead extends TargetHead {

    AbsoluteErrorHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale);
    }

    @Override
    double[] kinks() {
        return new double[] {0};
    }

    /** (1): {@code l(o_t, y_t) = 1/C sum_c |o_c - y_c|}. */
    @Override
    double loss(int t) {
        Matrix error = error(t);
        return DoubleStream.of(error.toArray()).map(Math::abs).sum() / error.rows();
    }

    /** (2): {@code l'(o_t, y_t) = 1/C sign(o_t - y_t)}. */
    @Override
    Matrix slope(int t) {
        Matrix error = error(t);
        return error.map(Math::signum).scale(1.0 / error.rows());
    }
}
