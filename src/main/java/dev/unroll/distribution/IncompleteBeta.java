package dev.unroll.distribution;

import dev.unroll.math.GammaFunctions;

/**
 * I_x(a, b), the regularized incomplete beta function, by its continued fraction (Abramowitz and Stegun 1964, Handbook of mathematical
 * functions, 26.5.8), and the binomial term before it. It takes some sqrt(min(a, b)) steps.
 */
final class IncompleteBeta {

    private IncompleteBeta() {}

    /**
     * @param a above 0
     * @param b above 0
     * @param x from 0 to 1
     * @param rest 1 - x, with all its digits
     */
    static double of(double a, double b, double x, double rest) {
        double term = binomial(a, b, x, rest);
        return x < (a + 1) / (a + b + 2)
                ? term * (b / (a + b)) / fraction(a, b, x)
                : 1 - term * (a / (a + b)) / fraction(b, a, rest);
    }

    /**
     * Gamma(a + b + 1) / (Gamma(a + 1) Gamma(b + 1)) x^a (1 - x)^b, exact for large a and b too (Loader 2000, Fast and accurate computation of
     * binomial probabilities).
     */
    static double binomial(double a, double b, double x, double rest) {
        double n = a + b;
        return GammaFunctions.poisson(a, n * x) * GammaFunctions.poisson(b, n * rest) / GammaFunctions.poisson(n, n);
    }

    /** 1 + d_1 / (1 + d_2 / (1 + ...)). */
    private static double fraction(double a, double b, double x) {
        ContinuedFraction fraction = new ContinuedFraction(1);
        fraction.next(-(a + b) * x / (a + 1), 1);
        for (double m = 1; fraction.isOpen(); m++) {
            double last = a + 2 * m;
            fraction.next(m * (b - m) * x / ((last - 1) * last), 1);
            fraction.next(-(a + m) * (a + b + m) * x / (last * (last + 1)), 1);
        }
        return fraction.value();
    }
}
