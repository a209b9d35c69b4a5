package dev.unroll.distribution;

import dev.unroll.math.GammaFunctions;

/**
 * Q(a, x), the regularized upper incomplete gamma function: by the series of 1 - Q up to x = a + 1, by Legendre's continued fraction beyond
 * (Abramowitz and Stegun 1964, Handbook of mathematical functions, 6.5.29 and 6.5.31). It takes some sqrt(a) steps.
 */
final class IncompleteGamma {

    private IncompleteGamma() {}

    /** @param a above 0
     *  @param x at least 0 */
    static double upper(double a, double x) {
        double factor = GammaFunctions.poisson(a, x); // x^a e^-x / Gamma(a + 1)
        if (x < a + 1) {
            return 1 - factor * series(a, x);
        }
        return factor == 0 ? 0 : factor * a * fraction(a, x);
    }

    /** 1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ... */
    private static double series(double a, double x) {
        double sum = 1;
        double term = 1;
        for (double n = a + 1; term > Math.ulp(sum); n++) {
            term *= x / n;
            sum += term;
        }
        return sum;
    }

    /** 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / (x + 5 - a - ...))). */
    private static double fraction(double a, double x) {
        ContinuedFraction fraction = new ContinuedFraction(x + 1 - a);
        for (double n = 1; fraction.isOpen(); n++) {
            fraction.next(-n * (n - a), x + 2 * n + 1 - a);
        }
        return 1 / fraction.value();
    }
}
