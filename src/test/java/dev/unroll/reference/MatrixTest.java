package dev.unroll.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unroll.math.CounterRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The facade over Breeze against plain loops: it must not matter how a matrix is stored. */
class MatrixTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void product_plainOrTransposed_equalsTripleLoop(long seed) {
        CounterRandom random = new CounterRandom(seed);
        int m = 1 + random.below(6, 0);
        int n = 1 + random.below(6, 1);
        int k = 1 + random.below(6, 2);
        Matrix left = random(m, k, seed, 1);
        Matrix right = random(k, n, seed, 2);
        double[] expected = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int l = 0; l < k; l++) {
                    expected[i * n + j] += left.get(i, l) * right.get(l, j);
                }
            }
        }
        Matrix leftT = Matrix.of(k, m, left.transpose().toArray()).transpose();
        Matrix rightT = Matrix.of(n, k, right.transpose().toArray()).transpose();
        for (Matrix a : new Matrix[] {left, leftT}) {
            for (Matrix b : new Matrix[] {right, rightT}) {
                assertArrayEquals(expected, a.times(b).toArray(), 1e-15, "seed " + seed);
            }
        }
    }

    @Test
    void toArray_matrixAndItsTranspose_areRowByRow() {
        Matrix m = Matrix.of(2, 3, 1, 2, 3, 4, 5, 6);
        assertArrayEquals(new double[] {1, 2, 3, 4, 5, 6}, m.toArray());
        assertArrayEquals(new double[] {1, 4, 2, 5, 3, 6}, m.transpose().toArray());
        assertEquals(6, m.get(1, 2));
        assertEquals(6, m.transpose().get(2, 1));
    }

    @Test
    void row_ofATable_isAVector() {
        Matrix row = Matrix.row(new float[] {1, 2, 3, 4, 5, 6}, 2, 1);
        assertArrayEquals(new double[] {3, 4}, row.toArray());
        assertEquals(1, row.columns());
    }

    @Test
    void elementwise_oneSideTransposed_pairsEqualPlaces() {
        Matrix m = Matrix.of(2, 3, 1, 2, 3, 4, 5, 6);
        Matrix other = Matrix.of(3, 2, 10, 40, 20, 50, 30, 60).transpose();
        assertArrayEquals(new double[] {11, 22, 33, 44, 55, 66}, m.plus(other).toArray());
        assertArrayEquals(new double[] {9, 18, 27, 36, 45, 54}, other.minus(m).toArray());
        assertArrayEquals(
                new double[] {10, 40, 90, 160, 250, 360}, m.hadamard(other).toArray());
    }

    @Test
    void blocks_stackedAgain_giveTheWhole() {
        Matrix m = Matrix.of(4, 2, 1, 2, 3, 4, 5, 6, 7, 8);
        assertArrayEquals(new double[] {5, 6, 7, 8}, m.block(1, 2).toArray());
        assertArrayEquals(
                m.toArray(), Matrix.stack(m.block(0, 2), m.block(1, 2)).toArray());
    }

    @Test
    void constructors_smallSizes_giveWhatTheirNamesSay() {
        assertArrayEquals(new double[] {0, 1, 0}, Matrix.unit(3, 1).toArray());
        assertArrayEquals(new double[] {1, 0, 0, 1}, Matrix.identity(2).toArray());
        assertArrayEquals(
                new double[] {7, 0, 0, 8}, Matrix.column(7, 8).diagonal().toArray());
        assertArrayEquals(new double[6], Matrix.zeros(2, 3).toArray());
    }

    /** Breeze must not stretch or cut anything silently. */
    @Test
    void sizesThatDoNotFit_everyOperation_areRefused() {
        Matrix m = Matrix.zeros(2, 3);
        assertThrows(IllegalArgumentException.class, () -> m.times(m));
        assertThrows(IllegalArgumentException.class, () -> m.plus(m.transpose()));
        assertThrows(IllegalArgumentException.class, () -> m.minus(m.transpose()));
        assertThrows(IllegalArgumentException.class, () -> m.hadamard(m.transpose()));
        assertThrows(IllegalArgumentException.class, () -> Matrix.of(2, 2, 1, 2, 3));
    }

    private static Matrix random(int rows, int columns, long seed, long which) {
        CounterRandom random = new CounterRandom(seed, which);
        double[] numbers = new double[rows * columns];
        for (int k = 0; k < numbers.length; k++) {
            numbers[k] = random.normal(k);
        }
        return Matrix.of(rows, columns, numbers);
    }
}
