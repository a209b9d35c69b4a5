package dev.unroll.spark.shards;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Shards of slow tasks go to others: all of them once, as few as need be, and the longest task as short as can be. */
class ShardDivisionTest {

    private static List<int[]> home(int... sizes) {
        List<int[]> home = new ArrayList<>();
        int first = 0;
        for (int size : sizes) {
            home.add(IntStream.range(first, first + size).toArray());
            first += size;
        }
        return home;
    }

    @Test
    void aSlowTask_givesItsLastShardsToTheOthers() {
        ShardDivision division =
                ShardDivision.of(home(8, 8, 8), new double[] {1, 0.5, 1}).orElseThrow();
        assertArrayEquals(new int[] {8, 9, 10, 11, 12}, division.shards().get(1));
        assertEquals(10, division.shards().get(0).length);
        assertEquals(9, division.shards().get(2).length);
        ShardLayout layout = ShardLayout.whole(24, 3);
        assertArrayEquals(new int[][] {{0, 1}, {1}, {2, 1}}, layout.partitions(division, new int[][] {{0}, {1}, {2}}));
        assertTrue(division.has(2, 15) && !division.has(1, 15));
    }

    @Test
    void tasksThatAreEqual_orNearlySo_keepTheirShards() {
        assertEquals(Optional.empty(), ShardDivision.of(home(8, 2), new double[] {1, 1}));
        assertEquals(Optional.empty(), ShardDivision.of(home(8, 8), new double[] {1, 0.95}));
        assertEquals(Optional.empty(), ShardDivision.of(home(1, 1), new double[] {1, 0.2}), "none is without a shard");
    }

    @Test
    void random_everyShardOnceAndNoDivisionIsShorter() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int divided = 0;
        for (int k = 0; k < 500; k++) {
            int tasks = 2 + random.nextInt(6);
            int[] sizes = random.ints(tasks, 1, 9).toArray();
            double[] speeds = random.doubles(tasks, 0.3, 2).toArray();
            List<int[]> home = home(sizes);
            Optional<ShardDivision> found = ShardDivision.of(home, speeds);
            double best = best(IntStream.of(sizes).sum(), speeds);
            String where = "seed " + seed + ", case " + k;
            if (found.isEmpty()) {
                assertTrue(best > 0.9 * longest(home, speeds), where);
                continue;
            }
            divided++;
            List<int[]> shards = found.get().shards();
            int[] all = shards.stream().flatMapToInt(Arrays::stream).sorted().toArray();
            assertArrayEquals(IntStream.range(0, IntStream.of(sizes).sum()).toArray(), all, where);
            assertFalse(shards.stream().anyMatch(some -> some.length == 0), where);
            assertEquals(best, longest(shards, speeds), 1e-9, where);
            for (int[] some : shards) {
                assertArrayEquals(Arrays.stream(some).sorted().toArray(), some, where);
            }
        }
        assertTrue(divided > 100, divided + " divided, seed " + seed);
    }

    private static double longest(List<int[]> shards, double[] speeds) {
        return IntStream.range(0, speeds.length)
                .mapToDouble(g -> shards.get(g).length / speeds[g])
                .max()
                .orElseThrow();
    }

    /** By trying all times at which some task could end: in the least that is enough, tasks have room for all shards. */
    private static double best(int shards, double[] speeds) {
        return IntStream.range(0, speeds.length)
                .boxed()
                .flatMap(g -> IntStream.rangeClosed(1, shards).mapToObj(n -> n / speeds[g]))
                .sorted()
                .filter(time -> {
                    int room = 0;
                    for (double speed : speeds) {
                        int some = (int) Math.floor(time * speed + 1e-9);
                        room += some;
                        if (some == 0) {
                            return false; // every task keeps a shard
                        }
                    }
                    return room >= shards;
                })
                .findFirst()
                .orElseThrow();
    }
}
