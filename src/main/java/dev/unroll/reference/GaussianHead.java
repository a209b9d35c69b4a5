package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.stream.IntStream;

/**
 * A head with two outputs for each of the M numbers of y_t, mu and s: l is the mean over them of -log p(y), where p is the normal
 * distribution with mean mu and deviation sigma = e^s.
 */
final class GaussianHead extends TargetHead {

    GaussianHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale, 2);
    }

    /** (1): {@code l(o_t, y_t) = 1/M sum_j s_j + z_j^2 / 2 + log(2 pi) / 2}, where {@code z = (y - mu) / sigma}. */
    @Override
    double loss(int t) {
        return IntStream.range(0, numbers())
                        .mapToDouble(
                                j -> o[t].get(2 * j + 1, 0) + z(t, j) * z(t, j) / 2 + StrictMath.log(2 * Math.PI) / 2)
                        .sum()
                / numbers();
    }

    /** (2): {@code l'(o_t, y_t)}, of each number in place of mu and of s. */
    @Override
    Matrix slope(int t) {
        double[] slopes = new double[2 * numbers()];
        for (int j = 0; j < numbers(); j++) {
            slopes[2 * j] = -z(t, j) / sigma(t, j);
            slopes[2 * j + 1] = 1 - z(t, j) * z(t, j);
        }
        return Matrix.column(slopes).scale(1.0 / numbers());
    }

    private double z(int t, int j) {
        return (target(t, j) - o[t].get(2 * j, 0)) / sigma(t, j);
    }

    private double sigma(int t, int j) {
        return StrictMath.exp(o[t].get(2 * j + 1, 0));
    }
}
