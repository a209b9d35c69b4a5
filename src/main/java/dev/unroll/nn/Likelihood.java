package dev.unroll.nn;

import dev.unroll.data.Standardization;
import dev.unroll.distribution.Counts;
import dev.unroll.distribution.Distribution;
import dev.unroll.distribution.Normal;
import dev.unroll.math.GammaFunctions;
import java.util.List;

/**
 * A loss that is the negative logarithm of a likelihood: the outputs of each number of a target become the parameters of a
 * distribution, and l is -log p(y), in nats. The prediction is its mean, the first parameter.
 *
 * <p>Numbers are those of scaled targets, and so is l: it is less by log d than that of the numbers themselves, which are d times as large.
 * A count has a level m: y counts are scaled to y / m, and are whole numbers again here, so that p is that of the count itself.
 */
public sealed interface Likelihood extends Loss.TargetLoss {

    /** How an output o becomes a parameter, in the units of the targets. */
    enum Form {
        /** o: a number, as the targets are scaled. */
        IN_UNITS,
        /** e^o of a deviation, or of a level: a positive number of the units of the targets. */
        POSITIVE_IN_UNITS,
        /** e^o: a positive number without a unit. */
        POSITIVE,
        /** 2 + e^o, without a unit. */
        ABOVE_TWO;

        double of(float o, Standardization units, int number) {
            return switch (this) {
                case IN_UNITS -> units.undo(o, number);
                case POSITIVE_IN_UNITS -> units.deviation(number) * StrictMath.exp(o);
                case POSITIVE -> StrictMath.exp(o);
                case ABOVE_TWO -> 2 + StrictMath.exp(o);
            };
        }

        /** The derivative of {@link #of} in o. */
        double slope(float o, Standardization units, int number) {
            return switch (this) {
                case IN_UNITS -> units.deviation(number);
                case POSITIVE_IN_UNITS, POSITIVE -> of(o, units, number);
                case ABOVE_TWO -> StrictMath.exp(o);
            };
        }
    }

    /** A parameter of a distribution, as users read of it. */
    record Parameter(String name, Form form) {}

    /** Those of each number of a target, one for each of its outputs; the mean is the first. */
    List<Parameter> parameters();

    /** The distribution with these parameters, in the units that they have; those of this number are from {@code at} on. */
    Distribution distribution(double[] parameters, int at);

    @Override
    default Link link() {
        return Link.DISTRIBUTION;
    }

    @Override
    default int outputsPerTarget() {
        return parameters().size();
    }

    @Override
    default String describe(int outputs) {
        int targets = outputs / outputsPerTarget();
        return kind().words() + " of " + targets + (targets == 1 ? " number" : " numbers");
    }

    /**
     * The normal distribution with mean mu and deviation sigma = e^s. With z = (y - mu) / sigma
     *
     * <pre>
     * l = s + z^2 / 2 + log(2 pi) / 2
     * dl/dmu = -z / sigma
     * dl/ds = 1 - z^2
     * </pre>
     */
    record Gaussian() implements Likelihood {

        private static final List<Parameter> PARAMETERS =
                List.of(new Parameter("mean", Form.IN_UNITS), new Parameter("deviation", Form.POSITIVE_IN_UNITS));

        private static final double HALF_LOG_2_PI = 0.5 * StrictMath.log(2 * Math.PI);

        @Override
        public Kind kind() {
            return Kind.GAUSSIAN;
        }

        @Override
        public List<Parameter> parameters() {
            return PARAMETERS;
        }

        @Override
        public Distribution distribution(double[] parameters, int at) {
            return new Normal(parameters[at], parameters[at + 1]);
        }

        @Override
        public double ofTarget(float[] o, int at, float y, double level) {
            double s = o[at + 1];
            double inverse = StrictMath.exp(-s);
            double z = ((double) y - o[at]) * inverse;
            o[at] = (float) (-z * inverse);
            o[at + 1] = (float) (1 - z * z);
            return s + 0.5 * z * z + HALF_LOG_2_PI;
        }
    }

    /**
     * Student's t with mean mu, scale sigma = e^s and nu = 2 + e^r degrees of freedom, so many that it has a variance. With
     * z = (y - mu) / sigma
     *
     * <pre>
     * l = s + log Gamma(nu / 2) - log Gamma((nu + 1) / 2) + log(nu pi) / 2 + (nu + 1) / 2 log(1 + z^2 / nu)
     * dl/dmu = -(nu + 1) z / (nu + z^2) / sigma
     * dl/ds = 1 - (nu + 1) z^2 / (nu + z^2)
     * dl/dr = (nu - 2) / 2 (psi(nu / 2) - psi((nu + 1) / 2) + 1 / nu + log(1 + z^2 / nu) - (nu + 1) z^2 / (nu (nu + z^2)))
     * </pre>
     */
    record StudentT() implements Likelihood {

