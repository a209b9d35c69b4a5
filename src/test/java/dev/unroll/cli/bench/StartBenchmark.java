package dev.unroll.cli.bench;

import com.sun.management.ThreadMXBean;
import dev.unroll.math.bench.FmaPeak;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One start of a JVM: prints the bytes that a batch allocates on each of two threads when all is compiled. {@code
 * benchmarks/starts.sh} runs it many times.
 */
public final class StartBenchmark {

    private static final KernelBench.Shape SHAPE =
            new KernelBench.Shape("lstm", 64, 128, 1, false, 32, 0, List.of(), 0, 16, 32, true, true);
    private static final double PEAK_SECONDS = 0.5; // as bench does; executors too have compiled what they began with
    private static final double CPU_SECONDS = 0.5;
    private static final int TRIES = 10;
    private static final int BATCHES = 100;
    private static final double CLEAN = 2_000;

    private StartBenchmark() {}

    /** @param arguments none */
    public static void main(String[] arguments) throws Exception {
        FmaPeak.gigaflops(PEAK_SECONDS);
        ExecutorService pool = Executors.newFixedThreadPool(2);
        List<Future<Long>> bytes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            bytes.add(pool.submit(StartBenchmark::bytesPerBatch));
        }
        System.out.println(bytes.get(0).get() + " " + bytes.get(1).get());
        pool.shutdown();
    }

    /** Measured after some time on the processor, and again after more of it where the batches allocated. */
    private static long bytesPerBatch() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        KernelBench bench = new KernelBench(SHAPE, 0);
        double bytes = Double.MAX_VALUE;
        for (int i = 0; i < TRIES && bytes > CLEAN; i++) {
            long end = threads.getCurrentThreadCpuTime() + (long) (CPU_SECONDS * 1e9);
            while (threads.getCurrentThreadCpuTime() < end) {
                bench.step();
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int k = 0; k < BATCHES; k++) {
                bench.step();
            }
            bytes = (double) (threads.getCurrentThreadAllocatedBytes() - before) / BATCHES;
        }
        return Math.round(bytes);
    }
}
