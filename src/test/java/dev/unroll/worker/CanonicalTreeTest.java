package dev.unroll.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws of the merge. A sum here writes down what was added to what, so that a test sees the tree itself, and carries a float, so
 * that it sees the bits.
 */
class CanonicalTreeTest {

    /** What was added, with brackets; and the sum as a float that rounds at nearly every addition. */
    private static final class Written implements Sum<Written> {
        private String text;
        private float value;

        Written(String text, float value) {
            this.text = text;
            this.value = value;
        }

        static Written leaf(int shard) {
            return new Written("" + shard, 1f / (shard + 3));
        }

        @Override
        public void merge(Written other) {
            text = "(" + text + "+" + other.text + ")";
            value += other.value;
        }

        @Override
        public int byteCount() {
            return 2 * Integer.BYTES + text.length();
        }

        @Override
        public void write(ByteBuffer out) {
            out.putInt(text.length())
                    .put(text.getBytes(StandardCharsets.US_ASCII))
                    .putFloat(value);
        }

        static Written read(ByteBuffer in) {
            byte[] text = new byte[in.getInt()];
            in.get(text);
            return new Written(new String(text, StandardCharsets.US_ASCII), in.getFloat());
        }
    }

    /** The definition: node (level, index) is left + right; a node without sequences leaves the other one as it is. */
    private static Written define(int level, int index, List<Boolean> present) {
        if ((long) index << level >= present.size()) {
            return null;
        }
        if (level == 0) {
            return present.get(index) ? Written.leaf(index) : null;
        }
        Written left = define(level - 1, 2 * index, present);
        Written right = define(level - 1, 2 * index + 1, present);
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        left.merge(right);
        return left;
    }

    private static Written define(List<Boolean> present) {
        int level = 0;
        while (1 << level < present.size()) {
            level++;
        }
        return define(level, 0, present);
    }

    private static List<Boolean> all(int shards) {
        return Collections.nCopies(shards, true);
    }

