package dev.unroll.spark.shards;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.train.IterationListener;
import dev.unroll.train.Trainer;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.RDDInfo;
import org.apache.spark.storage.StorageLevel;

/**
 * Updates over shards that fit into the memory of two executors, and over many times as many: {@code benchmarks/large.sh} runs it on executors of 1 GB.
 */
public final class LargeCorpusBenchmark {

    private static final int SHARDS = 64;
    private static final int LENGTH = 100;
    private static final int IDS = 200; // of one byte
    private static final int BATCH = 256;

    private final JavaSparkContext context;

    private LargeCorpusBenchmark(JavaSparkContext context) {
        this.context = context;
    }

    /**
     * Prints steps per second.
     *
     * @param arguments gigabytes of ids that fit, gigabytes that do not, and updates of each
     */
    public static void main(String[] arguments) {
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf().setAppName("large"))) {
            context.setLogLevel("ERROR");
            LargeCorpusBenchmark benchmark = new LargeCorpusBenchmark(context);
            int updates = Integer.parseInt(arguments[2]);
            double fits = Double.parseDouble(arguments[0]);
            double before = benchmark.stepsPerSecond(fits, updates);
            double beyond = benchmark.stepsPerSecond(Double.parseDouble(arguments[1]), updates);
            double after = benchmark.stepsPerSecond(fits, updates); // executors become faster as they run
            System.out.println(String.format(Locale.ROOT, "ratio %.2f", beyond / Math.max(before, after)));
        }
    }

    private double stepsPerSecond(double gigabytes, int updates) {
        long sequences = (long) (gigabytes * 1e9 / (LENGTH + 1));
        ShardLayout layout = ShardLayout.of(SHARDS, 2, sequences, sequences * (LENGTH + 1 + Integer.BYTES));
        JavaRDD<ShardGroup> groups = context.parallelize(
                        IntStream.range(0, layout.partitions()).boxed().toList(), layout.partitions())
                .map(p -> group(layout, sequences, p));
        ShardedRows rows =
                new ShardedRows(TaskPlacement.spread(groups).persist(StorageLevel.MEMORY_AND_DISK()), layout);
        rows.materialize();
        RDDInfo[] stored = context.sc().getRDDStorageInfo();
        long memory = Arrays.stream(stored).mapToLong(RDDInfo::memSize).sum();
        long disk = Arrays.stream(stored).mapToLong(RDDInfo::diskSize).sum();
        NetworkSpec spec =
                new NetworkSpec(new NetworkSpec.Tokens(IDS, 16), "lstm", "tanh", 64, new HeadSpec(IDS, true));
        Problem problem = Problem.of(spec, LearningTask.LANGUAGE_MODEL, new LossSpec(LossReduction.STEP), Scaling.NONE);
        ShardPlan plan = new ShardPlan(1, SHARDS, sequences, BATCH);
        Optimizer optimizer = new OptimizerSpec("adam", 1e-3, "constant", 1, 0)
                .create(spec.layout().size(), updates);
        List<Long> times = new ArrayList<>();
        IterationListener listener = report -> times.add(System.nanoTime());
        SparkObjective objective = new SparkObjective(context, problem, plan, rows, Optional.empty());
        new Trainer(objective, plan, optimizer, new Trainer.Limits(updates, 0, 0, 0, 0), List.of(listener))
                .run(Initializer.initialize(spec.layout(), 1));
        objective.close();
        int from = updates / 4; // behind the compilation of the executors
        double perSecond =
                (double) (updates - 1 - from) * BATCH * LENGTH / (times.get(updates - 1) - times.get(from)) * 1e9;
        System.out.println(String.format(
                Locale.ROOT,
                "%.1f GB of ids in %,d blocks, of them %,d MB in memory and %,d MB on disk: %,.0f steps/s",
                gigabytes,
                layout.partitions(),
                memory >> 20,
                disk >> 20,
                perSecond));
        return perSecond;
    }

    /** Random documents; every block is made by itself. */
    private static ShardGroup group(ShardLayout layout, long sequences, int partition) {
        CounterRandom random = new CounterRandom(partition);
        List<Shard> shards = new ArrayList<>();
        for (int u = layout.firstShard(partition);
                u < layout.firstShard(partition) + layout.shardCount(partition);
                u++) {
            int first = layout.firstPlace(partition);
            long places = (sequences - u + SHARDS - 1) / SHARDS;
            long count = layout.isWhole() ? places : Math.max(0, Math.min(layout.blockPlaces(), places - first));
            List<Sequence> here = new ArrayList<>();
            for (int n = 0; n < count; n++) {
                int[] document = new int[LENGTH + 1];
                for (int t = 0; t < document.length; t++) {
                    document[t] = random.below(IDS, ((long) u * count + n) * document.length + t);
                }
                here.add(Sequence.ofTokens(
                        Arrays.copyOf(document, LENGTH), Arrays.copyOfRange(document, 1, LENGTH + 1), 1f));
            }
            shards.add(Shard.ofPlacesFrom(first, u, here, IDS));
        }
        return new ShardGroup(partition, shards, layout.isLast(partition));
    }
}
