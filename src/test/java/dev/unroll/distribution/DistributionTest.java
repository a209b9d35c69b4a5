package dev.unroll.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.math.CounterRandom;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Distributions beside SciPy's ({@code fixtures/distributions.json}, of {@code src/test/python/distribution_values.py}), in their limits, and at their edges. */
class DistributionTest {

    /** @param values what SciPy has of it */
    record Case(Distribution distribution, JsonNode values) {

        void forEach(String key, BiConsumer<Double, Double> check) {
            values.get(key)
                    .forEach(pair ->
                            check.accept(pair.get(0).asDouble(), pair.get(1).asDouble()));
        }

        @Override
        public String toString() {
            return distribution.toString();
        }
    }

    static Stream<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        try (InputStream in = DistributionTest.class.getResourceAsStream("/fixtures/distributions.json")) {
            for (JsonNode node : new ObjectMapper().readTree(in).get("cases")) {
                double[] p = new double[3];
                for (int i = 0; i < node.get("parameters").size(); i++) {
                    p[i] = node.get("parameters").get(i).asDouble();
                }
                cases.add(new Case(
                        switch (node.get("loss").asText()) {
                            case "gaussian" -> new Normal(p[0], p[1]);
                            case "student-t" -> new StudentT(p[0], p[1], p[2]);
                            default -> new Counts(p[0], p[1]);
                        },
                        node));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void cdf_isScipys(Case one) {
        one.forEach(
                "cdf",
                (y, expected) -> assertEquals(expected, one.distribution.cdf(y), 1e-9 * expected, "F(" + y + ")"));
    }

    /** Of counts they are the same whole numbers; of numbers the same to 1e-9 of how far they are from the mean. */
    @ParameterizedTest
    @MethodSource("cases")
    void quantile_isScipys(Case one) {
        boolean counts = one.distribution instanceof Counts;
        double median = counts ? 0 : one.distribution.quantile(0.5);
        one.forEach(
                "quantiles",
                (level, expected) -> assertEquals(
                        expected,
                        one.distribution.quantile(level),
                        counts ? 0 : 1e-9 * Math.abs(expected - median) + 1e-12,
                        "of level " + level));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void crps_isTheIntegralOfScipys(Case one) {
        one.forEach(
                "crps",
                (y, expected) -> assertEquals(expected, one.distribution.crps(y), 1e-9 * expected, "of outcome " + y));
    }

    /** By hand: 2 phi(0) - 1 / sqrt(pi) of a deviation. */
    @Test
    void crps_ofTheMedian_isKnown() {
        double one = (Math.sqrt(2) - 1) / Math.sqrt(Math.PI);
        assertEquals(one, new Normal(5, 1).crps(5), 1e-14);
        assertEquals(2 * one, new Normal(-1, 2).crps(-1), 1e-14);
    }

    /** A quantile is the least count that F reaches the level at, whatever the parameters are: tiny and huge rates, dispersions of any size. */
    @Test
    void quantile_ofCounts_isTheLeastThatReachesTheLevel() {
        for (int seed = 0; seed < 2000; seed++) {
            CounterRandom random = new CounterRandom(seed);
            double mean = Math.exp(6 * random.normal(0));
            double dispersion = seed % 4 == 0 ? 0 : Math.exp(5 * random.normal(1));
            double level = 0.001 + 0.998 * random.uniform(2);
            Counts counts = new Counts(mean, dispersion);
            double k = counts.quantile(level);
            String of = counts + ", level " + level + ", seed " + seed;
            assertTrue(k >= 0 && k == Math.rint(k), of);
            assertTrue(counts.cdf(k) >= level, of);
            assertTrue(k == 0 || counts.cdf(k - 1) < level, of);
        }
    }

    /** Where a dispersion is left out, and where skewness is: nothing jumps. */
    @Test
    void counts_inTheirLimits_areThoseBeside() {
        for (double mean : new double[] {0.01, 3, 4000}) {
            double least = 1e-9 / (1 + mean);
            Counts with = new Counts(mean, 1.01 * least);
            Counts without = new Counts(mean, 0.99 * least);
            assertEquals(0, without.dispersion());
            for (double k = Math.floor(mean); k < mean + 3; k++) {
                assertEquals(with.cdf(k), without.cdf(k), 1e-8);
                assertEquals(with.crps(k), without.crps(k), 1e-8 * with.crps(k));
            }
        }
        for (double dispersion : new double[] {0, 1e-11}) {
            Counts skewed = new Counts(0.99e10 / (1 - 4e10 * dispersion), dispersion);
            Counts normal = new Counts(1.01e10 / (1 - 4e10 * dispersion), dispersion);
            for (double z : new double[] {-2, 0, 1}) {
                double one = Math.rint(skewed.mean() + z * Math.sqrt(skewed.mean() * (1 + dispersion * skewed.mean())));
                double other =
                        Math.rint(normal.mean() + z * Math.sqrt(normal.mean() * (1 + dispersion * normal.mean())));
                assertEquals(skewed.cdf(one), normal.cdf(other), 5e-6);
                assertEquals(
                        skewed.crps(one) / Math.sqrt(skewed.mean()),
                        normal.crps(other) / Math.sqrt(normal.mean()),
                        1e-2);
            }
        }
    }

    /** Networks say anything before they have learned: nothing hangs, and what is certain is exact. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0, 5",
        "1e-320, 0",
        "1e-320, 1e300",
        "1e-5, 1e10",
        "1, 1e300",
        "1, Infinity",
        "1e12, 0",
        "1e12, 1e-12",
        "1e18, 1",
        "1e300, 0",
        "1e100, 1e50",
        "1e150, 1e-200",
        "3, 1e-320"
    })
    void counts_ofAnySize_haveQuantiles(double mean, double dispersion) {
        Counts counts = new Counts(mean, dispersion);
        double last = 0;
        for (double level : new double[] {1e-15, 0.1, 0.5, 0.9, 1 - 1e-15}) {
            double k = counts.quantile(level);
            assertTrue(k >= last && k == Math.rint(k) && k < Double.POSITIVE_INFINITY, k + " of level " + level);
            last = k;
        }
        double crps = counts.crps(2);
        assertTrue(crps >= -1e-12 && crps <= 2 + mean, "crps " + crps);
        if (mean == 0) {
            assertEquals(2, crps);
            assertEquals(0, last);
        }
    }

    @Test
    void certainty_isScoredByDistance() {
        for (Distribution certain : List.of(new Normal(3, 0), new StudentT(3, 0, 5))) {
            assertEquals(3, certain.quantile(0.1));
            assertEquals(1.5, certain.crps(4.5));
            assertEquals(0, certain.cdf(2.9));
            assertEquals(1, certain.cdf(3));
        }
    }

    @Test
    void parameters_thatAreNotFinite_giveNothingFinite() {
        double infinite = Double.POSITIVE_INFINITY;
        for (double odd : new double[] {infinite, Double.NaN}) {
            for (Distribution one : List.of(
                    new Normal(odd, 1),
                    new Normal(0, odd),
                    new StudentT(odd, 1, 3),
                    new StudentT(0, odd, 3),
                    new Counts(odd, 0),
                    new Counts(odd, 1),
                    new Counts(1, Double.NaN))) {
                assertTrue(!Double.isFinite(one.quantile(0.1)), one.toString());
                assertTrue(!Double.isFinite(one.crps(2)), one.toString());
            }
        }
        assertTrue(Double.isNaN(new StudentT(0, 1, Double.NaN).crps(2)));
    }

    /** Outcomes beyond all reach cost their distance. */
    @Test
    void crps_ofAnOutcomeFarOff_isItsDistance() {
        assertEquals(1e200, new Normal(0, 1).crps(1e200), 1e190);
        assertEquals(1e200, new StudentT(0, 1, 2.5).crps(-1e200), 1e190);
        assertEquals(1e12, new Counts(3, 0.5).crps(1e12), 10);
        assertEquals(1e12, new Counts(3, 0).crps(1e12), 10);
    }
}
