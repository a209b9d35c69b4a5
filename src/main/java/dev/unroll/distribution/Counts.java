package dev.unroll.distribution;

import dev.unroll.math.GammaFunctions;

/**
 * The negative binomial distribution of a count, whose variance is mu + alpha mu^2, and without dispersion Poisson's. With its cumulative
 * function F and its probabilities f
 *
 * <pre>
 * crps = (y - mu) (2 F(y) - 1) + 2 mu (1 + alpha y) f(y) - E|X - X'| / 2
 * </pre>
 *
 * (as Jordan, Krueger and Lerch 2019, Evaluating probabilistic forecasts with scoringRules, appendix A, have it of either).
 *
 * @param mean mu, at least 0; of 0 it is certain
 * @param dispersion alpha, at least 0; one that changes no result by more than some 1e-9 is 0, and one beyond 1e100 is that
 */
public record Counts(double mean, double dispersion) implements Distribution {

    /** A skewness below which it is the normal distribution, but for less than 1e-6 of F. */
    private static final double LEAST_SKEWNESS = 1e-5;

    /** alpha (1 + mu) below which a dispersion is none. */
    private static final double LEAST_DISPERSION = 1e-9;

    /** From here on all but 1e-97 of the probability is that of 0. */
    private static final double MOST_DISPERSION = 1e100;

    private static final double STEP = 1.0 / 16; // of the integral of E|X - X'|
    private static final int STEPS = 70; // beyond which less than 1e-16 of it is left

    public Counts {
        dispersion = dispersion * (1 + mean) < LEAST_DISPERSION ? 0 : Math.min(dispersion, MOST_DISPERSION);
    }

    private double deviation() {
        return StrictMath.sqrt(mean) * StrictMath.sqrt(1 + dispersion * mean);
    }

    /** (1 + 2 alpha mu) / deviation. */
    private double skewness() {
        return (1 + 2 * dispersion * mean) / deviation();
    }

    private boolean isNormal() {
        return skewness() < LEAST_SKEWNESS;
    }

    private Normal normal() {
        return new Normal(mean, deviation());
    }

    private boolean isDefined() {
        return Double.isFinite(mean) && Double.isFinite(dispersion) && Double.isFinite(deviation());
    }

    @Override
    public double cdf(double y) {
        if (!isDefined()) {
            return Double.NaN;
        }
        double k = Math.floor(y);
        if (k < 0 || mean == 0) {
            return k < 0 ? 0 : 1;
        }
        if (isNormal()) {
            return normal().cdf(k + 0.5);
        }
        if (dispersion == 0) {
            return IncompleteGamma.upper(k + 1, mean);
        }
        double product = dispersion * mean;
        return IncompleteBeta.of(1 / dispersion, k + 1, 1 / (1 + product), product / (1 + product));
    }

    /** f(k) of a whole number. */
    private double probability(double k) {
        if (dispersion == 0) {
            return GammaFunctions.poisson(k, mean);
        }
        double product = dispersion * mean;
        double term = IncompleteBeta.binomial(1 / dispersion, k, 1 / (1 + product), product / (1 + product));
        return term / (1 + dispersion * k);
    }

    /** From near where the normal distribution has it, to one side, until it is between two counts. */
    @Override
    public double quantile(double level) {
        if (!isDefined() || mean == 0) {
            return isDefined() ? 0 : Double.NaN;
        }
        double reached = Math.max(0, Math.ceil(near(level) - 0.5)); // F of it is at least the level
        if (isNormal()) {
            return reached;
        }
        double below = reached; // F of it is less
        if (cdf(reached) >= level) {
            for (double step = 1; below >= 0 && cdf(below) >= level; step *= 2) {
                reached = below;
                below = Math.max(-1, reached - step);
            }
        } else {
            for (double step = 1; cdf(reached) < level; step *= 2) {
                below = reached;
                reached = below + step;
            }
        }
        while (reached - below > Math.max(1, Math.ulp(reached))) {
            double middle = Math.floor(below + (reached - below) / 2);
            if (cdf(middle) >= level) {
                reached = middle;
            } else {
                below = middle;
            }
        }
        return reached;
    }

    /** Skewness is corrected for where that is no more than a correction (Cornish and Fisher 1937, Moments and cumulants). */
    private double near(double level) {
        double z = Normal.standardQuantile(level);
        double skewness = skewness();
        return skewness > 1 ? mean : mean + deviation() * (z + skewness * (z * z - 1) / 6);
    }

    @Override
    public double crps(double y) {
        if (!isDefined()) {
            return Double.NaN;
        }
        if (mean == 0) {
            return y;
        }
        if (isNormal()) {
            return normal().crps(y);
        }
        return (y - mean) * (2 * cdf(y) - 1) + 2 * mean * (1 + dispersion * y) * probability(y) - meanDifference() / 2;
    }

    /**
     * E|X - X'| of two such counts: 1 / pi times the integral of (1 - |g(t)|^2) / (1 - cos t) from 0 to pi, where the characteristic function g has
     * |g(t)|^2 = (1 + 2 alpha variance (1 - cos t))^(-1 / alpha). With tan(t / 2) = e^x, and x = sinh(s) less the logarithm of some deviations, the
     * trapezoidal rule is exact to 1e-11 (Takahasi and Mori 1974, Double exponential formulas for numerical integration).
     */
    private double meanDifference() {
        double variance = mean * (1 + dispersion * mean);
        double shift = 0.5 * (StrictMath.log1p(4 * variance) + StrictMath.log1p(dispersion));
        double sum = 0;
        for (int i = -STEPS; i <= STEPS; i++) {
            double s = i * STEP;
            double x = StrictMath.sinh(s) - shift;
            double cosines = 2 / (1 + StrictMath.exp(-2 * x)); // 1 - cos t
            double exponent = 2 * variance * cosines;
            if (dispersion > 0) {
                exponent = StrictMath.log1p(dispersion * exponent) / dispersion;
            }
            sum -= StrictMath.expm1(-exponent) * StrictMath.exp(-x) * StrictMath.cosh(s);
        }
        return sum * STEP / Math.PI;
    }
}
