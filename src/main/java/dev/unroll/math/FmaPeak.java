package dev.unroll.math;

/** What one core can do at best: fused multiply-adds on registers alone. */
public final class FmaPeak {

    private static final int ROUNDS = 100_000;

    private FmaPeak() {}

    /** The highest rate seen, in GFLOP/s of one thread (an fma counts as two), over about that many seconds. */
    public static double gigaflops(double seconds) {
        double work = 2.0 * ROUNDS * Lanes.CHAINS * Lanes.CHOSEN.lanes();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        double best = 0;
        float kept = 0;
        while (System.nanoTime() < end) {
            long start = System.nanoTime();
            kept += Lanes.CHOSEN.chains(ROUNDS);
            best = Math.max(best, work / (System.nanoTime() - start));
        }
        if (kept == 0) {
            throw new IllegalStateException("the chains were not computed");
        }
        return best;
    }
}
