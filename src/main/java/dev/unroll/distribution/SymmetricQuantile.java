package dev.unroll.distribution;

import java.util.function.DoubleUnaryOperator;

/** The quantile of a distribution that is symmetric about 0 and whose density rises up to there. */
final class SymmetricQuantile {

    /** More steps than the heaviest tail needs at the least level, 10^-15. */
    private static final int MOST_STEPS = 200;

    private SymmetricQuantile() {}

    /**
     * By Newton's method on F(x) = level below 0: F is convex there, so that steps from above the quantile only go down, up to rounding.
     *
     * @param level above 0 and below 1
     * @param start of the quantile of the level or of 1 - level, the lower of the two: from it up to 0
     */
    static double of(double level, double start, DoubleUnaryOperator cdf, DoubleUnaryOperator density) {
        double lower = Math.min(level, 1 - level);
        double x = start;
        for (int step = 0; step < MOST_STEPS; step++) {
            double next = x - (cdf.applyAsDouble(x) - lower) / density.applyAsDouble(x);
            if (!(next < x)) {
                break;
            }
            x = next;
        }
        return level <= 0.5 ? x : -x;
    }
}
