package dev.unroll.reference;

import dev.unroll.data.Sequence;
import dev.unroll.math.GammaFunctions;
import java.util.stream.IntStream;

/**
 * A head whose y_t is M counts, with two outputs for each of them, o and a: l is the mean over them of -log p(y), where p is the negative
 * binomial distribution with the mean mu = m e^o, and the variance mu + alpha mu^2, alpha = e^a.
 */
final class NegativeBinomialHead extends TargetHead {

    NegativeBinomialHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale, 2);
    }

    /**
     * (1): {@code l(o_t, y_t) = -1/M sum_j log p(y_j)}, where with {@code r = 1 / alpha} the probability is
     * {@code p(y) = Gamma(y + r) / (Gamma(r) y!) (r / (r + mu))^r (mu / (r + mu))^y}.
     */
    @Override
    double loss(int t) {
        return IntStream.range(0, numbers())
                        .mapToDouble(j -> -logProbability(count(t, j), mean(t, j), 1 / alpha(t, j)))
                        .sum()
                / numbers();
    }

    private static double logProbability(double y, double mu, double r) {
        return GammaFunctions.logGamma(y + r)
                - GammaFunctions.logGamma(r)
                - GammaFunctions.logGamma(y + 1)
                + r * StrictMath.log(r / (r + mu))
                + y * StrictMath.log(mu / (r + mu));
    }

    /** (2): {@code l'(o_t, y_t)}, of each number in place of o and of a. */
    @Override
    Matrix slope(int t) {
        double[] slopes = new double[2 * numbers()];
        for (int j = 0; j < numbers(); j++) {
            double y = count(t, j);
            double mu = mean(t, j);
            double r = 1 / alpha(t, j);
            slopes[2 * j] = r * (mu - y) / (r + mu);
            slopes[2 * j + 1] = r
                    * (GammaFunctions.digamma(y + r)
                            - GammaFunctions.digamma(r)
                            + StrictMath.log(r / (r + mu))
                            + (mu - y) / (r + mu));
        }
        return Matrix.column(slopes).scale(1.0 / numbers());
    }

    private double mean(int t, int j) {
        return level() * StrictMath.exp(o[t].get(2 * j, 0));
    }

    private double alpha(int t, int j) {
        return StrictMath.exp(o[t].get(2 * j + 1, 0));
    }
}
