package dev.unroll.distribution;

import dev.unroll.math.GammaFunctions;

/**
 * Student's t with a mean, a scale and nu degrees of freedom. With z = (y - mean) / scale, its cumulative function F and its density f for
 * mean 0 and scale 1, and the beta function B
 *
 * <pre>
 * crps = scale (z (2 F(z) - 1) + 2 f(z) (nu + z^2) / (nu - 1) - 2 sqrt(nu) / (nu - 1) B(1/2, nu - 1/2) / B(1/2, nu / 2)^2)
 * </pre>
 *
 * (Jordan, Krueger and Lerch 2019, Evaluating probabilistic forecasts with scoringRules, appendix A).
 *
 * @param scale at least 0; of 0 it is certain
 * @param freedom nu, at least 2
 */
public record StudentT(double mean, double scale, double freedom) implements Distribution {

    /** From here on Hill's expansion is exact to 1e-15. */
    private static final double LARGE = 10_000;

    private double density(double z) {
        return density(z, 0.5 * (freedom + 1));
    }

    /** f(z) times a power of 1 + z^2 / nu, so that this has the power -p. */
    private double density(double z, double p) {
        return StrictMath.exp(GammaFunctions.logGammaRise(freedom / 2, 0.5)
                - 0.5 * StrictMath.log(freedom * Math.PI)
                - p * StrictMath.log1p(z * z / freedom));
    }

    /** Below 0 it is I(nu / 2, 1/2) / 2 at nu / (nu + z^2). */
    private double standardCdf(double z) {
        if (freedom >= LARGE) {
            return Normal.standardCdf(normal(z));
        }
        double square = z * z / freedom;
        double tail = 0.5 * IncompleteBeta.of(freedom / 2, 0.5, 1 / (1 + square), 1 / (1 + 1 / square));
        return z < 0 ? tail : 1 - tail;
    }

    /** The number that the normal distribution has the same F at (Hill 1970, Algorithm 395: Student's t-distribution). */
    private double normal(double z) {
        double a = freedom - 0.5;
        double u = Math.copySign(StrictMath.sqrt(a * StrictMath.log1p(z * z / freedom)), z);
        return u + u * (u * u + 3) / (48 * a * a);
    }

    @Override
    public double cdf(double y) {
        return y == mean && scale == 0 ? 1 : standardCdf((y - mean) / scale);
    }

    @Override
    public double quantile(double level) {
        double start = Normal.standardQuantile(Math.min(level, 1 - level)); // whose tails are lighter
        return mean + scale * SymmetricQuantile.of(level, start, this::standardCdf, this::density);
    }

    @Override
    public double crps(double y) {
        if (scale == 0) {
            return Math.abs(y - mean);
        }
        double z = (y - mean) / scale;
        double logOfBetas = 2 * GammaFunctions.logGammaRise(freedom / 2, 0.5)
                - GammaFunctions.logGammaRise(freedom - 0.5, 0.5)
                - 0.5 * StrictMath.log(Math.PI);
        double spread = StrictMath.exp(logOfBetas + 0.5 * StrictMath.log(freedom)) / (freedom - 1);
        double ofDensity = density(z, 0.5 * (freedom - 1)) * (freedom / (freedom - 1));
        return scale * (z * (2 * standardCdf(z) - 1) + 2 * (ofDensity - spread));
    }
}
