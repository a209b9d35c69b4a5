package dev.unroll.reference;

import dev.unroll.data.Sequence;
import dev.unroll.math.GammaFunctions;
import java.util.stream.IntStream;

/**
 * A head with three outputs for each of the M numbers of y_t, mu, s and r: l is the mean over them of -log p(y), where p is Student's t with
 * mean mu, scale sigma = e^s and nu = 2 + e^r degrees of freedom.
 */
final class StudentTHead extends TargetHead {

    StudentTHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        super(theta, h, statics, sequence, scale, 3);
    }

    /**
     * (1): {@code l(o_t, y_t) = -1/M sum_j log p(y_j)}, where with {@code z = (y - mu) / sigma} the density is
     * {@code p(y) = Gamma((nu + 1) / 2) / (Gamma(nu / 2) sqrt(nu pi) sigma) (1 + z^2 / nu)^(-(nu + 1) / 2)}.
     */
    @Override
    double loss(int t) {
        return IntStream.range(0, numbers())
                        .mapToDouble(j -> -logDensity(z(t, j), sigma(t, j), nu(t, j)))
                        .sum()
                / numbers();
    }

    private static double logDensity(double z, double sigma, double nu) {
        return GammaFunctions.logGamma((nu + 1) / 2)
                - GammaFunctions.logGamma(nu / 2)
                - StrictMath.log(nu * Math.PI) / 2
                - StrictMath.log(sigma)
                - (nu + 1) / 2 * StrictMath.log(1 + z * z / nu);
    }

    /** (2): {@code l'(o_t, y_t)}, of each number in place of mu, of s and of r. */
    @Override
    Matrix slope(int t) {
        double[] slopes = new double[3 * numbers()];
        for (int j = 0; j < numbers(); j++) {
            double z = z(t, j);
            double nu = nu(t, j);
            slopes[3 * j] = -(nu + 1) * z / (nu + z * z) / sigma(t, j);
            slopes[3 * j + 1] = 1 - (nu + 1) * z * z / (nu + z * z);
            slopes[3 * j + 2] = (nu - 2)
                    / 2
                    * (GammaFunctions.digamma(nu / 2)
                            - GammaFunctions.digamma((nu + 1) / 2)
                            + 1 / nu
                            + StrictMath.log(1 + z * z / nu)
                            - (nu + 1) * z * z / (nu * (nu + z * z)));
        }
        return Matrix.column(slopes).scale(1.0 / numbers());
    }

    private double z(int t, int j) {
        return (target(t, j) - o[t].get(3 * j, 0)) / sigma(t, j);
    }

    private double sigma(int t, int j) {
        return StrictMath.exp(o[t].get(3 * j + 1, 0));
    }

    private double nu(int t, int j) {
        return 2 + StrictMath.exp(o[t].get(3 * j + 2, 0));
    }
}