    private static CanonicalTree<Written> tree(List<Boolean> present, Iterable<Integer> shards) {
        CanonicalTree<Written> tree = new CanonicalTree<>(present.size());
        shards.forEach(u -> tree.add(u, present.get(u) ? Written.leaf(u) : null));
        return tree;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    private static void assertDefined(List<Boolean> present, CanonicalTree<Written> tree, String message) {
        Written expected = define(present);
        assertEquals(expected.text, tree.root().text, message);
        assertEquals(Float.floatToRawIntBits(expected.value), Float.floatToRawIntBits(tree.root().value), message);
    }

    @Test
    void tree_ofFiveAndSix_isTheOneDrawnByHand() {
        assertEquals("(((0+1)+(2+3))+4)", tree(all(5), range(0, 5)).root().text);
        assertEquals("(((0+1)+(2+3))+(4+5))", tree(all(6), range(0, 6)).root().text);
        assertEquals(
                "((1+(2+3))+4)",
                tree(List.of(false, true, true, true, true), range(0, 5)).root().text);
        assertEquals("0", tree(all(1), range(0, 1)).root().text);
    }

    /** A sum that grew from left to right would have other bits: without that, none of these tests could fail. */
    @Test
    void definition_differsFromSummingInOrder() {
        int different = 0;
        for (int shards = 8; shards <= 64; shards++) {
            float inOrder = 0;
            for (int u = 0; u < shards; u++) {
                inOrder += Written.leaf(u).value;
            }
            different += inOrder != define(all(shards)).value ? 1 : 0;
        }
        assertTrue(different > 30, "only " + different + " of 57 sizes");
    }

    /** Each way a job can be cut: whole, in two, very unequal, one by one, with an empty partition before and behind. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 31, 33, 63, 64, 65, 100})
    void merge_contiguousRuns_givesTheDefinedTree(int shards) {
        List<Boolean> present = all(shards);
        assertDefined(present, tree(present, range(0, shards)), "whole");
        for (int cut = 0; cut <= shards; cut++) {
            CanonicalTree<Written> left = tree(present, range(0, cut));
            left.merge(tree(present, range(cut, shards)));
            assertDefined(present, left, "left run first, cut at " + cut);
            CanonicalTree<Written> right = tree(present, range(cut, shards));
            right.merge(tree(present, range(0, cut)));
            assertDefined(present, right, "right run first, cut at " + cut);
        }
        CanonicalTree<Written> oneByOne = new CanonicalTree<>(shards);
        for (int u = shards - 1; u >= 0; u--) {
            oneByOne.merge(tree(present, List.of(u)));
        }
        assertDefined(present, oneByOne, "one by one, last first");
    }

    /** Shards without a sequence, at both ends too, must leave the others' bits alone. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 8, 21, 64})
    void merge_shardsWithoutSequences_haveNoPartInTheTree(int shards) {
        for (int from = 0; from < shards; from++) {
            for (int to = from + 1; to <= shards; to++) {
                int first = from;
                int end = to;
                List<Boolean> present = IntStream.range(0, shards)
                        .mapToObj(u -> u >= first && u < end)
                        .toList();
                assertDefined(present, tree(present, range(0, shards)), from + " to " + to);
            }
        }
    }

    /** Shards that come together, in runs of any length and with shards missing between them. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void addAll_givesTheDefinedTree(long seed) {
        Random random = new Random(seed);
        for (int repetition = 0; repetition < 200; repetition++) {
            int shards = 1 + random.nextInt(70);
            List<Boolean> present = new ArrayList<>();
            for (int u = 0; u < shards; u++) {
                present.add(random.nextInt(8) > 0);
            }
            present.set(random.nextInt(shards), true);
            CanonicalTree<Written> tree = new CanonicalTree<>(shards);
            for (int from = 0; from < shards; ) {
                int to = Math.min(shards, from + 1 + random.nextInt(40));
                List<Integer> some = new ArrayList<>(
                        range(from, to).stream().filter(present::get).toList());
                if (random.nextInt(3) == 0) {
                    Collections.shuffle(some, random);
                }
                tree.addAll(
                        some.stream().mapToInt(u -> u).toArray(),
                        some.stream().map(Written::leaf).toList());
                range(from, to).stream().filter(u -> !present.get(u)).forEach(u -> tree.add(u, null));
                from = to;
            }
            assertDefined(present, tree, "seed " + seed + ", repetition " + repetition);
        }
    }

    /** Arrival order, grouping, and whether a forest came as bytes: what a cluster decides, and must not matter. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void merge_randomGroupingsAndOrders_givesTheDefinedTree(long seed) {
        Random random = new Random(seed);
        for (int repetition = 0; repetition < 100; repetition++) {
            int shards = 1 + random.nextInt(70);
            List<Boolean> present = new ArrayList<>();
            for (int u = 0; u < shards; u++) {
                present.add(random.nextInt(4) > 0);
            }
            present.set(random.nextInt(shards), true);
            List<Integer> order = new ArrayList<>(range(0, shards));
            Collections.shuffle(order, random);
            List<CanonicalTree<Written>> forests = new ArrayList<>();
            for (int from = 0; from < shards; ) {
                int to = Math.min(shards, from + 1 + random.nextInt(shards));
                forests.add(tree(present, order.subList(from, to)));
                from = to;
            }
            forests.add(new CanonicalTree<>(shards)); // a task without shards
            while (forests.size() > 1) {
                CanonicalTree<Written> other = forests.remove(random.nextInt(forests.size()));
                CanonicalTree<Written> into = forests.get(random.nextInt(forests.size()));
                if (random.nextBoolean()) {
                    into.merge(other);
                } else {
                    into.merge(MessageBytes.wrap(other.toBytes()), Written::read);
                }
            }
            assertDefined(present, forests.get(0), "seed " + seed + ", " + repetition + ": " + order);
        }
    }

    /** A forest has one form, so that equal partial sums are equal bytes whatever the order they were made in. */
    @Test
    void bytes_ofTheSameShards_areTheSame() {
        List<Boolean> present = new ArrayList<>(all(13));
        present.set(4, false);
        List<Integer> shards = List.of(0, 1, 2, 4, 5, 6, 9, 12);
        byte[] expected = tree(present, shards).toBytes();
        List<Integer> shuffled = new ArrayList<>(shards);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(shuffled, new Random(i));
            assertArrayEquals(expected, tree(present, shuffled).toBytes(), "order " + shuffled);
        }
        CanonicalTree<Written> copy = new CanonicalTree<>(13);
        copy.merge(MessageBytes.wrap(expected), Written::read);
        assertArrayEquals(expected, copy.toBytes());
    }

