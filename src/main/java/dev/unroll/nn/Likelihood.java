package dev.unroll.nn;

import dev.unroll.data.Standardization;
import dev.unroll.math.GammaFunctions;
import java.util.List;

/**
 * A loss that is the negative logarithm of a likelihood: the outputs of each number of a target become the parameters of a
 * distribution, and l is -log p(y), in nats. The prediction is its mean, the first parameter.
 *
 * <p>A count has a level m: y counts are scaled to y / m, and are whole numbers again here, so that p is that of the count itself.
 */
public sealed interface Likelihood extends Loss.TargetLoss {

    /** How an output o becomes a parameter, in the units of the targets. */
    enum Form {
        /** e^o of a deviation, or of a level: a positive number of the units of the targets. */
        POSITIVE_IN_UNITS,
        /** e^o: a positive number without a unit. */
        POSITIVE;

        double of(float o, Standardization units, int number) {
            return switch (this) {
                case POSITIVE_IN_UNITS -> units.deviation(number) * StrictMath.exp(o);
                case POSITIVE -> StrictMath.exp(o);
            };
        }
    }

    /** A parameter of a distribution, as users read of it. */
    record Parameter(String name, Form form) {}

    /** Those of each number of a target, one for each of its outputs; the mean is the first. */
    List<Parameter> parameters();

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
