package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.math3.special.Gamma;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** log Gamma and psi beside Commons Math, known values, and sums that they are. */
class GammaFunctionsTest {

    private static final double TOLERANCE = 1e-13;

    private static void assertClose(double expected, double actual, String what) {
        assertEquals(expected, actual, TOLERANCE * Math.max(1, Math.abs(expected)), what);
    }

    @Test
    void functions_ofRandomNumbers_areThoseOfCommonsMath() {
        for (int seed = 0; seed < 20_000; seed++) {
            double x = Math.exp(30 * new CounterRandom(seed).uniform(0) - 8);
            assertClose(Gamma.logGamma(x), GammaFunctions.logGamma(x), "log Gamma, seed " + seed + ", x " + x);
            // Commons Math promises 8 digits of psi.
            double psi = Gamma.digamma(x);
            assertEquals(psi, GammaFunctions.digamma(x), 1e-8 * Math.max(1, Math.abs(psi)), "psi, seed " + seed);
        }
    }

    /** By mpmath with 40 digits, of the doubles that these texts are. */
    @ParameterizedTest
    @CsvSource({
        "1e-9, 20.72326583636919543, -1000000000.577215601",
        "0.001, 6.9071788853838536617, -1000.5755719318102797",
        "0.5, 0.57236494292470008707, -1.9635100260214234794",
        "1.5, -0.12078223763524522235, 0.036489973978576520559",
        "2.25, 0.1248717148923965943, 0.57254646662373459191",
        "9.75, 12.242204940050762559, 2.225109535044576012",
        "10, 12.801827480081469611, 2.2517525890667211076",
        "33.125, 81.993359455566838708, 3.4851180052392827149",
        "1e5, 1051287.7089736568949, 11.512920464961895087",
        "1e12, 26631021115915.651636, 27.631021115928048208"
    })
    void functions_haveTheirKnownValues(double x, double logGamma, double digamma) {
        assertClose(logGamma, GammaFunctions.logGamma(x), "log Gamma");
        assertClose(digamma, GammaFunctions.digamma(x), "psi");
    }

    @Test
    void logGamma_ofWholeNumbers_isASumOfLogs() {
        double sum = 0;
        double harmonic = -0.5772156649015329;
        for (int n = 1; n < 2000; n++) {
            assertClose(sum, GammaFunctions.logGamma(n), "log Gamma(" + n + ")");
            assertClose(harmonic, GammaFunctions.digamma(n), "psi(" + n + ")");
            sum += StrictMath.log(n);
            harmonic += 1.0 / n;
        }
        assertClose(0.5 * StrictMath.log(Math.PI), GammaFunctions.logGamma(0.5), "log Gamma(1/2)");
        assertClose(harmonic(0.5), GammaFunctions.digamma(0.5), "psi(1/2)");
    }

    private static double harmonic(double half) {
        return -0.5772156649015329 - StrictMath.log(2) / half;
    }

    /** A rise need not be by a whole number: two of a half are one of 1. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 0.7, 9.99, 10, 37.5, 1e4, 1e8})
    void rise_ofAHalf_isHalfOfTheWay(double x) {
        assertClose(
                StrictMath.log(x),
                GammaFunctions.logGammaRise(x, 0.5) + GammaFunctions.logGammaRise(x + 0.5, 0.5),
                "log Gamma, x " + x);
        assertClose(
                1 / x, GammaFunctions.digammaRise(x, 0.5) + GammaFunctions.digammaRise(x + 0.5, 0.5), "psi, x " + x);
    }

    /** The rise is a sum of n terms, of which none cancels another: so it is where both values are large and near each other, too. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 0.7, 9.99, 10, 37.5, 1e4, 1e8, 1e15})
    void rise_isASumOfItsSteps(double x) {
        for (int n : new int[] {0, 1, 2, 7, 100, 5000}) {
            double logs = 0;
            double inverses = 0;
            for (int k = 0; k < n; k++) {
                logs += StrictMath.log(x + k);
                inverses += 1 / (x + k);
            }
            assertClose(logs, GammaFunctions.logGammaRise(x, n), "log Gamma, x " + x + ", n " + n);
            assertEquals(
                    inverses,
                    GammaFunctions.digammaRise(x, n),
                    1e-13 * Math.max(inverses, x < 10 ? 1 : 0),
                    "psi, x " + x + ", n " + n);
        }
        assertTrue(GammaFunctions.digammaRise(x, 0) == 0 && Math.abs(GammaFunctions.logGammaRise(x, 0)) == 0);
    }
}