        private static final List<Parameter> PARAMETERS = List.of(
                new Parameter("mean", Form.IN_UNITS),
                new Parameter("scale", Form.POSITIVE_IN_UNITS),
                new Parameter("degreesOfFreedom", Form.ABOVE_TWO));

        @Override
        public Kind kind() {
            return Kind.STUDENT_T;
        }

        @Override
        public List<Parameter> parameters() {
            return PARAMETERS;
        }

        @Override
        public Distribution distribution(double[] parameters, int at) {
            return new dev.unroll.distribution.StudentT(parameters[at], parameters[at + 1], parameters[at + 2]);
        }

        @Override
        public double ofTarget(float[] o, int at, float y, double level) {
            double s = o[at + 1];
            double inverse = StrictMath.exp(-s);
            double aboveTwo = StrictMath.exp(o[at + 2]);
            double nu = 2 + aboveTwo;
            double z = ((double) y - o[at]) * inverse;
            double weight = (nu + 1) / (nu + z * z);
            double logSum = StrictMath.log1p(z * z / nu);
            double ofFreedom = 1 / nu - GammaFunctions.digammaRise(nu / 2, 0.5) + logSum - weight * z * z / nu;
            o[at] = (float) (-weight * z * inverse);
            o[at + 1] = (float) (1 - weight * z * z);
            o[at + 2] = (float) (0.5 * aboveTwo * ofFreedom);
            return s
                    - GammaFunctions.logGammaRise(nu / 2, 0.5)
                    + 0.5 * StrictMath.log(nu * Math.PI)
                    + 0.5 * (nu + 1) * logSum;
        }
    }

    /** A likelihood of counts. */
    sealed interface OfCounts extends Likelihood {

        @Override
        default boolean counts() {
            return true;
        }

        @Override
        default double ofTarget(float[] o, int at, float y, double level) {
            // What the division by the level has lost is less than 1/2 of counts below 8 million.
            return ofCount(o, at, Math.rint(level * y), level);
        }

        /** As {@link #ofTarget}, of the count itself. */
        double ofCount(float[] o, int at, double count, double level);
    }

    /** Poisson's distribution with the rate m e^o: l = rate - y log rate + log y!. */
    record Poisson() implements OfCounts {

        private static final List<Parameter> PARAMETERS = List.of(new Parameter("mean", Form.POSITIVE_IN_UNITS));

        @Override
        public Kind kind() {
            return Kind.POISSON;
        }

        @Override
        public List<Parameter> parameters() {
            return PARAMETERS;
        }

        @Override
        public Distribution distribution(double[] parameters, int at) {
            return new Counts(parameters[at], 0);
        }

        @Override
        public double ofCount(float[] o, int at, double count, double level) {
            double logRate = StrictMath.log(level) + o[at];
            double rate = level * StrictMath.exp(o[at]);
            o[at] = (float) (rate - count);
            return rate - count * logRate + GammaFunctions.logGamma(count + 1);
        }
    }

    /**
     * The negative binomial distribution with mean mu = m e^o and dispersion alpha = e^a, of which the variance is mu + alpha mu^2 (NB2 of
     * Cameron and Trivedi 1998, Regression analysis of count data). With r = 1 / alpha
     *
     * <pre>
     * l = log y! - log Gamma(y + r) + log Gamma(r) + (y + r) log(1 + alpha mu) - y log(alpha mu)
     * dl/do = (mu - y) / (1 + alpha mu)
     * dl/da = r (psi(y + r) - psi(r) - log(1 + alpha mu)) + (mu - y) / (1 + alpha mu)
     * </pre>
     */
    record NegativeBinomial() implements OfCounts {

        private static final List<Parameter> PARAMETERS =
                List.of(new Parameter("mean", Form.POSITIVE_IN_UNITS), new Parameter("dispersion", Form.POSITIVE));

        @Override
        public Kind kind() {
            return Kind.NEGATIVE_BINOMIAL;
        }

        @Override
        public List<Parameter> parameters() {
            return PARAMETERS;
        }

        @Override
        public Distribution distribution(double[] parameters, int at) {
            return new Counts(parameters[at], parameters[at + 1]);
        }

        @Override
        public double ofCount(float[] o, int at, double count, double level) {
            double logAlpha = o[at + 1];
            double logProduct = logAlpha + StrictMath.log(level) + o[at]; // log(alpha mu)
            double mean = level * StrictMath.exp(o[at]);
            double alpha = StrictMath.exp(logAlpha);
            double r = StrictMath.exp(-logAlpha);
            double logSum = StrictMath.log1p(alpha * mean);
            double excess = (mean - count) / (1 + alpha * mean);
            o[at] = (float) excess;
            o[at + 1] = (float) (r * (GammaFunctions.digammaRise(r, count) - logSum) + excess);
            return GammaFunctions.logGamma(count + 1)
                    - GammaFunctions.logGammaRise(r, count)
                    + (count + r) * logSum
                    - count * logProduct;
        }
    }
}
