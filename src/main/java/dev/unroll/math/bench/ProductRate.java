package dev.unroll.math.bench;

import dev.unroll.math.Gemm;
import dev.unroll.math.Lanes;
import dev.unroll.math.Panels;

/** What one core of this machine makes of the products of a time step: measured once, when it is first asked for. */
public final class ProductRate {

    private static final double SECONDS = 0.03;

    /** Small products until the tile is compiled, and compiled again for good. */
    private static final int WARM_UP = 20_000;

    private static final double MOST_WARM_UP_SECONDS = 2;

    /**
     * What cores do, within a factor of two: operations a ns and lane of a vector. Before the tile is compiled it is a
     * hundredth.
     */
    private static final double USUAL_PER_LANE = 10;

    // A step of 64 sequences and 128 units, whose weights are in the second cache.
    private static final int ROWS = 64;
    private static final int OUTPUTS = 384;
    private static final int INNER = 128;

    /** Made when it is first used, and not with the class. */
    private static final class Measured {
        static final double GIGAFLOPS = measure();
    }

    private ProductRate() {}

    /**
     * The highest rate seen, in GFLOP/s of one thread; an fma counts as two. Where products are not compiled within
     * some seconds, what is usual.
     */
    public static double gigaflops() {
        return Measured.GIGAFLOPS;
    }

    private static double measure() {
        long start = System.nanoTime();
        Product small = new Product(8, 48, 16);
        for (int i = 0; i < WARM_UP && seconds(start) < MOST_WARM_UP_SECONDS; i++) {
            small.gigaflops();
        }
        Product product = new Product(ROWS, OUTPUTS, INNER);
        double best = product.gigaflops();
        for (long begin = System.nanoTime(); seconds(begin) < SECONDS; ) {
            best = Math.max(best, product.gigaflops());
        }
        double usual = USUAL_PER_LANE * Lanes.count();
        return best < usual / 10 ? usual : best; // not compiled even now, on a machine with other work
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    /** C += A B, all zero. */
    private record Product(int m, int n, int k, float[] a, Panels b, float[] c) {

        Product(int m, int n, int k) {
            this(m, n, k, new float[m * k], new Panels().pack(k, n, new float[k * n], 0, n), new float[m * n]);
        }

        double gigaflops() {
            long start = System.nanoTime();
            Gemm.multiply(m, a, 0, k, b, c, 0, n);
            return 2.0 * m * n * k / Math.max(1, System.nanoTime() - start);
        }
    }
}
