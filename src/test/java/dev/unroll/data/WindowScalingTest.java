package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.math.CounterRandom;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences scaled by their own numbers: against plain loops, exact arithmetic, and other units. */
class WindowScalingTest {

    private static final Encoding BY_WINDOW = new Encoding(null, null, Scaling.BY_WINDOW);
    private static final int WIDTH = 3;

    private static double[] numbers(int seed, int count) {
        CounterRandom random = new CounterRandom(23, seed);
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = 100 * seed + (1 + i % WIDTH) * random.normal(i);
        }
        return numbers;
    }

    private static Sequence decoded(double[] values, double[] targets, int targetWidth) {
        return CanonicalRow.ofValues(values, WIDTH, RowOutcome.targets(targets, targetWidth), 1f)
                .decode(BY_WINDOW);
    }

    @Test
    void scaledNumbers_areThoseOfAPlainLoop() {
        for (int n = 1; n < 60; n++) {
            double[] x = numbers(n, WIDTH * n);
            double[] y = numbers(1000 + n, 2);
            Sequence sequence = decoded(x, y, 2);
            double[] mean = new double[WIDTH];
            double[] deviation = new double[WIDTH];
            for (int j = 0; j < WIDTH; j++) {
                double sum = 0;
                for (int t = 0; t < n; t++) {
                    sum += x[t * WIDTH + j];
                }
                mean[j] = sum / n;
                double squares = 0;
                for (int t = 0; t < n; t++) {
                    squares += (x[t * WIDTH + j] - mean[j]) * (x[t * WIDTH + j] - mean[j]);
                }
                deviation[j] = n == 1 ? Math.abs(mean[j]) : Math.sqrt(squares / n);
                for (int t = 0; t < n; t++) {
                    float expected = (float) ((x[t * WIDTH + j] - mean[j]) / deviation[j]);
                    assertEquals(expected, sequence.values()[t * WIDTH + j], "step " + t + " of " + n);
                }
            }
            for (int j = 0; j < 2; j++) {
                assertEquals((float) ((y[j] - mean[0]) / deviation[0]), sequence.targets()[j]);
                double back = sequence.ownScale().undo(sequence.targets()[j], j);
                assertEquals(y[j], back, 1e-6 * (deviation[0] + Math.abs(y[j] - mean[0])));
            }
            assertArrayEquals(y, sequence.exactTargets());
        }
    }

    @ParameterizedTest(name = "{0} + {1} sin")
    @CsvSource({"0, 1", "100, 10", "1e6, 1", "1e9, 10", "-1e12, 1e3", "0, 1e-60", "1e30, 1e22", "3, 1e38", "1, 1e-5"})
    void scaledNumbers_areThoseOfExactArithmetic(double level, double spread) {
        int steps = 50;
        double[] x = new double[steps];
        BigDecimal sum = BigDecimal.ZERO;
        for (int t = 0; t < steps; t++) {
            x[t] = level + spread * StrictMath.sin(0.7 * t);
            sum = sum.add(new BigDecimal(x[t]));
        }
        BigDecimal mean = sum.divide(BigDecimal.valueOf(steps), new MathContext(60));
        BigDecimal squares = BigDecimal.ZERO;
        for (double value : x) {
            squares = squares.add(new BigDecimal(value).subtract(mean).pow(2));
        }
        BigDecimal deviation =
                squares.divide(BigDecimal.valueOf(steps), new MathContext(60)).sqrt(new MathContext(40));
        float[] scaled = CanonicalRow.ofValues(x, 1, RowOutcome.NONE, 1f)
                .decode(BY_WINDOW)
                .values();
        for (int t = 0; t < steps; t++) {
            double exact = new BigDecimal(x[t])
                    .subtract(mean)
                    .divide(deviation, MathContext.DECIMAL64)
                    .doubleValue();
            assertEquals(exact, scaled[t], 1e-6 + 4 * Math.ulp(level) / spread);
        }
    }

    @Test
    void otherUnits_giveTheSameBits() {
        double[] x = numbers(4, 12 * WIDTH);
        double[] y = numbers(5, 1);
        Sequence sequence = decoded(x, y, 1);
        for (double unit : new double[] {0.125, 1024, 0x1p60}) {
            double[] other = x.clone();
            for (int i = 0; i < x.length; i++) {
                other[i] *= unit;
            }
            Sequence moved = decoded(other, new double[] {unit * y[0]}, 1);
            assertArrayEquals(sequence.values(), moved.values());
            assertArrayEquals(sequence.targets(), moved.targets());
            assertEquals(
                    unit * sequence.ownScale().undo(0.7f, 0), moved.ownScale().undo(0.7f, 0));
        }
    }

    @Test
    void numberThatNeverChanges_isMeasuredInItsOwnSize() {
        for (double constant : new double[] {0, 1, 0.1, 1e9 + 0.3, 1e-60, -7}) {
            double[] x = {constant, 1, 2, constant, 2, 2, constant, 4, 2};
            double[] y = {constant, 1.5 * constant, constant + 1};
            Sequence sequence = decoded(x, y, 3);
            for (int t = 0; t < 3; t++) {
                assertEquals(0f, sequence.values()[t * WIDTH], 1e-6f, "of " + constant);
            }
            assertEquals(0f, sequence.targets()[0], 1e-6f);
            if (constant == 0) {
                assertEquals(1f, sequence.targets()[2]);
            } else {
                assertEquals(Math.signum(constant) * 0.5f, sequence.targets()[1], 1e-6f);
            }
        }
    }

    @Test
    void ownScale_goesThroughShardsBatchesAndSlices_andIsGoneWhereNothingIsMeasured() {
        List<Sequence> sequences = new ArrayList<>();
        for (int n = 1; n < 6; n++) {
            sequences.add(decoded(numbers(n, n * WIDTH), numbers(n, 2 * n), 2));
        }
        Shard shard = new Shard(0, sequences, 1);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(shard, new int[] {0, 1, 2, 3, 4}, 0, 5);
        for (int row = 0; row < batch.rows(); row++) {
            Sequence own = sequences.get(batch.place(batch.sequence(row)));
            assertEquals(own.ownScale().undo(0.3f, 1), batch.targetScale(row).undo(0.3f, 1));
        }
        for (int i = 0; i < 5; i++) {
            Sequence own = sequences.get(i);
            assertEquals(
                    own.ownScale().undo(2f, 0),
                    shard.sequence(i).slice(0, 1).ownScale().undo(2f, 0));
            Sequence trained = own.unmeasured();
            assertNull(trained.ownScale());
            assertNull(trained.exactTargets());
            assertArrayEquals(own.targets(), trained.targets());
        }
        assertNull(new Shard(0, sequences.stream().map(Sequence::unmeasured).toList(), 1)
                .sequence(0)
                .ownScale());
    }

    @Test
    void ownScale_ofSequencesWithOneTargetEach_isThatOfTheSequence() {
        List<Sequence> sequences = List.of(
                decoded(numbers(1, 2 * WIDTH), numbers(1, 1), 1), decoded(numbers(2, 5 * WIDTH), numbers(2, 1), 1));
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        assertEquals(
                sequences.get(1).ownScale().undo(1f, 0), batch.targetScale(0).undo(1f, 0), "the longest is the first");
        assertEquals(
                sequences.get(0).ownScale().undo(1f, 0), batch.targetScale(1).undo(1f, 0));
    }

    /** The last numbers of a step stay as they are, and the first are scaled as if those were not there. */
    @Test
    void lastNumbersOfAStep_mayStayAsTheyAre() {
        CounterRandom random = new CounterRandom(23, 9);
        double[] values = new double[4 * 11];
        double[] first = new double[2 * 11];
        for (int t = 0; t < 11; t++) {
            for (int j = 0; j < 4; j++) {
                values[4 * t + j] = 10 * j + random.normal(4 * t + j);
            }
            System.arraycopy(values, 4 * t, first, 2 * t, 2);
        }
        Standardization scale = Scaling.byWindow(2).of(values, 4).inputs();
        Standardization alone = Scaling.BY_WINDOW.of(first, 2).inputs();
        for (int j = 0; j < 4; j++) {
            double zero = j < 2 ? alone.undo(0, j) : 0; // the mean
            double one = j < 2 ? alone.undo(1, j) : 1; // and a deviation more
            assertEquals(zero, scale.undo(0, j), "number " + j);
            assertEquals(one, scale.undo(1, j), "number " + j);
        }
        float[] scaled = CanonicalRow.ofValues(values, 4, RowOutcome.NONE, 1f)
                .decode(new Encoding(null, null, Scaling.byWindow(2)))
                .values();
        for (int t = 0; t < 11; t++) {
            assertEquals((float) values[4 * t + 2], scaled[4 * t + 2]);
            assertEquals((float) values[4 * t + 3], scaled[4 * t + 3]);
        }
    }

    @Test
    void scalingByWindow_isSome() {
        assertTrue(Scaling.BY_WINDOW.isByWindow());
        assertTrue(Scaling.byWindow(2).isByWindow());
        assertFalse(Scaling.BY_WINDOW.isNone());
        assertTrue(Scaling.NONE.isNone());
    }
}
