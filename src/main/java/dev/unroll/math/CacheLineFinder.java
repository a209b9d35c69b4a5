package dev.unroll.math;

/**
 * Finds where the cache lines of an array begin: takes an array, gives an offset at which its vectors are whole in
 * their cache lines, as far as can be told. It cannot change a bit, since the same numbers are stored at another
 * offset.
 */
final class CacheLineFinder {

    /*
     * Java does not tell the address of an array, but time does: a vector that straddles two cache lines takes two
     * accesses, which costs a product of few rows up to a third. Objects begin at multiples of 8 bytes, so every second
     * offset is tried. The search takes some microseconds. It is made at each of the first times, until all of it is
     * compiled, and then every so many times, because the garbage collector moves arrays.
     */

    /** Floats of a cache line. */
    static final int LINE = 16;

    /** Arrays with fewer floats are not worth the search. */
    private static final int SMALL = 1 << 12;

    private static final int FIRST_TIMES = 64;
    private static final int TIMES_BETWEEN = 64;

    /** Vectors that are read to find where cache lines begin: they fit in the first cache. */
    private static final int SCANNED = 128;

    private final float[] sink = new float[LINE];
    private int times; // since the array is new
    private int offset;

    /** To be called when the next array is another one. */
    void forget() {
        times = 0;
    }

    /** The offset below {@value #LINE} at which to begin in x, which may be another one than the last time. */
    int offset(float[] x) {
        if (times < FIRST_TIMES || times % TIMES_BETWEEN == 0) {
            offset = x.length < SMALL ? 0 : find(Lanes.PRODUCTS, x, sink);
        }
        times++;
        return offset;
    }

    /**
     * Searches by time.
     *
     * @param x an array of at least 2 {@value #LINE} floats
     * @param sink memory for {@value #LINE} floats
     */
    static int find(ProductLanes lanes, float[] x, float[] sink) {
        if (lanes.lanes() == 1) {
            return 0; // a float is in one line wherever it is
        }
        int vectors = Math.min(SCANNED, (x.length - LINE) / lanes.lanes()) / 4 * 4;
        int best = 0;
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 3; round++) {
            for (int candidate = 0; candidate < LINE; candidate += 2) {
                long start = System.nanoTime();
                for (int pass = 0; pass < 4; pass++) {
                    lanes.read(x, candidate, vectors, sink);
                }
                long time = System.nanoTime() - start;
                if (time < least) {
                    least = time;
                    best = candidate;
                }
            }
        }
        return best;
    }
}
