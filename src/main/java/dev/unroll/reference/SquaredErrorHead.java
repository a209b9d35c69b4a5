package dev.unroll.reference;

import dev.unroll.data.Sequence;

/** A head whose y_t is a vector of C numbers to hit: l is the mean over them of (o - y)^2, without a factor 1/2. */
final class SquaredErrorHead extends TargetHead {

    SquaredErrorHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale);
    }

    /** (1): {@code l(o_t, y_t) = 1/C (o_t - y_t)' (o_t - y_t)}, the mean over components. */
    @Override
    double loss(int t) {
        Matrix error = error(t);
        return error.transpose().times(error).get(0, 0) / error.rows();
    }

    /** (2): {@code l'(o_t, y_t) = 2/C (o_t - y_t)}. */
    @Override
    Matrix slope(int t) {
        Matrix error = error(t);
        return error.scale(2.0 / error.rows());
    }
}
