package dev.unroll.math;

/**
 * Random numbers by counter: a pure function from (key, counter) to bits, so that a draw depends on what it is for and
 * never on who draws it, when, or how many draws came before.
 *
 * <p>Bits are the finaliser of SplitMix64 (Steele, Lea and Flood 2014) over the key advanced by counter + 1 times the
 * golden gamma.
 */
public final class CounterRandom {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private final long key;

    /** A stream for the given seed and path, for example (seed, purpose, epoch, shard). */
    public CounterRandom(long seed, long... path) {
        long k = mix64(seed + GOLDEN_GAMMA);
        for (long part : path) {
            // Were parts mixed like the seed, (1, 2) and (2, 1) would share a stream, and so would (1, 1) and (2, 2).
            k = mix64((k ^ part) + GOLDEN_GAMMA);
        }
        this.key = k;
    }

    /** 64 uniform bits of draw number {@code counter}. */
    public long bits(long counter) {
        return mix64(key + (counter + 1) * GOLDEN_GAMMA);
    }

    /** Uniform in [0, 1), 53 bits. */
    public double uniform(long counter) {
        return (bits(counter) >>> 11) * 0x1.0p-53;
    }

    /** Uniform in 0..bound-1 (by multiplication; from 63 bits; the bias is below bound / 2^63). */
    public int below(int bound, long counter) {
        return (int) Math.multiplyHigh(bits(counter) >>> 1, (long) bound << 1);
    }

    /** Standard normal by Box and Muller's method, with StrictMath, from draws 2 counter and 2 counter + 1. */
    public double normal(long counter) {
        double u = 1.0 - uniform(2 * counter);
        double v = uniform(2 * counter + 1);
        return StrictMath.sqrt(-2.0 * StrictMath.log(u)) * StrictMath.cos(2.0 * StrictMath.PI * v);
    }

    /** A permutation of 0..size-1 (Fisher and Yates). */
    public int[] permutation(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = below(i + 1, i);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** The finaliser of SplitMix64: a bijection of 64 bits. */
    public static long mix64(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
