package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A head with K outputs for each of the M numbers of y_t, one for each level q: l is the mean over all C = K M of the pinball
 * loss max(q (y - o), (q - 1) (y - o)), whose least value is at the quantile of y at that level.
 */
final class QuantileHead extends TargetHead {

    private final List<Double> levels; // (K)

    QuantileHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale, List<Double> levels) {
        super(theta, h, statics, sequence, scale, levels.size());
        this.levels = levels;
    }

    @Override
    double[] kinks() {
        return new double[] {0};
    }

    /** (1): {@code l(o_t, y_t) = 1/C sum_c max(q_c (y_c - o_c), (q_c - 1) (y_c - o_c))}. */
    @Override
    double loss(int t) {
        Matrix error = error(t);
        return IntStream.range(0, error.rows())
                        .mapToDouble(c -> {
                            double below = -error.get(c, 0);
                            return Math.max(level(c) * below, (level(c) - 1) * below);
                        })
                        .sum()
                / error.rows();
    }

    /** (2): {@code l'(o_t, y_t) = 1/C (1[o_c > y_c] - q_c)}, and 0 where both are the same. */
    @Override
    Matrix slope(int t) {
        Matrix error = error(t);
        double[] slopes = IntStream.range(0, error.rows())
                .mapToDouble(c -> {
                    double e = error.get(c, 0);
                    return e == 0 ? 0 : (e > 0 ? 1 : 0) - level(c);
                })
                .toArray();
        return Matrix.column(slopes).scale(1.0 / error.rows());
    }

    /** q_c: the levels of the first number, then those of the second, ... */
    private double level(int c) {
        return levels.get(c % levels.size());
    }
}
