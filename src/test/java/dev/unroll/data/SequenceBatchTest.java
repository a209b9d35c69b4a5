package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of rows is the order of every sum over steps, so the layout is part of the definition of the bits. */
class SequenceBatchTest {

    private enum Kind {
        TOKENS,
        VALUES
    }

    private enum Labelled {
        ONCE,
        PER_STEP,
        NOT
    }

    /** The picture in the class comment, row by row. */
    @Test
    void pack_lengthsThreeTwoTwo_isThePictureInTheComment() {
        SequenceBatch batch = new SequenceBatch();
        batch.pack(List.of(tokens(20, 21), tokens(10, 11, 12), tokens(30, 31)));
        assertEquals(3, batch.size());
        assertEquals(3, batch.steps());
        assertEquals(7, batch.rows());
        int[] expected = {12, 11, 21, 31, 10, 20, 30};
        assertEquals(Arrays.toString(expected), Arrays.toString(Arrays.copyOf(batch.tokens(), 7)));
        assertEquals(1, batch.active(2));
        assertEquals(3, batch.active(1));
        assertEquals(3, batch.active(0));
        assertEquals(0, batch.offset(2));
        assertEquals(1, batch.offset(1));
        assertEquals(4, batch.offset(0));
        assertEquals(List.of(1, 0, 2), List.of(batch.place(0), batch.place(1), batch.place(2)));
        assertEquals(List.of(0, 2, 3), List.of(batch.lastRow(0), batch.lastRow(1), batch.lastRow(2)));
    }

    /** Shards share products: each one's rows must come in the order in which they would stand alone, or its sums change. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void packParts_severalShards_listsEachPartAsItWouldStandAlone(long seed) {
        Random random = new Random(seed);
        SequenceBatch together = new SequenceBatch();
        SequenceBatch alone = new SequenceBatch();
        for (int repetition = 0; repetition < 30; repetition++) {
            List<SequenceBatch.ShardSlice> parts = new ArrayList<>();
            int total = 0;
            for (int p = 0; p < 1 + random.nextInt(5); p++) {
                List<Sequence> sequences = new ArrayList<>();
                int count = 1 + random.nextInt(9);
                for (int i = 0; i < count; i++) {
                    sequences.add(sequence(Kind.TOKENS, Labelled.PER_STEP, 1 + random.nextInt(7), 1, random));
                }
                parts.add(new SequenceBatch.ShardSlice(new Shard(p, sequences, 1000), range(count), 0, count));
                total += count;
            }
            together.packParts(parts);
            String message = "seed " + seed + ", repetition " + repetition;
            assertEquals(total, together.size(), message);
            assertEquals(parts.size(), together.parts(), message);
            for (int p = 0; p < parts.size(); p++) {
                alone.packParts(List.of(parts.get(p)));
                assertEquals(alone.rows(), together.rowStart(p + 1) - together.rowStart(p), message);
                assertEquals(alone.size(), together.sequenceStart(p + 1) - together.sequenceStart(p), message);
                for (int r = 0; r < alone.rows(); r++) {
                    int row = together.rowsByPart()[together.rowStart(p) + r];
                    assertEquals(alone.tokens()[r], together.tokens()[row], message);
                    assertEquals(alone.label(r), together.label(row), message);
                    assertEquals(p, together.part(together.sequence(row)), message);
                }
                for (int b = 0; b < alone.size(); b++) {
                    int s = together.sequencesByPart()[together.sequenceStart(p) + b];
                    assertEquals(alone.place(b), together.place(s), message);
                    assertEquals(alone.length(b), together.length(s), message);
                }
            }
        }
    }

    private static int[] range(int count) {
        int[] places = new int[count];
        for (int i = 0; i < count; i++) {
            places[i] = i;
        }
        return places;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void pack_randomRaggedSequences_equalsTheNaiveConstruction(long seed) {
        Random random = new Random(seed);
        SequenceBatch batch = new SequenceBatch(); // reused on purpose
        for (int repetition = 0; repetition < 40; repetition++) {
            Kind kind = Kind.values()[random.nextInt(2)];
            Labelled labelled = Labelled.values()[random.nextInt(3)];
            List<Sequence> sequences = new ArrayList<>();
            int n = 1 + random.nextInt(100);
            int longest = 1 + random.nextInt(12);
            int width = 1 + random.nextInt(3);
            for (int i = 0; i < n; i++) {
                sequences.add(sequence(kind, labelled, 1 + random.nextInt(longest), width, random));
            }
            List<Integer> places = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                places.add(i);
            }
            Collections.shuffle(places, random);
            int from = random.nextInt(n);
            int count = 1 + random.nextInt(Math.min(SequenceBatch.MAX_SEQUENCES, n - from));
            int[] array = places.stream().mapToInt(i -> i).toArray();
            batch.pack(new Shard(3, sequences, 1000), array, from, count);
            assertNaive(batch, sequences, places.subList(from, from + count), "seed " + seed + ", " + repetition);
        }
    }

    /** What the comment says, with lists and a stable sort. */
    private static void assertNaive(SequenceBatch batch, List<Sequence> all, List<Integer> places, String message) {
        List<Integer> order = new ArrayList<>(places);
        order.sort(Comparator.comparing((Integer place) -> -all.get(place).length()));
        assertEquals(order.size(), batch.size(), message);
        int steps = all.get(order.get(0)).length();
        assertEquals(steps, batch.steps(), message);
        boolean labelPerStep = order.stream()
                .allMatch(p -> all.get(p).labels().length == all.get(p).length());
        int row = 0;
        for (int t = steps - 1; t >= 0; t--) {
            assertEquals(row, batch.offset(t), message);
            int active = 0;
            for (int b = 0; b < order.size(); b++) {
                Sequence s = all.get(order.get(b));
                if (s.length() <= t) {
                    continue;
                }
                active++;
                if (s.hasTokens()) {
                    assertEquals(s.tokens()[t], batch.tokens()[row], message);
                } else {
                    for (int d = 0; d < s.width(); d++) {
                        assertEquals(s.values()[t * s.width() + d], batch.values()[row * s.width() + d], message);
                    }
                }
                if (labelPerStep) {
                    assertEquals(s.labels()[t], batch.label(row), message);
                }
                if (t == s.length() - 1) {
                    assertEquals(row, batch.lastRow(b), message);
                }
                row++;
            }
            assertEquals(active, batch.active(t), message);
        }
        assertEquals(row, batch.rows(), message);
        for (int b = 0; b < order.size(); b++) {
            Sequence s = all.get(order.get(b));
            assertEquals(order.get(b), batch.place(b), message);
            assertEquals(s.length(), batch.length(b), message);
            assertEquals(s.weight(), batch.weight(b), message);
            assertEquals(s.hasTokens(), batch.hasTokens(), message);
            assertEquals(s.width(), batch.width(), message);
            if (s.labels().length == 1 && !labelPerStep) {
                assertEquals(s.labels()[0], batch.label(b), message);
            }
        }
    }

