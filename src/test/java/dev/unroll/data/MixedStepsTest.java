package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps of several columns, in shards and batches. */
class MixedStepsTest {

    private static final int[] BOUNDS = {256, 300, 1 << 17};

    private static float[] numbers(int count, Random random) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = random.nextInt(4) == 0 ? Float.NaN : random.nextFloat();
        }
        return numbers;
    }

    private static Steps.Mixed steps(int length, int width, int columns, int staticWidth, int statics, Random random) {
        int[][] ids = new int[columns][];
        for (int k = 0; k < columns; k++) {
            ids[k] = random.ints(length, 0, BOUNDS[k]).toArray();
        }
        int[] staticIds = new int[statics];
        for (int k = 0; k < statics; k++) {
            staticIds[k] = random.nextInt(BOUNDS[k]);
        }
        return new Steps.Mixed(numbers(length * width, random), width, ids, numbers(staticWidth, random), staticIds);
    }

    private static void assertSame(Steps.Mixed expected, Steps actual) {
        Steps.Mixed mixed = (Steps.Mixed) actual;
        assertArrayEquals(expected.values(), mixed.values());
        assertEquals(expected.width(), mixed.width());
        assertArrayEquals(expected.ids(), mixed.ids());
        assertArrayEquals(expected.staticValues(), mixed.staticValues());
        assertArrayEquals(expected.staticIds(), mixed.staticIds());
    }

    /** From sequence to shard and back, and row by row into a batch that is used again for another kind. */
    @ParameterizedTest
    @CsvSource({"2, 3, 1, 2", "0, 1, 0, 0", "3, 0, 2, 0", "1, 2, 0, 3", "1, 0, 0, 0"})
    void shardsAndBatches_holdWhatSequencesHave(int width, int columns, int staticWidth, int statics) {
        Random random = new Random(5);
        SequenceBatch batch = new SequenceBatch();
        for (int repetition = 0; repetition < 10; repetition++) {
            List<Sequence> sequences = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                Steps steps = steps(1 + random.nextInt(9), width, columns, staticWidth, statics, random);
                sequences.add(Sequence.of(steps, new int[] {i}, 1));
            }
            Shard shard = new Shard(0, sequences, 1);
            for (int i = 0; i < sequences.size(); i++) {
                assertSame(
                        (Steps.Mixed) sequences.get(i).steps(),
                        shard.sequence(i).steps());
            }
            batch.pack(List.of(Sequence.ofValues(new float[] {1, 2, 3}, 3, new int[] {0}, 1)));
            batch.pack(sequences);
            assertTrue(batch.isMixed() && !batch.hasTokens());
            assertEquals(columns, batch.ids().length);
            assertEquals(statics, batch.staticIds().length);
            for (int b = 0; b < batch.size(); b++) {
                assertRows((Steps.Mixed) sequences.get(batch.place(b)).steps(), batch, b);
            }
        }
    }

    private static void assertRows(Steps.Mixed expected, SequenceBatch batch, int b) {
        for (int t = 0; t < expected.length(); t++) {
            int row = batch.offset(t) + b;
            for (int d = 0; d < expected.width(); d++) {
                assertEquals(expected.values()[t * expected.width() + d], batch.values()[row * expected.width() + d]);
            }
            for (int k = 0; k < expected.ids().length; k++) {
                assertEquals(expected.ids()[k][t], batch.ids()[k][row]);
            }
        }
        int staticWidth = expected.staticValues().length;
        assertEquals(staticWidth, batch.staticWidth());
        for (int d = 0; d < staticWidth; d++) {
            assertEquals(expected.staticValues()[d], batch.staticValues()[b * staticWidth + d]);
        }
        for (int k = 0; k < expected.staticIds().length; k++) {
            assertEquals(expected.staticIds()[k], batch.staticIds()[k][b]);
        }
    }

    /** Ids of one, two and four bytes, and floats. */
    @Test
    void shard_isAtMostATenthMoreThanItsPrimitives() throws Exception {
        Random random = new Random(6);
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sequences.add(Sequence.of(steps(500, 2, 3, 1, 1, random), new int[] {0}, 1));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new Shard(0, sequences, 1));
        }
        double primitives = 50 * (500 * (2 * 4 + 1 + 2 + 4) + 4 + 1);
        assertTrue(bytes.size() <= 1.1 * primitives, bytes.size() + " bytes for " + primitives);
    }

    @Test
    void slice_hasTheStaticsOfTheWhole() {
        Steps.Mixed steps = steps(7, 2, 2, 1, 1, new Random(7));
        Steps.Mixed slice = (Steps.Mixed) steps.slice(2, 5);
        assertEquals(3, slice.length());
        assertEquals(steps.ids()[1][4], slice.ids()[1][2]);
        assertEquals(steps.values()[2 * 2 + 1], slice.values()[1]);
        assertArrayEquals(steps.staticValues(), slice.staticValues());
        assertArrayEquals(steps.staticIds(), slice.staticIds());
    }

    @Test
    void columnsThatDiffer_areRefused() {
        float[] none = {};
        int[] ids = {1, 2};
        assertMessage("a step needs a number or an id", none, 0);
        assertMessage("columns of ids have 2 and 1 steps", none, 0, ids, new int[] {1});
        assertMessage("3 values are not 2 rows of width 1", new float[3], 1, ids);
        assertMessage("3 values are not 1 rows of width 2", new float[3], 2);
        List<Sequence> two = List.of(
                Sequence.of(new Steps.Mixed(none, 0, new int[][] {ids}, none, ids), new int[1], 1),
                Sequence.of(new Steps.Mixed(none, 0, new int[][] {ids}, none, new int[1]), new int[1], 1));
        String message = assertThrows(IllegalArgumentException.class, () -> new Shard(0, two, 9))
                .getMessage();
        assertTrue(message.contains("0 numbers and 1 categories of the whole sequence"), message);
    }

    private static void assertMessage(String message, float[] values, int width, int[]... ids) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> new Steps.Mixed(values, width, ids, new float[0], new int[0]));
        assertEquals(message, refused.getMessage());
    }
}
