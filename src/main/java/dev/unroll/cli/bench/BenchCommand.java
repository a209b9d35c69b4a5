package dev.unroll.cli.bench;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Rounding;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.math.Lanes;
import dev.unroll.math.bench.FmaPeak;
import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.nn.NetworkSpec.Category;
import dev.unroll.preflight.ClusterCosts;
import dev.unroll.spark.iteration.GhostWork;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** {@code bench}: what this machine can do and what the kernel makes of it. */
public final class BenchCommand implements Command {

    private static final double PEAK_SECONDS = 1;
    private static final String CATEGORICAL = "categorical";
    private static final String POOLING = "pooling";
    private static final String LAST = "last";
    private static final String FORWARD = "forward";
    private static final String SPARK = "spark";
    private static final String GHOST_MS = "ghost-ms";
    private static final String GHOST_SPREAD = "ghost-spread";
    private static final String WRITE_COSTS = "write-costs";
    private static final long GHOST_SEED = 1;

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public String description() {
        return "Times the kernel on one shape, beside the machine's peak, and what Spark adds.";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(List.of(
                Option.of(ParamDocs.of(new RnnClassifier()).get("cell")),
                Option.whole(
                                "input-size",
                                1,
                                "width of dense inputs, or of the embedding; with categorical, of all embeddings and numbers")
                        .orElse(128),
                Option.whole("hidden-size", 1, "size H of the state").orElse(256),
                Option.whole("num-layers", 1, "recurrent layers").orElse(1),
                Option.flag("bidirectional", "whether each layer reads from both ends"),
                Option.whole("classes", 1, "classes of the softmax").orElse(64),
                Option.oneOf(POOLING, List.of("every", LAST), "which states the softmax reads")
                        .orElse("every"),
                Option.whole("vocabulary", 0, "tokens of the embedding; 0 for dense inputs")
                        .orElse(0),
                Option.text(
                        CATEGORICAL,
                        "columns of categories beside the numbers, each its vocabulary and the width of its embedding:"
                                + " 1000:16,50:8"),
                Option.whole("static", 0, "numbers of the whole sequence, which layer and head read")
                        .orElse(0),
                Option.whole("batch", 1, "sequences of one update").orElse(32),
                Option.whole("steps", 1, "steps of the longest sequence").orElse(64),
                Option.flag(
                        "ragged", "whether lengths are spread evenly from steps/8 to steps; real steps are counted"),
                Option.whole(
                                "bptt-memory",
                                0,
                                Long.MAX_VALUE,
                                "bytes that the graph of a packed batch may take, as in train; 0 = no bound")
                        .orElse(0),
                Option.flag(
                        FORWARD,
                        "whether to time forward passes alone, as predictions are made, with all classes' probabilities"),
                Option.whole("threads", 1, "threads, each with a batch of its own")
                        .orElse(1),
                Option.flag(
                        SPARK,
                        "whether to time Spark too, a batch a task: an empty job, an iteration with one step a task, a"
                                + " whole one"),
                Option.of(ParamDocs.of(new RnnClassifier()).get("updates-per-job")),
                Option.number(
                                GHOST_MS,
                                0,
                                "with spark: ms that each task sleeps in place of computing, on average, so that more"
                                        + " executors can be measured than there are processors; 0 = it computes")
                        .orElse(0),
                Option.number(GHOST_SPREAD, 0, "with ghost-ms: deviation of these times over their mean, log-normal")
                        .orElse(0),
                CostsFile.OPTION.describedAs(
                        "with ghost-ms: a file of this cluster's costs, to predict the update that is measured"),
                Option.text(
                        WRITE_COSTS,
                        "with spark: a file to write this cluster's costs to, measured piece by piece on the executors that"
                                + " there are, for the key costs of plan"),
                Option.flag("overwrite", "whether an existing file of costs is replaced"),
                Option.number(
                                "seconds",
                                0,
                                "how long to measure, after a warm-up of 3 s and 20 steps; with spark also each of"
                                        + " three things there, after a warm-up as long")
                        .orElse(6)));
        options.addAll(SimulationBench.options());
        return options;
    }

    @Override
    public boolean usesSpark(Settings settings) {
        return settings.flag(SPARK);
    }

    @Override
    public void check(Settings settings) {
        if (settings.flag(FORWARD) && settings.flag(SPARK)) {
            throw new UsageException("forward and spark are given; allowed is only one of them: spark times updates");
        }
        boolean simulates = !SimulationBench.executors(settings).isEmpty();
        if (settings.has(SimulationBench.TASK_TIMES) && !simulates) {
            throw new UsageException("task-times are given without simulate, whose tasks draw from them");
        }
        if (simulates && settings.number(GHOST_MS) == 0 && !settings.has(SimulationBench.TASK_TIMES)) {
            throw new UsageException("simulate is given and ghost-ms is 0; allowed is ghost-ms above 0, or task-times");
        }
        if (settings.number(GHOST_MS) > 0 && !settings.flag(SPARK) && !simulates) {
            throw new UsageException(
                    "ghost-ms is " + settings.number(GHOST_MS) + " without spark, whose tasks sleep; add --spark");
        }
        if (settings.number(GHOST_SPREAD) > 0 && settings.number(GHOST_MS) == 0) {
            throw new UsageException("ghost-spread is " + settings.number(GHOST_SPREAD)
                    + " and ghost-ms is 0; allowed is ghost-ms above 0");
        }
        checkCosts(settings);
    }

