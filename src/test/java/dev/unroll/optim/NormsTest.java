package dev.unroll.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormsTest {

    /** Guards the documented order of the sum: the oracle walks each lane on its own. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 15, 16, 17, 31, 32, 33, 1000, 4099})
    void l2_hasTheBitsOfTheDocumentedOrder(int size) {
        float[] x = new float[size];
        Random random = new Random(size);
        for (int i = 0; i < size; i++) {
            x[i] = (float) random.nextGaussian() * (i % 7 == 0 ? 1e6f : 1f);
        }
        assertEquals(Math.sqrt(lanes(x, 0, 16)), Norms.l2(x));
        double[] wide = new double[size];
        Arrays.setAll(wide, i -> x[i]);
        assertEquals(lanes(x, 0, 16), Norms.dot(x, wide));
    }

    private static double lanes(float[] x, int lane, int lanes) {
        if (lanes > 1) {
            return lanes(x, lane, lanes / 2) + lanes(x, lane + lanes / 2, lanes / 2);
        }
        double sum = 0;
        for (int i = lane; i < x.length; i += 16) {
            sum += (double) x[i] * x[i];
        }
        return sum;
    }

    @Test
    void l2_ofExtremeNumbers_neitherOverflowsNorVanishes() {
        assertEquals(5.0, Norms.l2(new float[] {3, -4}));
        assertEquals(Math.sqrt(2) * Float.MAX_VALUE, Norms.l2(new float[] {Float.MAX_VALUE, Float.MAX_VALUE}), 1e24);
        assertEquals(Float.MIN_VALUE, Norms.l2(new float[] {Float.MIN_VALUE}));
        assertTrue(Double.isNaN(Norms.l2(new float[] {1, Float.NaN, 2})));
        assertEquals(Double.POSITIVE_INFINITY, Norms.l2(new float[] {1, Float.NEGATIVE_INFINITY}));
    }
}
