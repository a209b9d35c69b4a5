package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactSumTest {

    private static double sum(double... numbers) {
        ExactSum sum = new ExactSum();
        for (double number : numbers) {
            sum.add(number);
        }
        return sum.value();
    }

    /** Against BigDecimal, which is exact, and whose doubleValue rounds correctly. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 20, 300, 1023})
    void value_isTheExactSumRoundedOnce(int exponents) {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            ExactSum sum = new ExactSum();
            BigDecimal exact = BigDecimal.ZERO;
            for (int i = 0; i < 1 + seed % 40; i++) {
                double number = Math.scalb(random.nextGaussian(), random.nextInt(2 * exponents) - exponents);
                sum.add(number);
                exact = exact.add(new BigDecimal(number));
            }
            assertEquals(exact.doubleValue(), sum.value(), "seed " + seed);
        }
    }

    @Test
    void value_roundsTiesToEven_andSeesBitsFarBelow() {
        assertEquals(1, sum(1, 0x1p-53));
        assertEquals(1 + 0x1p-52, sum(1, 0x1p-53, Double.MIN_VALUE));
        assertEquals(1, sum(1, 0x1p-53, -Double.MIN_VALUE));
        assertEquals(Double.MIN_VALUE, sum(1e300, Double.MIN_VALUE, -1e300));
        assertEquals(0, sum(1e300, -1e300));
        assertEquals(Double.MAX_VALUE, sum(Double.MAX_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE));
        assertEquals(Double.POSITIVE_INFINITY, sum(Double.MAX_VALUE, Double.MAX_VALUE));
    }

    @Test
    void value_isThatOfInfinitiesAndNaN() {
        assertEquals(Double.NEGATIVE_INFINITY, sum(1, Double.NEGATIVE_INFINITY, 2));
        assertEquals(Double.NaN, sum(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
        assertEquals(Double.NaN, sum(1, Double.NaN));
    }

    /** A sum that has doubled itself 70 times has carried many times. */
    @Test
    void merge_carries() throws IOException {
        ExactSum sum = new ExactSum();
        BigDecimal one = BigDecimal.ZERO;
        for (double number : new double[] {1.5, -0.1, 1e-20, -7e12}) {
            sum.add(number);
            one = one.add(new BigDecimal(number));
        }
        for (int i = 0; i < 70; i++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            sum.write(new DataOutputStream(bytes));
            sum.merge(ExactSum.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
        }
        assertEquals(Math.scalb(one.doubleValue(), 70), sum.value());
    }

    /** The sum itself, of numbers some of which cancel others, by parts in another order. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void exactly_isTheSumOfDecimals(int seed) {
        CounterRandom random = new CounterRandom(41, seed);
        double[] terms = new double[200];
        for (int i = 0; i < terms.length; i++) {
            boolean cancels = i > 10 && random.below(3, 3L * i) == 0;
            terms[i] = cancels
                    ? -terms[i - 1 - random.below(9, 3L * i + 1)]
                    : random.normal(3L * i + 1) * Math.scalb(1.0, random.below(250, 3L * i + 2) - 125);
        }
        BigDecimal expected = BigDecimal.ZERO;
        BigDecimal expectedSquares = BigDecimal.ZERO;
        ExactSum[] parts = {new ExactSum(), new ExactSum(), new ExactSum()};
        ExactSum squares = new ExactSum();
        for (int i = 0; i < terms.length; i++) {
            BigDecimal term = new BigDecimal(terms[i]);
            expected = expected.add(term);
            expectedSquares = expectedSquares.add(term.multiply(term));
            parts[i * i % 3].add(terms[terms.length - 1 - i]);
            squares.addSquare(terms[i]);
        }
        parts[0].merge(parts[1]);
        parts[2].merge(parts[0]);
        assertEquals(0, expected.compareTo(parts[2].exactly()), "seed " + seed);
        assertEquals(0, expectedSquares.compareTo(squares.exactly()), "seed " + seed);
        assertEquals(0, BigDecimal.ZERO.compareTo(new ExactSum().exactly()));
    }
}
