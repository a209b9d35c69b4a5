package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums without rounding, against decimal arithmetic without rounding. */
class ExactSumTest {

    /** Numbers of very different sizes, of which some cancel others. */
    private static double[] terms(int seed) {
        CounterRandom random = new CounterRandom(41, seed);
        double[] terms = new double[200];
        for (int i = 0; i < terms.length; i++) {
            boolean cancels = i > 10 && random.below(3, 3L * i) == 0;
            terms[i] = cancels
                    ? -terms[i - 1 - random.below(9, 3L * i + 1)]
                    : random.normal(3L * i + 1) * Math.scalb(1.0, random.below(250, 3L * i + 2) - 125);
        }
        return terms;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void value_isThatOfDecimals_inEveryOrderAndGrouping(int seed) {
        double[] terms = terms(seed);
        BigDecimal expected = BigDecimal.ZERO;
        BigDecimal expectedSquares = BigDecimal.ZERO;
        ExactSum forward = new ExactSum();
        ExactSum[] parts = {new ExactSum(), new ExactSum(), new ExactSum()};
        ExactSum squares = new ExactSum();
        for (int i = 0; i < terms.length; i++) {
            BigDecimal term = new BigDecimal(terms[i]);
            expected = expected.add(term);
            expectedSquares = expectedSquares.add(term.multiply(term));
            forward.add(terms[i]);
            parts[i * i % 3].add(terms[terms.length - 1 - i]);
            squares.addSquare(terms[i]);
        }
        ExactSum merged = new ExactSum();
        for (ExactSum part : parts) {
            ByteBuffer bytes = ByteBuffer.allocate(part.byteCount());
            part.write(bytes);
            assertEquals(0, bytes.remaining());
            merged.add(bytes.flip());
        }
        assertEquals(0, expected.compareTo(forward.value()), "seed " + seed);
        assertEquals(0, expected.compareTo(merged.value()), "seed " + seed);
        assertEquals(0, expectedSquares.compareTo(squares.value()), "seed " + seed);
    }

    @Test
    void value_ofNothing_isZero_andOfManyTermsHasFewParts() {
        assertEquals(BigDecimal.ZERO, new ExactSum().value());
        double tenth = Double.parseDouble("0.1"); // not a tenth, so its sums have ever more bits
        ExactSum sum = new ExactSum();
        for (int i = 0; i < 100_000; i++) {
            sum.add(tenth);
        }
        assertEquals(
                0, new BigDecimal(tenth).multiply(BigDecimal.valueOf(100_000)).compareTo(sum.value()));
        assertTrue(sum.byteCount() < 40);
    }
}
