package dev.unroll.reference;

import dev.unroll.data.Sequence;
import dev.unroll.math.GammaFunctions;
import java.util.stream.IntStream;

/** A head whose y_t is M counts: l is the mean over them of -log p(y), where p is Poisson's distribution with the mean m e^o. */
final class PoissonHead extends TargetHead {

    PoissonHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale);
    }

    /** (1): {@code l(o_t, y_t) = 1/M sum_j mu_j - y_j log mu_j + log y_j!}, where {@code mu_j = m e^{o_j}}. */
    @Override
    double loss(int t) {
        return IntStream.range(0, numbers())
                        .mapToDouble(j -> mean(t, j)
                                - count(t, j) * StrictMath.log(mean(t, j))
                                + GammaFunctions.logGamma(count(t, j) + 1))
                        .sum()
                / numbers();
    }

    /** (2): {@code l'(o_t, y_t) = 1/M (mu - y)}. */
    @Override
    Matrix slope(int t) {
        double[] slopes = IntStream.range(0, numbers())
                .mapToDouble(j -> mean(t, j) - count(t, j))
                .toArray();
        return Matrix.column(slopes).scale(1.0 / numbers());
    }

    private double mean(int t, int j) {
        return level() * StrictMath.exp(o[t].get(j, 0));
    }
}
