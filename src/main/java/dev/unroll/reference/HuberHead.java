package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.stream.DoubleStream;

/** A head whose l is the mean over the C numbers of y_t of Huber's function of e = o - y: e^2 / 2 up to |e| = 1, then |e| - 1/2. */
final class HuberHead extends TargetHead {

    HuberHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale);
    }

    @Override
    double[] kinks() {
        return new double[] {-1, 1};
    }

    /** (1): {@code l(o_t, y_t) = 1/C sum_c huber(o_c - y_c)}. */
    @Override
    double loss(int t) {
        Matrix error = error(t);
        return DoubleStream.of(error.toArray())
                        .map(e -> Math.abs(e) <= 1 ? e * e / 2 : Math.abs(e) - 0.5)
                        .sum()
                / error.rows();
    }

    /** (2): {@code l'(o_t, y_t) = 1/C max(-1, min(o_t - y_t, 1))}. */
    @Override
    Matrix slope(int t) {
        Matrix error = error(t);
        return error.map(e -> Math.max(-1, Math.min(e, 1))).scale(1.0 / error.rows());
    }
}
