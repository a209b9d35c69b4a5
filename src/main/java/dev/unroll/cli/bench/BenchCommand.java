package dev.unroll.cli.bench;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Settings;
import dev.unroll.math.FmaPeak;
import dev.unroll.math.Gemm;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** {@code bench}: what this machine can do and what the kernel makes of it. */
public final class BenchCommand implements Command {

    private static final double PEAK_SECONDS = 1;

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public String description() {
        return "Times the kernel on one shape, beside the machine's peak, and what Spark adds.";
    }

    @Override
    public Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("cell", "recurrent cell: elman, lstm or gru (default lstm)");
        keys.put("input-size", "width of dense inputs, or of the embedding (default 128)");
        keys.put("hidden-size", "size H of the state (default 256)");
        keys.put("num-layers", "recurrent layers (default 1)");
        keys.put("bidirectional", "whether each layer reads from both ends (default false)");
        keys.put("classes", "classes of the softmax at every step (default 64)");
        keys.put("vocabulary", "tokens of the embedding; 0 for dense inputs (default 0)");
        keys.put("batch", "sequences of one update (default 32)");
        keys.put("steps", "steps of the longest sequence (default 64)");
        keys.put(
                "ragged",
                "whether lengths are spread evenly from steps/8 to steps; real steps are counted (default false)");
        keys.put(
                "bptt-memory",
                "bytes that the graph of a packed batch may take, as in train; 0 = no bound (default 0)");
        keys.put("threads", "threads, each with a batch of its own (default 1)");
        keys.put(
                "spark",
                "whether to time Spark too, a batch a task: an empty job, an iteration with one step a task, a whole one (default false)");
        keys.put(
                "seconds",
                "how long to measure, after a warm-up of 3 s and 20 steps; with spark also each of three things there, after a warm-up as long (default 6)");
        return keys;
    }

    @Override
    public boolean usesSpark(Settings settings) {
        return settings.flag("spark");
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) throws Exception {
        KernelBench.Shape shape = new KernelBench.Shape(
                settings.get("cell", "lstm"),
                (int) settings.whole("input-size", 128, 1),
                (int) settings.whole("hidden-size", 256, 1),
                (int) settings.whole("num-layers", 1, 1),
                settings.flag("bidirectional"),
                (int) settings.whole("classes", 64, 1),
                (int) settings.whole("vocabulary", 0, 0),
                (int) settings.whole("batch", 32, 1),
                (int) settings.whole("steps", 64, 1),
                settings.flag("ragged"));
        int threads = (int) settings.whole("threads", 1, 1);
        long memory = settings.whole("bptt-memory", 0, 0, Long.MAX_VALUE);
        double seconds = settings.number("seconds", 6, 0);
        double peak = FmaPeak.gigaflops(PEAK_SECONDS);
        List<KernelBench.Timing> timings = time(shape, memory, threads, seconds);
        peak = Math.max(peak, FmaPeak.gigaflops(PEAK_SECONDS));

        double rate = 0;
        double best = 0;
        double median = 0;
        double bytes = 0;
        for (KernelBench.Timing timing : timings) {
            rate += timing.steps() / timing.medianNanos() * 1e9;
            best += timing.steps() / timing.bestNanos() * 1e9;
            median = Math.max(median, timing.medianNanos());
            bytes = Math.max(bytes, timing.bytesPerBatch());
        }
        double gflops = rate * shape.flops() / 1e9;
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("cell", shape.cell());
        result.put("inputSize", shape.width());
        result.put("hiddenSize", shape.hidden());
        result.put("numLayers", shape.layers());
        result.put("bidirectional", shape.bidirectional());
        result.put("classes", shape.classes());
        result.put("vocabulary", shape.vocabulary());
        result.put("batch", shape.batch());
        result.put("steps", shape.steps());
        result.put("ragged", shape.ragged());
        result.put("realSteps", timings.get(0).steps());
        result.put("threads", threads);
        result.put("medianMs", rounded(median / 1e6, 3));
        result.put("tokensPerSecond", Math.round(rate));
        result.put("bestTokensPerSecond", Math.round(best));
        result.put("gflops", rounded(gflops, 1));
        result.put("peakGflops", rounded(peak * threads, 1));
        result.put("peakShare", rounded(gflops / (peak * threads), 3));
        result.put("bpttMemory", memory);
        result.put("workspaceBytes", timings.get(0).workspaceBytes());
        result.put("bytesPerBatch", Math.round(bytes));
        result.put("loss", rounded(timings.get(0).loss(), 4));
        result.put("implementation", Gemm.implementation());
        result.put("tile", Gemm.tile());
        result.put("gc", collector());
        result.put("jdk", System.getProperty("java.version"));
        if (settings.flag("spark")) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            result.put("spark", new SparkBench(context, shape).run(seconds));
        }
        return result;
    }

    private static List<KernelBench.Timing> time(KernelBench.Shape shape, long memory, int threads, double seconds)
            throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<KernelBench.Timing>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(pool.submit(() -> new KernelBench(shape, memory).run(seconds)));
            }
            List<KernelBench.Timing> timings = new ArrayList<>();
            for (Future<KernelBench.Timing> future : futures) {
                timings.add(future.get());
            }
            return timings;
        } finally {
            pool.shutdownNow();
        }
    }

    private static String collector() {
        return String.join(
                ", ",
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .map(GarbageCollectorMXBean::getName)
                        .toList());
    }

    public static double rounded(double x, int digits) {
        double scale = StrictMath.pow(10, digits);
        return Math.round(x * scale) / scale;
    }
}
