package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTest {

    /** Ids are kept in one, two or four bytes: a sign or a cut-off byte at a boundary would turn one token into another. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 127, 128, 129, 255, 256, 257, 32768, 32769, 65535, 65536, 65537, 1 << 22})
    void tokens_vocabularyAroundTheByteBoundaries_areGivenBack(int vocabulary) throws Exception {
        Random random = new Random(vocabulary);
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int[] tokens = random.ints(1 + random.nextInt(9), 0, vocabulary).toArray();
            tokens[0] = i % 2 == 0 ? vocabulary - 1 : 0;
            sequences.add(Sequence.ofTokens(tokens, new int[] {vocabulary - 1 - i % 2 * (vocabulary - 1)}, i));
        }
        Shard shard = new Shard(5, sequences, vocabulary);
        assertHolds(shard, sequences);
        // As Spark's default serializer takes it to an executor.
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(shard);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertHolds((Shard) in.readObject(), sequences);
        }
        int perStep = vocabulary <= 1 << 8 ? 1 : vocabulary <= 1 << 16 ? 2 : 4;
        long steps = sequences.stream().mapToInt(Sequence::length).sum();
        long wide = serializedSize(new Shard(5, sequences, Integer.MAX_VALUE));
        assertEquals(
                (double) (4 - perStep) * steps,
                (double) wide - serializedSize(shard),
                20,
                "bytes saved beside four per id");
    }

    private static long serializedSize(Shard shard) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(shard);
        }
        return bytes.size();
    }

    private static void assertHolds(Shard shard, List<Sequence> sequences) {
        assertEquals(5, shard.index());
        assertEquals(sequences.size(), shard.size());
        assertEquals(sequences.stream().mapToInt(Sequence::length).sum(), shard.steps());
        for (int i = 0; i < sequences.size(); i++) {
            Sequence s = sequences.get(i);
            assertEquals(s.length(), shard.length(i));
            assertEquals(s.weight(), shard.weight(i));
            for (int t = 0; t < s.length(); t++) {
                assertEquals(
                        s.tokens()[t],
                        shard.shardSteps().tokens().get(shard.shardSteps().startOf(i) + t));
            }
            assertEquals(s.labels().length, shard.shardTerms().count(i));
            for (int j = 0; j < s.labels().length; j++) {
                assertEquals(
                        s.labels()[j],
                        shard.shardTerms().label(shard.shardTerms().startOf(i) + j));
            }
        }
    }

    /** Also beside sequences whose terms all weigh 1, and where labels are the next tokens. */
    @Test
    void termWeights_areGivenBack_inShardsAndBatches() {
        Sequence plain = Sequence.ofTokens(new int[] {1, 2, 3}, new int[] {2, 3, 4}, 2f);
        List<Sequence> sequences = List.of(
                plain, plain.withTermWeights(0.5f, 0, 3), Sequence.ofTokens(new int[] {1, 2}, new int[] {2, -1}, 1f));
        Shard shard = new Shard(0, sequences, 5);
        assertEquals(null, shard.sequence(0).withTermWeights(1, 1, 1).termWeights());
        assertArrayEquals(new float[] {0.5f, 0, 3}, shard.sequence(1).termWeights());
        assertArrayEquals(new float[] {1, 0}, shard.sequence(2).termWeights());
        assertArrayEquals(new int[] {2, 3, 4}, shard.sequence(1).labels());
        SequenceBatch batch = new SequenceBatch();
        for (List<Integer> order : List.of(List.of(0), List.of(2, 1, 0), List.of(0))) {
            List<Sequence> some = order.stream().map(sequences::get).toList();
            batch.pack(some);
            assertEquals(order.size() > 1, batch.weighsTerms());
            for (int b = 0; b < batch.size() && batch.weighsTerms(); b++) {
                Sequence s = some.get(batch.place(b));
                assertEquals(s.termWeight(), batch.termWeightOf(b));
                for (int t = 0; t < s.length(); t++) {
                    float expected = s.termWeights() == null ? 1 : s.termWeights()[t];
                    assertEquals(expected, batch.termWeight(batch.offset(t) + b));
                }
            }
        }
        assertArrayEquals(new float[] {0, 3}, shard.sequence(1).slice(1, 3).termWeights());
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> plain.withTermWeights(1, -1, 1));
        assertEquals("the weight of term 1 is -1.0; allowed is 0 or more", refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> plain.withTermWeights(1, 1));
    }

    @Test
    void denseRows_areGivenBack() {
        float[] first = {1f, -0f, Float.NaN, 4f};
        float[] second = {5f, Float.MIN_VALUE};
        Shard shard = new Shard(
                0,
                List.of(
                        Sequence.ofValues(first, 2, new int[] {1, 0}, 2f),
                        Sequence.ofValues(second, 2, new int[] {1}, 3f)),
                0);
        assertEquals(2, shard.shardSteps().width());
        assertEquals(3, shard.steps());
        float[] expected = {1f, -0f, Float.NaN, 4f, 5f, Float.MIN_VALUE};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(
                    Float.floatToRawIntBits(expected[i]),
                    Float.floatToRawIntBits(shard.shardSteps().values()[i]));
        }
    }

    @Test
    void emptyShard_hasNoSequence() {
        Shard shard = new Shard(7, List.of(), 100);
        assertEquals(0, shard.size());
        assertEquals(0, shard.steps());
    }

    /** A shard of two kinds would read one kind's numbers as the other's. */
    @Test
    void mixedKinds_areRefusedByName() {
        Sequence tokens = Sequence.ofTokens(new int[] {1}, new int[] {0}, 1f);
        Sequence two = Sequence.ofValues(new float[] {1f, 2f}, 2, new int[] {0}, 1f);
        Sequence one = Sequence.ofValues(new float[] {1f, 2f}, 1, new int[] {0}, 1f);
        for (List<Sequence> mixed : List.of(List.of(tokens, two), List.of(two, tokens), List.of(two, two, one))) {
            String message = assertThrows(IllegalArgumentException.class, () -> new Shard(4, mixed, 2))
                    .getMessage();
            assertTrue(message.contains("sequence " + (mixed.size() - 1) + " of shard 4"), message);
        }
    }

    @Test
    void sequence_withoutStepOrWithBrokenRows_isRefused() {
        int[] labels = {0};
        assertThrows(IllegalArgumentException.class, () -> Sequence.ofTokens(new int[0], labels, 1f));
        assertThrows(IllegalArgumentException.class, () -> Sequence.ofValues(new float[0], 2, labels, 1f));
        assertThrows(IllegalArgumentException.class, () -> Sequence.ofValues(new float[3], 2, labels, 1f));
        assertThrows(IllegalArgumentException.class, () -> Sequence.ofValues(new float[2], 0, labels, 1f));
    }

    /** Labels that are the next tokens are not stored a second time, whether documents are whole or joined. */
    @Test
    void nextTokens_areStoredOnce() throws Exception {
        List<Sequence> sequences = new ArrayList<>();
        for (int n = 0; n < 1000; n++) {
            int[] document = new int[65];
            for (int t = 0; t < document.length; t++) {
                document[t] = (n * 31 + t * t) % 200;
            }
            sequences.add(Sequence.ofTokens(Arrays.copyOf(document, 64), Arrays.copyOfRange(document, 1, 65), 1f));
        }
        Shard shard = new Shard(5, sequences, 200);
        assertHolds(shard, sequences);
        int ids = 64 * 1000;
        assertTrue(serializedSize(shard) < 1.1 * ids, serializedSize(shard) + " bytes for " + ids + " ids of one byte");
        Shard some = Shard.ofPlaces(new int[] {7, 3}, 5, List.of(shard.sequence(7), shard.sequence(3)), 200);
        assertHolds(some, List.of(sequences.get(7), sequences.get(3)));
        assertEquals(7, some.place(0));
        assertEquals(3, some.place(1));
        assertEquals(4096 + 1, Shard.ofPlacesFrom(4096, 0, sequences, 200).place(1));
    }

    /** Sets of labels take a bit for each label, and a batch has room for one set of each sequence. */
    @Test
    void zerosAndOnes_areGivenBack_fromBits() throws Exception {
        int width = 70;
        List<Sequence> sequences = new ArrayList<>();
        for (int n = 0; n < 64; n++) {
            float[] set = new float[width];
            for (int c = 0; c < width; c++) {
                set[c] = (n * 13 + c * c) % 3 == 0 ? 1 : 0;
            }
            sequences.add(Sequence.ofTokens(new int[100], new int[] {0}, 1f).withTargets(set, width));
        }
        Shard shard = new Shard(0, sequences, 5);
        SequenceBatch batch = new SequenceBatch();
        batch.pack(sequences);
        for (int n = 0; n < sequences.size(); n++) {
            assertArrayEquals(sequences.get(n).targets(), shard.sequence(n).targets());
            float[] packed = Arrays.copyOfRange(batch.targets(), n * width, (n + 1) * width);
            assertArrayEquals(sequences.get(batch.place(n)).targets(), packed);
        }
        assertEquals(64 * width, batch.targets().length);
        List<Sequence> others = sequences.stream()
                .map(s -> s.withTargets(new float[] {0.5f}, 1))
                .toList();
        long bytes = serializedSize(shard) - serializedSize(new Shard(0, others, 5));
        assertTrue(bytes < 64 * width / 8 + 400, bytes + " bytes more than those of a number each");
        float[] missing = {1, 0, Float.NaN, Float.NaN, 0, 1};
        Sequence tagged = Sequence.ofTokens(new int[3], new int[3], 1f).withTargets(missing, 2);
        Sequence back = new Shard(0, List.of(tagged), 5).sequence(0);
        assertArrayEquals(new float[] {1, 0, 1}, back.termWeights());
        assertArrayEquals(new float[] {1, 0, 0, 0, 0, 1}, back.targets());
        assertArrayEquals(
                new float[] {-0f},
                new Shard(0, List.of(tagged.slice(0, 1).withTargets(new float[] {-0f}, 1)), 5)
                        .sequence(0)
                        .targets());
    }

    /** Sequences of one step, whose label could be a next token: it is no token all the same. */
    @Test
    void unknownTokens_areThoseOfSteps() {
        List<Sequence> sequences = List.of(
                Sequence.ofTokens(new int[] {1}, new int[] {0}, 1f),
                Sequence.ofTokens(new int[] {0}, new int[] {2}, 1f));
        assertEquals(1, new Shard(0, sequences, 3).unknownTokens());
    }
}