    private static void checkCosts(Settings settings) {
        if (CostsFile.read(settings).isPresent()
                && settings.number(GHOST_MS) == 0
                && !settings.has(SimulationBench.TASK_TIMES)) {
            throw new UsageException("costs are given and ghost-ms is 0; allowed is ghost-ms above 0");
        }
        settings.get(WRITE_COSTS).ifPresent(text -> {
            if (!settings.flag(SPARK)) {
                throw new UsageException(WRITE_COSTS + " is given without spark, whose costs it writes; add --spark");
            }
            CostsFile.output(WRITE_COSTS, text).requireWritable(settings.flag("overwrite"));
        });
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) throws Exception {
        KernelBench.Shape shape = new KernelBench.Shape(
                settings.require("cell"),
                settings.integer("input-size"),
                settings.integer("hidden-size"),
                settings.integer("num-layers"),
                settings.flag("bidirectional"),
                settings.integer("classes"),
                settings.integer("vocabulary"),
                categories(settings),
                settings.integer("static"),
                settings.integer("batch"),
                settings.integer("steps"),
                settings.flag("ragged"),
                !settings.require(POOLING).equals(LAST));
        boolean forward = settings.flag(FORWARD);
        int threads = settings.integer("threads");
        long memory = settings.whole("bptt-memory");
        double seconds = settings.number("seconds");
        double peak = FmaPeak.gigaflops(PEAK_SECONDS);
        List<KernelBench.Timing> timings = time(shape, memory, forward, threads, seconds);
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
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("cell", shape.cell());
        result.put("inputSize", shape.width());
        result.put("hiddenSize", shape.hidden());
        result.put("numLayers", shape.layers());
        result.put("bidirectional", shape.bidirectional());
        result.put("classes", shape.classes());
        result.put("vocabulary", shape.vocabulary());
        settings.get(CATEGORICAL).ifPresent(columns -> result.put(CATEGORICAL, columns));
        result.put("static", shape.statics());
        result.put("batch", shape.batch());
        result.put("steps", shape.steps());
        result.put(POOLING, settings.require(POOLING));
        result.put(FORWARD, forward);
        result.put("ragged", shape.ragged());
        result.put("realSteps", timings.get(0).steps());
        result.put("threads", threads);
        result.put("medianMs", Rounding.rounded(median / 1e6, 3));
        result.put("tokensPerSecond", Math.round(rate));
        result.put("bestTokensPerSecond", Math.round(best));
        result.put("peakGflops", Rounding.rounded(peak * threads, 1));
        if (!forward) { // whose products of tokens may be looked up
            double gflops = rate * shape.flops(timings.get(0).steps()) / 1e9;
            result.put("gflops", Rounding.rounded(gflops, 1));
            result.put("peakShare", Rounding.rounded(gflops / (peak * threads), 3));
            result.put("loss", Rounding.rounded(timings.get(0).loss(), 4));
        }
        result.put("bpttMemory", memory);
        result.put("workspaceBytes", timings.get(0).workspaceBytes());
        result.put("bytesPerBatch", Math.round(bytes));
        result.put("implementation", Lanes.description());
        result.put("tile", Lanes.tile());
        result.put("gc", collector());
        result.put("jdk", System.getProperty("java.version"));
        if (settings.has(SimulationBench.SIMULATE)) {
            double[] times = SimulationBench.times(settings, settings.number(GHOST_MS), settings.number(GHOST_SPREAD));
            long theta = (long) Float.BYTES * shape.network().layout().size();
            ClusterCosts costs = CostsFile.read(settings).orElse(ClusterCosts.usual(false));
            result.put("simulation", SimulationBench.run(settings, theta, times, costs));
        }
        if (settings.flag(SPARK)) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            SparkBench bench = new SparkBench(context, shape, settings.integer("updates-per-job"), ghost(settings));
            result.put("spark", bench.run(seconds, CostsFile.read(settings)));
            settings.get(WRITE_COSTS).ifPresent(text -> {
                ClusterCosts costs = new CostsBench(context, shape, seconds).run();
                CostsFile.output(WRITE_COSTS, text).write(costs::write);
                result.put("costs", text);
            });
        }
        return result;
    }

    private static Optional<GhostWork> ghost(Settings settings) {
        double ms = settings.number(GHOST_MS);
        return ms == 0 ? Optional.empty() : Optional.of(new GhostWork(ms, settings.number(GHOST_SPREAD), GHOST_SEED));
    }

    private static List<Category> categories(Settings settings) {
        int vocabulary = settings.integer("vocabulary");
        for (String other : List.of(CATEGORICAL, "static")) {
            if (vocabulary > 0
                    && settings.get(other).filter(value -> !value.equals("0")).isPresent()) {
                throw new IllegalArgumentException("vocabulary is " + vocabulary + " and " + other + " is "
                        + settings.require(other) + "; allowed is only one of them");
            }
        }
        List<Category> categories = new ArrayList<>();
        long width = 0;
        for (String column :
                settings.get(CATEGORICAL).map(text -> text.split(",", -1)).orElse(new String[0])) {
            if (!column.matches("[1-9][0-9]{0,6}:[1-9][0-9]{0,6}")) {
                throw new IllegalArgumentException(
                        CATEGORICAL + " has " + column + "; allowed are columns such as 1000:16, ids and width");
            }
            String[] sizes = column.split(":");
            categories.add(
                    new Category("c" + categories.size(), Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1])));
            width += Integer.parseInt(sizes[1]);
        }
        if (width > settings.integer("input-size")) {
            throw new IllegalArgumentException("embeddings of " + CATEGORICAL + " are " + width
                    + " wide together; allowed is at most input-size, " + settings.integer("input-size"));
        }
        return categories;
    }

    private static List<KernelBench.Timing> time(
            KernelBench.Shape shape, long memory, boolean forward, int threads, double seconds) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<KernelBench.Timing>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(pool.submit(() -> new KernelBench(shape, memory, forward).run(seconds)));
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
}
