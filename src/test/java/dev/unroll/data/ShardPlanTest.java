package dev.unroll.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardPlanTest {

    /** A sequence that is left out or seen twice is the error that no loss curve shows. */
    @Test
    void epoch_anySizes_visitsEachSequenceOnceInBatchesOfB() {
        for (int sequences : new int[] {1, 2, 3, 7, 8, 9, 31, 32, 33, 100, 257}) {
            for (int shards : new int[] {1, 2, 3, 5, 8, 16, 64, 300}) {
                for (int batchSize : new int[] {0, 1, 2, 3, 7, 16, 64, 100, 1000}) {
                    ShardPlan plan = new ShardPlan(5, shards, sequences, batchSize);
                    for (long epoch = 0; epoch < 2; epoch++) {
                        checkEpoch(plan, epoch);
                    }
                }
            }
        }
    }

    private static void checkEpoch(ShardPlan plan, long epoch) {
        int b = plan.batchSize() == 0 ? (int) plan.sequences() : (int) Math.min(plan.batchSize(), plan.sequences());
        int batches = (int) Math.ceil((double) plan.sequences() / b);
        assertEquals(batches, plan.batchesPerEpoch(), plan.toString());
        Set<Long> seen = new HashSet<>();
        for (int k = 0; k < batches; k++) {
            ShardPlan.Batch batch = plan.batch(epoch * batches + k);
            assertEquals(epoch, batch.epoch(), plan.toString());
            int expected = k < batches - 1 ? b : (int) plan.sequences() - (batches - 1) * b;
            int size = 0;
            for (int u = 0; u < plan.shards(); u++) {
                for (int place : plan.places(batch, u)) {
                    assertTrue(place >= 0 && place < plan.shardSize(u), plan.toString());
                    // Back to the ordinal: n lives in shard n mod U at place n div U.
                    assertTrue(seen.add((long) place * plan.shards() + u), plan + " visits it twice");
                    size++;
                }
            }
            assertEquals(expected, size, plan + ", batch " + k);
            assertEquals(expected, batch.size(), plan + ", batch " + k);
        }
        assertEquals(plan.sequences(), seen.size(), plan.toString());
        assertTrue(seen.stream().allMatch(n -> n < plan.sequences()), plan.toString());
    }

    /** Position p is local place p div U of shard p mod U: the batches cut the epoch's one order, and do not draw anew. */
    @Test
    void batches_areCutsOfTheOrderOfTheEpoch() {
        for (int[] c : new int[][] {{100, 8, 7}, {33, 5, 16}, {9000, 2, 1000}, {50, 64, 3}}) {
            ShardPlan plan = new ShardPlan(1, c[1], c[0], c[2]);
            for (long i = 0; i < 2 * plan.batchesPerEpoch(); i++) {
                ShardPlan.Batch batch = plan.batch(i);
                ShardPlan.Batch whole = new ShardPlan.Batch(batch.epoch(), 0, c[0]);
                for (int u = 0; u < plan.shards(); u++) {
                    int[] order = plan.places(whole, u);
                    int shard = u;
                    int[] expected = LongStream.range(batch.from(), batch.to())
                            .filter(p -> p % plan.shards() == shard)
                            .mapToInt(p -> order[(int) (p / plan.shards())])
                            .toArray();
                    assertArrayEquals(expected, plan.places(batch, u), plan + ", update " + i + ", shard " + u);
                }
            }
        }
    }

    @Test
    void shardSizes_differByOneAtMostAndAddUp() {
        for (int sequences = 1; sequences < 60; sequences++) {
            for (int shards = 1; shards < 20; shards++) {
                ShardPlan plan = new ShardPlan(0, shards, sequences, 1);
                int sum = 0;
                for (int u = 0; u < shards; u++) {
                    int naive = 0;
                    for (int n = 0; n < sequences; n++) {
                        naive += n % shards == u ? 1 : 0;
                    }
                    assertEquals(naive, plan.shardSize(u));
                    sum += plan.shardSize(u);
                }
                assertEquals(sequences, sum);
            }
        }
    }

    /** Beyond 4,096 places a shard is permuted in pieces: whole pieces follow each other, in an order of their own. */
    @Test
    void places_shardOfSeveralPieces_permutesPiecesAndPlacesWithin() {
        int n = 5 * 4096 + 1000;
        ShardPlan plan = new ShardPlan(3, 1, n, 0);
        int[] order = plan.places(plan.batch(0), 0);
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < n; i++) {
            assertEquals(i, sorted[i]);
        }
        Set<Integer> finished = new HashSet<>();
        int changes = 0;
        int ascents = 0;
        for (int i = 1; i < n; i++) {
            int before = order[i - 1] / 4096;
            if (order[i] / 4096 != before) {
                assertTrue(finished.add(before), "piece " + before + " is left twice");
                changes++;
            }
            ascents += order[i] > order[i - 1] ? 1 : 0;
        }
        assertEquals(5, changes);
        assertEquals(n / 2.0, ascents, n / 20.0, "places within pieces are shuffled");
        int[] firstPieces = new int[6];
        for (long seed = 0; seed < 60; seed++) {
            ShardPlan other = new ShardPlan(seed, 1, n, 1);
            firstPieces[other.places(other.batch(0), 0)[0] / 4096]++;
        }
        assertTrue(Arrays.stream(firstPieces).allMatch(count -> count > 0), "every piece comes first now and then");
    }

    /** Positions at the seam of two pieces, one by one and together. */
    @Test
    void places_batchAcrossPieces_takesBothSides() {
        ShardPlan plan = new ShardPlan(3, 2, 20_001, 10);
        int[] order = plan.places(new ShardPlan.Batch(4, 0, 20_001), 1);
        assertEquals(10_000, order.length);
        for (int local : new int[] {4095, 4096, 8191, 8192, 9999}) {
            int position = 2 * local + 1;
            assertArrayEquals(new int[] {order[local]}, plan.places(new ShardPlan.Batch(4, position, position + 1), 1));
        }
        assertArrayEquals(Arrays.copyOfRange(order, 4000, 9000), plan.places(new ShardPlan.Batch(4, 8000, 18_000), 1));
    }

    @Test
    void places_sameArguments_areTheSame() {
        ShardPlan one = new ShardPlan(8, 4, 1000, 64);
        ShardPlan other = new ShardPlan(8, 4, 1000, 64);
        for (int u = 0; u < 4; u++) {
            assertArrayEquals(one.places(one.batch(20), u), other.places(other.batch(20), u));
        }
    }

    /** An order that does not change from epoch to epoch, or is one for all shards or seeds, would train worse unseen. */
    @Test
    void places_otherEpochShardOrSeed_haveAnotherOrder() {
        ShardPlan plan = new ShardPlan(8, 4, 1000, 0);
        Set<String> orders = new HashSet<>();
        for (long epoch = 0; epoch < 20; epoch++) {
            for (int u = 0; u < 4; u++) {
                assertTrue(orders.add(Arrays.toString(plan.places(plan.batch(epoch), u))), epoch + ", " + u);
            }
        }
        ShardPlan otherSeed = new ShardPlan(9, 4, 1000, 0);
        assertTrue(orders.add(Arrays.toString(otherSeed.places(otherSeed.batch(0), 0))));
        assertFalse(orders.contains(Arrays.toString(IntStream.range(0, 250).toArray())));
    }

    /** Any change of these changes every trained model; they were written down when format 1 was made. */
    @Test
    void places_ofFormatOne_keepTheirValues() {
        ShardPlan small = new ShardPlan(1, 2, 20, 0);
        assertEquals("[6, 8, 1, 7, 0, 5, 9, 2, 3, 4]", Arrays.toString(small.places(small.batch(3), 1)));
        ShardPlan pieces = new ShardPlan(1, 1, 10_000, 0);
        assertEquals(170214673, Arrays.hashCode(pieces.places(pieces.batch(0), 0)));
    }

    /** The largest power of two not above (mean steps per update / 256), between 1 and 64. */
    @ParameterizedTest
    @CsvSource({
        // sequences, steps, batch size, U
        "1000, 10000, 1, 1", // 10 steps an update
        "1000, 10000, 25, 1", // 250
        "1000, 10000, 51, 1", // 510
        "1000, 10240, 50, 2", // 512: exactly two shards
        "1000, 10000, 64, 2", // 640
        "1000, 10000, 102, 2", // 1020
        "1000, 10240, 100, 4", // 1024: exactly four
        "1000, 10000, 1000, 32", // all: 10000 / 256 = 39
        "1000, 10000, 0, 32", // 0 means all
        "1000, 10000, 5000, 32", // no more than there are
        "1000, 16384, 0, 64", // exactly 64
        "1000, 16383, 0, 32", // just below
        "1000000, 100000000, 4096, 64", // 409600 / 256 = 1600, and 64 at most
        "4000000000, 400000000000, 0, 64",
        "3, 255, 0, 1",
        "3, 256, 3, 1",
        "3, 512, 3, 2",
        "49, 2048, 49, 8", // 2048 / 49 * 49 is below 2048 in double
        "1, 1, 1, 1"
    })
    void defaultShards_followTheRule(long sequences, long steps, int batchSize, int shards) {
        assertEquals(shards, ShardPlan.defaultShards(sequences, steps, batchSize));
    }

    /** batch-size 0 and batch-size N are the same run; a rounded mean must not part them. */
    @Test
    void defaultShards_batchOfAll_equalsBatchSizeZero() {
        for (int sequences = 1; sequences < 2000; sequences++) {
            for (int steps = 256; steps <= 16384; steps *= 2) {
                assertEquals(
                        ShardPlan.defaultShards(sequences, steps, 0),
                        ShardPlan.defaultShards(sequences, steps, sequences),
                        sequences + " sequences, " + steps + " steps");
            }
        }
    }

    @Test
    void impossibleNumbers_areRefusedByKeyAndValue() {
        assertRefused("num-shards is 0", () -> new ShardPlan(1, 0, 10, 1));
        assertRefused("batch-size is -1", () -> new ShardPlan(1, 1, 10, -1));
        assertRefused("no sequence", () -> new ShardPlan(1, 1, 0, 1));
    }

    private static void assertRefused(String part, Executable executable) {
        String message =
                assertThrows(IllegalArgumentException.class, executable).getMessage();
        assertTrue(message.contains(part), message);
    }
}
