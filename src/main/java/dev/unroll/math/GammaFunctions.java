package dev.unroll.math;

/**
 * log Gamma and its derivative, the digamma function psi, of numbers above 0, and how much they rise from x to x + n; and Poisson's probabilities,
 * which are made of Gamma. In double by {@link StrictMath}, so that the bits are the same on every machine and JDK; errors are below 1e-13 of the
 * value, or of 1 where that is less.
 *
 * <p>Below 10 the argument is shifted up by Gamma(x + 1) = x Gamma(x). From 10 on there is Stirling's series and its derivative, whose
 * first term that is left out is below 1e-16 (Abramowitz and Stegun 1964, Handbook of mathematical functions, 6.1.40 and 6.3.18).
 */
public final class GammaFunctions {

    /** From here on the series are good enough. */
    private static final double LARGE = 10;

    private static final double HALF_LOG_2_PI = 0.9189385332046727;

    /** B_2k / (2k (2k - 1)), k = 1, 2, ...: of 1/x, 1/x^3, ... in log Gamma. */
    private static final double[] STIRLING = {
        1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156, -3617.0 / 122400
    };

    /** -B_2k / 2k, k = 1, 2, ...: of 1/x^2, 1/x^4, ... in psi. */
    private static final double[] DIGAMMA = {
        -1.0 / 12, 1.0 / 120, -1.0 / 252, 1.0 / 240, -1.0 / 132, 691.0 / 32760, -1.0 / 12, 3617.0 / 8160
    };

    private GammaFunctions() {}

    /** log Gamma(x), x above 0. */
    public static double logGamma(double x) {
        double product = 1; // x (x + 1) ..., below 10!
        double large = x;
        while (large < LARGE) {
            product *= large++;
        }
        return (large - 0.5) * StrictMath.log(large)
                - large
                + HALF_LOG_2_PI
                + stirling(large)
                - StrictMath.log(product);
    }

    /** psi(x), x above 0. */
    public static double digamma(double x) {
        double sum = 0; // 1/x + 1/(x + 1) + ...
        double large = x;
        while (large < LARGE) {
            sum += 1 / large++;
        }
        return StrictMath.log(large) + tail(large) - sum;
    }

    /** log Gamma(x + n) - log Gamma(x), x above 0 and n at least 0: exact to n log x, however large x is. */
    public static double logGammaRise(double x, double n) {
        if (x < LARGE) {
            return logGamma(x + n) - logGamma(x);
        }
        return (x - 0.5) * StrictMath.log1p(n / x) + n * StrictMath.log(x + n) - n + stirling(x + n) - stirling(x);
    }

    /** psi(x + n) - psi(x), x above 0 and n at least 0: exact to n / x, however large x is. */
    public static double digammaRise(double x, double n) {
        if (x < LARGE) {
            return digamma(x + n) - digamma(x);
        }
        return StrictMath.log1p(n / x) + tail(x + n) - tail(x);
    }

    /**
     * m^x e^-m / Gamma(x + 1), Poisson's probability where x is a count, x and m at least 0: exact to the difference of x and m, however large they
     * are (Loader 2000, Fast and accurate computation of binomial probabilities).
     */
    public static double poisson(double x, double m) {
        if (x == 0 || m == 0) {
            return x == 0 ? StrictMath.exp(-m) : 0;
        }
        if (m == Double.POSITIVE_INFINITY) {
            return 0;
        }
        if (x < LARGE) {
            return StrictMath.exp(x * StrictMath.log(m) - m - logGamma(x + 1));
        }
        double deviance = x * StrictMath.log1p((x - m) / m) - (x - m);
        return StrictMath.exp(-deviance - stirling(x)) / StrictMath.sqrt(2 * Math.PI * x);
    }

    /** log Gamma(x) less (x - 1/2) log x - x + log(2 pi) / 2. */
    private static double stirling(double x) {
        return series(STIRLING, x) / x;
    }

    /** psi(x) less log x. */
    private static double tail(double x) {
        return series(DIGAMMA, x) / (x * x) - 0.5 / x;
    }

    /** By Horner's rule, in 1/x^2. */
    private static double series(double[] coefficients, double x) {
        double inverse = 1 / (x * x);
        double sum = 0;
        for (int k = coefficients.length - 1; k >= 0; k--) {
            sum = sum * inverse + coefficients[k];
        }
        return sum;
    }
}
