package dev.unroll.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CounterRandomTest {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    /** The published first numbers of SplitMix64 from state 0; the seed -gamma makes the key 0. */
    @Test
    void bits_keyZero_areThePublishedNumbersOfSplitMix64() {
        CounterRandom random = new CounterRandom(-GOLDEN_GAMMA);
        long[] published = {0xE220A8397B1DCDAFL, 0x6E789E6AA1B965F4L, 0x06C45D188009454FL, 0xF88BB8A8724C81ECL};
        for (int i = 0; i < published.length; i++) {
            assertEquals(published[i], random.bits(i), "draw " + i);
        }
    }

    /** The JDK's SplittableRandom is an independent SplitMix64: from a seed it draws mix64(seed + gamma) first. */
    @Test
    void bits_anySeedAndPath_areThoseOfTheJdksSplitMix64() {
        for (long seed : new long[] {0, 1, -1, 42, Long.MIN_VALUE, Long.MAX_VALUE}) {
            long key = new SplittableRandom(seed).nextLong();
            assertSameDraws(key, new CounterRandom(seed));
            long part = 7;
            long next = new SplittableRandom(key ^ part).nextLong();
            assertSameDraws(next, new CounterRandom(seed, part));
        }
    }

    private static void assertSameDraws(long key, CounterRandom random) {
        SplittableRandom jdk = new SplittableRandom(key);
        for (int i = 0; i < 100; i++) {
            assertEquals(jdk.nextLong(), random.bits(i), "draw " + i);
        }
    }

    /** Any change of these changes every trained model; they were written down when format 1 was made. */
    @Test
    void draws_ofFormatOne_keepTheirValues() {
        CounterRandom random = new CounterRandom(1, 2, 3, 4);
        assertEquals(0xD9F5D06B0E81222BL, random.bits(5));
        assertEquals(0x1.b3eba0d61d024p-1, random.uniform(5));
        assertEquals(-0x1.3d2b800d2742bp-4, random.normal(5));
        assertEquals(851, random.below(1000, 5));
        assertArrayEquals(new int[] {7, 9, 1, 3, 4, 5, 0, 6, 8, 2}, random.permutation(10));
    }

    /** Draws must not depend on those before them: a retried task draws again, and out of order. */
    @Test
    void draws_anyOrder_areTheSame() {
        CounterRandom forward = new CounterRandom(9, 8);
        CounterRandom backward = new CounterRandom(9, 8);
        double[] first = new double[50];
        for (int i = 0; i < 50; i++) {
            first[i] = forward.normal(i);
        }
        for (int i = 49; i >= 0; i--) {
            assertEquals(first[i], backward.normal(i));
        }
    }

    /** Paths that differ in one place, in order or in length must not share a stream. */
    @Test
    void streams_ofDifferentPaths_differ() {
        Set<Long> seen = new HashSet<>();
        int streams = 0;
        for (long seed = -2; seed <= 2; seed++) {
            assertTrue(seen.add(new CounterRandom(seed).bits(0)));
            for (long a = 0; a < 20; a++) {
                assertTrue(seen.add(new CounterRandom(seed, a).bits(0)), "seed " + seed + ", path " + a);
                for (long b = 0; b < 20; b++) {
                    assertTrue(
                            seen.add(new CounterRandom(seed, a, b).bits(0)), "seed " + seed + ", path " + a + ", " + b);
                    streams++;
                }
            }
        }
        assertEquals(5 * 400, streams);
        assertNotEquals(new CounterRandom(1, 2, 3).bits(0), new CounterRandom(1, 3, 2).bits(0));
    }

    @Test
    void uniform_allDraws_lieInTheHalfOpenUnitInterval() {
        for (long seed = 0; seed < 10; seed++) {
            CounterRandom random = new CounterRandom(seed);
            int[] bins = new int[32];
            for (int i = 0; i < 32_000; i++) {
                double u = random.uniform(i);
                assertTrue(u >= 0 && u < 1);
                bins[(int) (u * bins.length)]++;
            }
            assertUniform(bins, "uniform, seed " + seed);
        }
    }

    /** The first bound is one, the last the largest int: a product that overflows would leave the range. */
    @Test
    void below_anyBound_staysWithinIt() {
        CounterRandom random = new CounterRandom(3);
        for (int bound : new int[] {1, 2, 3, 5, 1000, 1 << 30, Integer.MAX_VALUE}) {
            int smallest = Integer.MAX_VALUE;
            int greatest = -1;
            for (int i = 0; i < 10_000; i++) {
                int draw = random.below(bound, i);
                assertTrue(draw >= 0 && draw < bound, draw + " below " + bound);
                smallest = Math.min(smallest, draw);
                greatest = Math.max(greatest, draw);
            }
            assertTrue(smallest <= bound / 100 && greatest >= bound - 1 - bound / 100, "the range is filled: " + bound);
        }
    }

    /** Successive counters of one stream, and the first draws of successive streams: both are how the project draws. */
    @Test
    void below_alongCountersAndAlongPaths_isUniform() {
        for (int bound : new int[] {2, 7, 16, 100}) {
            int draws = 1000 * bound;
            int[] counters = new int[bound];
            int[] paths = new int[bound];
            CounterRandom one = new CounterRandom(11);
            for (int i = 0; i < draws; i++) {
                counters[one.below(bound, i)]++;
                paths[new CounterRandom(11, i).below(bound, 0)]++;
            }
            assertUniform(counters, "along counters, below " + bound);
            assertUniform(paths, "along paths, below " + bound);
        }
    }

    @Test
    void normal_manyDraws_haveTheMomentsOfTheStandardNormal() {
        CounterRandom random = new CounterRandom(5);
        int draws = 200_000;
        double sum = 0;
        double squares = 0;
        int beyondTwo = 0;
        for (int i = 0; i < draws; i++) {
            double x = random.normal(i);
            assertTrue(Double.isFinite(x));
            sum += x;
            squares += x * x;
            beyondTwo += Math.abs(x) > 2 ? 1 : 0;
        }
        assertEquals(0, sum / draws, 4 / Math.sqrt(draws));
        assertEquals(1, squares / draws, 4 * Math.sqrt(2.0 / draws));
        assertEquals(0.0455, (double) beyondTwo / draws, 0.002);
    }

    /** A place that is lost or doubled would train on wrong data without any sign of it. */
    @Test
    void permutation_anySize_holdsEveryPlaceOnce() {
        for (int size : new int[] {0, 1, 2, 3, 10, 1000, 4096}) {
            boolean[] seen = new boolean[size];
            int[] order = new CounterRandom(13, size).permutation(size);
            assertEquals(size, order.length);
            for (int place : order) {
                assertTrue(!seen[place], "place " + place + " twice of " + size);
                seen[place] = true;
            }
        }
    }

    /**
     * The classic error of the shuffle (drawing from the whole range at every step) makes some orders likelier than
     * others.
     */
    @Test
    void permutation_ofFour_hasAllOrdersEquallyOften() {
        int[] orders = new int[256];
        for (int i = 0; i < 24_000; i++) {
            int[] p = new CounterRandom(17, i).permutation(4);
            orders[p[0] << 6 | p[1] << 4 | p[2] << 2 | p[3]]++;
        }
        assertUniform(Arrays.stream(orders).filter(n -> n > 0).toArray(), "orders of four");
        assertEquals(24, Arrays.stream(orders).filter(n -> n > 0).count());
    }

    /** Chi-square against equal bins; the limit is five standard deviations above the mean of the statistic. */
    private static void assertUniform(int[] bins, String what) {
        double expected = Arrays.stream(bins).sum() / (double) bins.length;
        double chiSquare = 0;
        for (int count : bins) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        int degrees = bins.length - 1;
        double limit = degrees + 5 * Math.sqrt(2.0 * degrees);
        assertTrue(chiSquare < limit, what + ": chi-square " + chiSquare + " of at most " + limit);
    }
}
