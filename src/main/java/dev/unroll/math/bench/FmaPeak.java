package dev.unroll.math.bench;

import dev.unroll.math.Lanes;

/** What one core can do at best: fused multiply-adds on registers alone. */
public final class FmaPeak {

    private static final int ROUNDS = 100_000;

    /** Independent chains: enough to hide the latency of an fma, few enough for the registers of every machine. */
    private static final int CHAINS = 12;

    private FmaPeak() {}

    /** The highest rate seen, in GFLOP/s of one thread (an fma counts as two), over about that many seconds. */
    public static double gigaflops(double seconds) {
        double work = 2.0 * ROUNDS * CHAINS * Lanes.count();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        double best = 0;
        float kept = 0;
        while (System.nanoTime() < end) {
            long start = System.nanoTime();
            kept += Lanes.count() == 1 ? scalarChains(ROUNDS) : VectorFmaChains.run(ROUNDS);
            best = Math.max(best, work / (System.nanoTime() - start));
        }
        if (kept == 0) {
            throw new IllegalStateException("the chains were not computed");
        }
        return best;
    }

    private static float scalarChains(int rounds) {
        float a = 0f, b = 0f, c = 0f, d = 0f, e = 0f, f = 0f, g = 0f, h = 0f, i = 0f, j = 0f, k = 0f, l = 0f;
        for (int n = 0; n < rounds; n++) {
            a = Math.fma(a, 0.5f, 1f);
            b = Math.fma(b, 0.5f, 2f);
            c = Math.fma(c, 0.5f, 3f);
            d = Math.fma(d, 0.5f, 4f);
            e = Math.fma(e, 0.5f, 5f);
            f = Math.fma(f, 0.5f, 6f);
            g = Math.fma(g, 0.5f, 7f);
            h = Math.fma(h, 0.5f, 8f);
            i = Math.fma(i, 0.5f, 9f);
            j = Math.fma(j, 0.5f, 10f);
            k = Math.fma(k, 0.5f, 11f);
            l = Math.fma(l, 0.5f, 12f);
        }
        return a + b + c + d + e + f + g + h + i + j + k + l;
    }
}
