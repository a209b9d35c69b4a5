package dev.unroll.distribution;

/**
 * A predicted distribution of a number or a count, in its units. All results have the same bits on every machine and JDK. Where a
 * parameter is not finite, they are not.
 */
public sealed interface Distribution permits Normal, StudentT, Counts {

    /** F(y), the probability of at most y. */
    double cdf(double y);

    /**
     * The least number that F reaches the level at; of counts a whole number.
     *
     * @param level above 0 and below 1
     */
    double quantile(double level);

    /**
     * The continuous ranked probability score of the outcome y: the integral of (F(x) - [x >= y])^2 over x, which is E|X - y| - E|X - X'| / 2
     * (Gneiting and Raftery 2007, Strictly proper scoring rules, prediction, and estimation, equation 21). It is in the units of y, and |X - y| of a
     * distribution that is certain of X.
     *
     * @param y of counts a whole number of at least 0
     */
    double crps(double y);
}