    /** One label per sequence and one step each looks like a label per step; both readings must give the same. */
    @Test
    void pack_oneStepAndOneLabelEach_hasTheLabelBothWays() {
        SequenceBatch batch = new SequenceBatch();
        batch.pack(List.of(labelled(1, 5), labelled(1, 6), labelled(1, 7)));
        for (int b = 0; b < 3; b++) {
            assertEquals(5 + b, batch.label(b));
            assertEquals(5 + b, batch.label(batch.lastRow(b)));
        }
    }

    /** Equal lengths must keep the order of the epoch: any other order is another order of sums. */
    @Test
    void pack_equalLengths_keepTheirOrder() {
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < SequenceBatch.MAX_SEQUENCES; i++) {
            sequences.add(tokens(i, i));
        }
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        for (int b = 0; b < SequenceBatch.MAX_SEQUENCES; b++) {
            assertEquals(b, batch.place(b));
        }
    }

    /** A small batch after a large one of another kind must look as if packed into a new one. */
    @Test
    void pack_reusedBatch_keepsNoTraceOfTheOneBefore() {
        Random random = new Random(11);
        SequenceBatch reused = new SequenceBatch();
        List<Sequence> large = new ArrayList<>();
        for (int i = 0; i < SequenceBatch.MAX_SEQUENCES; i++) {
            large.add(sequence(Kind.VALUES, Labelled.PER_STEP, 1 + random.nextInt(30), 4, random));
        }
        reused.pack(large);
        List<Sequence> small = List.of(labelled(2, 3), labelled(4, 1));
        reused.pack(small);
        assertNaive(reused, small, List.of(0, 1), "small after large");
        assertTrue(reused.hasTokens());
        assertEquals(0, reused.width());
        reused.pack(large);
        assertFalse(reused.hasTokens());
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < large.size(); i++) {
            places.add(i);
        }
        assertNaive(reused, large, places, "large after small");
    }

    /** 64 is part of the definition of the bits; more or none must be refused rather than cut. */
    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65, 1000})
    void pack_countOutsideOneToSixtyFour_isRefused(int count) {
        List<Sequence> sequences = Collections.nCopies(1001, tokens(1));
        Shard shard = new Shard(0, sequences, 10);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new SequenceBatch().pack(shard, new int[1001], 0, count))
                .getMessage();
        assertTrue(message.contains("1 to 64") && message.contains("" + count), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64})
    void pack_oneToSixtyFour_isTaken(int count) {
        SequenceBatch batch = new SequenceBatch();
        batch.pack(Collections.nCopies(count, tokens(1, 2)));
        assertEquals(count, batch.size());
        assertEquals(2 * count, batch.rows());
    }

    @Test
    void pack_noSequence_isRefused() {
        assertThrows(IllegalArgumentException.class, () -> new SequenceBatch().pack(List.of()));
    }

    private static Sequence tokens(int... ids) {
        return Sequence.ofTokens(ids, new int[] {0}, 1f);
    }

    private static Sequence labelled(int length, int label) {
        return Sequence.ofTokens(new int[length], new int[] {label}, 1f);
    }

    private static Sequence sequence(Kind kind, Labelled labelled, int length, int width, Random random) {
        int count =
                switch (labelled) {
                    case ONCE -> 1;
                    case PER_STEP -> length;
                    case NOT -> 0;
                };
        int[] labels = random.ints(count, 0, 300).toArray();
        float weight = random.nextFloat();
        if (kind == Kind.TOKENS) {
            return Sequence.ofTokens(random.ints(length, 0, 1000).toArray(), labels, weight);
        }
        float[] values = new float[length * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return Sequence.ofValues(values, width, labels, weight);
    }
}
