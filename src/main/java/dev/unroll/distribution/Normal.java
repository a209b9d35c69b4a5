package dev.unroll.distribution;

/**
 * The normal distribution. With z = (y - mean) / deviation, its cumulative function Phi and its density phi
 *
 * <pre>
 * crps = deviation (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))
 * </pre>
 *
 * (Gneiting and Raftery 2007, equation 22, with the sign of a loss).
 *
 * @param deviation at least 0; of 0 it is certain
 */
public record Normal(double mean, double deviation) implements Distribution {

    private static final double ROOT_2_PI = StrictMath.sqrt(2 * Math.PI);
    private static final double ROOT_PI = StrictMath.sqrt(Math.PI);

    /** phi(z). */
    static double density(double z) {
        return StrictMath.exp(-0.5 * z * z) / ROOT_2_PI;
    }

    /** Phi(z) = Q(1/2, z^2 / 2) / 2 below 0. */
    static double standardCdf(double z) {
        double tail = 0.5 * IncompleteGamma.upper(0.5, 0.5 * z * z);
        return z < 0 ? tail : 1 - tail;
    }

    /** The z that Phi has the level at. */
    static double standardQuantile(double level) {
        return SymmetricQuantile.of(level, 0, Normal::standardCdf, Normal::density);
    }

    @Override
    public double cdf(double y) {
        return y == mean && deviation == 0 ? 1 : standardCdf((y - mean) / deviation);
    }

    @Override
    public double quantile(double level) {
        return mean + deviation * standardQuantile(level);
    }

    @Override
    public double crps(double y) {
        if (deviation == 0) {
            return Math.abs(y - mean);
        }
        double z = (y - mean) / deviation;
        return deviation * (z * (2 * standardCdf(z) - 1) + 2 * density(z) - 1 / ROOT_PI);
    }
}