    /** An aligned run of shards is one node, so one vector travels, whatever the size of the run. */
    @Test
    void bytes_ofAnAlignedRun_holdOneSum() {
        byte[] bytes = tree(all(64), range(16, 32)).toBytes();
        assertEquals(1, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt());
    }

    /** A result that is delivered twice (a retry, a speculative copy) must never be counted twice, nor pass unseen. */
    @Test
    void shardThatArrivesTwice_alone_isRefused() {
        CanonicalTree<Written> tree = new CanonicalTree<>(8);
        tree.add(2, Written.leaf(2));
        assertTwice(() -> tree.add(2, Written.leaf(2)));
        tree.add(5, null);
        assertTwice(() -> tree.add(5, Written.leaf(5)));
    }

    /** The first copy may have become part of a larger node by then. */
    @Test
    void shardThatArrivesTwice_afterItsParent_isRefused() {
        for (int joined = 2; joined <= 8; joined++) {
            CanonicalTree<Written> tree = tree(all(8), range(0, joined));
            for (int u = 0; u < joined; u++) {
                int shard = u;
                assertTwice(() -> tree.add(shard, Written.leaf(shard)));
            }
        }
    }

    /** A node arrives of which one shard is there already. */
    @Test
    void shardThatArrivesTwice_insideAnotherForest_isRefused() {
        for (int shard = 0; shard < 4; shard++) {
            CanonicalTree<Written> alone = tree(all(8), List.of(shard));
            assertTwice(() -> alone.merge(tree(all(8), range(0, 4))));
            CanonicalTree<Written> bytes = tree(all(8), List.of(shard));
            assertTwice(() ->
                    bytes.merge(MessageBytes.wrap(tree(all(8), range(0, 8)).toBytes()), Written::read));
            CanonicalTree<Written> joined = tree(all(8), range(0, 8));
            int one = shard;
            assertTwice(() -> joined.merge(tree(all(8), List.of(one))));
        }
    }

    private static void assertTwice(Runnable arrival) {
        String message = assertThrows(IllegalStateException.class, arrival::run).getMessage();
        assertTrue(message.contains("arrived twice"), message);
    }

    /** A lost partial sum must not become a smaller gradient. */
    @Test
    void root_shardMissing_isAnErrorThatSaysWhatIsThere() {
        for (int shards : new int[] {1, 2, 5, 8, 33}) {
            for (int missing = 0; missing < shards; missing++) {
                int gap = missing;
                CanonicalTree<Written> tree = tree(
                        all(shards),
                        range(0, shards).stream().filter(u -> u != gap).toList());
                String message =
                        assertThrows(IllegalStateException.class, tree::root).getMessage();
                assertTrue(message.contains("over " + shards + " shards is not complete"), message);
            }
        }
        String message = assertThrows(IllegalStateException.class, () -> tree(all(4), List.of(0, 1, 3))
                        .root())
                .getMessage();
        assertTrue(message.contains("(1, 0)") && message.contains("(0, 3)"), message);
    }

    /** Nothing is missing here, so the message must not say so. */
    @Test
    void root_noShardHasASequence_isAnErrorOfItsOwn() {
        CanonicalTree<Written> tree = tree(List.of(false, false, false), range(0, 3));
        String message = assertThrows(IllegalStateException.class, tree::root).getMessage();
        assertTrue(message.contains("none of the 3 shards has a sequence"), message);
    }

    @Test
    void shardOutsideTheTree_orTreeOfAnotherSize_isRefused() {
        CanonicalTree<Written> tree = new CanonicalTree<>(3);
        assertThrows(IllegalArgumentException.class, () -> tree.add(3, null));
        assertThrows(IllegalArgumentException.class, () -> tree.add(-1, null));
        assertThrows(IllegalArgumentException.class, () -> tree.merge(new CanonicalTree<>(4)));
    }
}
