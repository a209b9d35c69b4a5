package dev.unroll.preflight;

import dev.unroll.distribution.Normal;
import dev.unroll.math.GammaFunctions;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How times of tasks differ that have the same work: they are log-normal, with mean 1. {@link
 * dev.unroll.spark.iteration.GhostWork} draws from the same distribution.
 *
 * @param deviation their standard deviation, at least 0; of mean 1 it is the coefficient of variation
 */
record TaskSpread(double deviation) {

    // The trapezoidal rule, which is exact to the last digits for integrands that vanish with all derivatives at both
    // ends.
    private static final double END = 12;
    private static final double STEP = 1 / 32.0;

    /** With more tasks before and after it, a rank's time is hardly spread: its quantile is its mean, and the rule too coarse. */
    private static final int FEW = 64;

    private static final double[] Z = IntStream.rangeClosed(0, (int) (2 * END / STEP))
            .mapToDouble(i -> i * STEP - END)
            .toArray();
    private static final double[] LOG_CDF =
            DoubleStream.of(Z).map(z -> StrictMath.log(new Normal(0, 1).cdf(z))).toArray(); // read backwards of 1 - Phi

    /** The expected time of the slowest of so many tasks. */
    double slowest(int tasks) {
        return ranked(tasks, tasks);
    }

    /**
     * The expected time of the task that ends as number {@code rank} of so many, 1 being the first: the integral over
     * the normal z of exp(sigma z - sigma^2 / 2) times the density of that order statistic, N C(N - 1, k - 1)
     * Phi(z)^(k - 1) (1 - Phi(z))^(N - k) phi(z).
     */
    double ranked(int rank, int tasks) {
        if (deviation == 0) {
            return 1;
        }
        double variance = StrictMath.log1p(deviation * deviation); // of the logarithm
        double sigma = StrictMath.sqrt(variance);
        if (Math.min(rank, tasks - rank + 1) > FEW) {
            double level = (rank - 0.375) / (tasks + 0.25); // Blom 1958
            return StrictMath.exp(sigma * new Normal(0, 1).quantile(level) - 0.5 * variance);
        }
        double ways = GammaFunctions.logGamma(tasks + 1.0)
                - GammaFunctions.logGamma(rank)
                - GammaFunctions.logGamma(tasks - rank + 1.0)
                - 0.5 * StrictMath.log(2 * Math.PI);
        double sum = 0;
        for (int i = 0; i < Z.length; i++) {
            double before = (rank - 1) * LOG_CDF[i];
            double after = (tasks - rank) * LOG_CDF[Z.length - 1 - i];
            sum += StrictMath.exp(ways + before + after - 0.5 * Z[i] * Z[i] + sigma * Z[i] - 0.5 * variance);
        }
        return sum * STEP;
    }
}
