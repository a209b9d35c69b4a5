package dev.unroll.spark.iteration;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.Initializer;
import dev.unroll.param.ParameterHash;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.shards.TaskPlacement;
import dev.unroll.train.Objective;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.Problem;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;

/**
 * What it takes to bring the gradients of 64 shards in 64 partitions together: by the trainer, by Spark's {@code treeAggregate}, and by {@code
 * aggregate}, which adds on the driver as results arrive. All sum the same numbers of the same cached partitions; {@code
 * benchmarks/reduce.sh} runs it on two executors.
 */
public final class ReduceBenchmark {

    private static final int SHARDS = 64;
    private static final int ROUNDS = 12;
    private static final int WARM_UP = 4;

    private final JavaSparkContext context;
    private final NetworkSpec spec;
    private final float[] theta;

    private ReduceBenchmark(JavaSparkContext context, NetworkSpec spec) {
        this.context = context;
        this.spec = spec;
        this.theta = Initializer.initialize(spec.layout(), 1);
    }

    /** Prints a table. */
    public static void main(String[] arguments) throws Exception {
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf().setAppName("reduce"))) {
            context.setLogLevel("ERROR");
            for (int hidden : new int[] {300, 980, 2222}) { // 0.4, 4 and 20 million parameters
                NetworkSpec spec =
                        new NetworkSpec(new NetworkSpec.Dense(8), "lstm", "tanh", hidden, new HeadSpec(2, false));
                new ReduceBenchmark(context, spec).run();
            }
        }
    }

    private void run() throws Exception {
        JavaRDD<ShardGroup> partitions = context.parallelize(
                        IntStream.range(0, SHARDS).boxed().toList(), SHARDS)
                .map(u -> new ShardGroup(u, List.of(shard(u)), true))
                .persist(StorageLevel.MEMORY_AND_DISK());
        ShardedRows rows = new ShardedRows(TaskPlacement.spread(partitions), ShardLayout.whole(SHARDS, SHARDS));
        rows.rdd().persist(StorageLevel.MEMORY_AND_DISK());
        rows.materialize();
        ShardPlan plan = new ShardPlan(1, SHARDS, SHARDS, 0);
        Problem problem = Problem.of(spec, LearningTask.CLASSIFICATION, new LossSpec(LossReduction.STEP), Scaling.NONE);
        int size = theta.length;
        System.out.println(String.format(Locale.ROOT, "%,d parameters", size));
        try (Objective objective = new SparkObjective(context, problem, plan, rows, Optional.empty())) {
            time("unroll", () -> {
                Objective.Evaluation evaluation = objective.evaluate(theta, EvaluationRequest.of(plan.batch(0)));
                return new Reduced(
                        evaluation.sum().gradient(),
                        evaluation.phases().broadcastMs() + evaluation.phases().computeMs());
            });
        }
        time(
                "treeAggregate",
                () -> new Reduced(
                        partitions.treeAggregate(
                                new float[0], (sum, group) -> add(sum, gradient(group, size)), ReduceBenchmark::add),
                        0));
        time(
                "aggregate",
                () -> new Reduced(
                        partitions.aggregate(
                                new float[0], (sum, group) -> add(sum, gradient(group, size)), ReduceBenchmark::add),
                        0));
        partitions.unpersist(true);
    }

    private static Shard shard(int u) {
        float[] step = new float[8];
        Arrays.fill(step, 0.01f * u);
        return new Shard(u, List.of(Sequence.ofValues(step, 8, new int[] {u % 2}, 1f)), 0);
    }

    /** As many numbers as a gradient has, made as fast as memory allows: what is measured of Spark's ways is their way to the driver alone. */
    private static float[] gradient(ShardGroup group, int size) {
        float[] gradient = new float[size];
        Arrays.fill(gradient, 1f / (1 + group.shards().get(0).index()));
        return gradient;
    }

    private static float[] add(float[] sum, float[] other) {
        if (sum.length == 0 || other.length == 0) {
            return sum.length == 0 ? other : sum;
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other[i];
        }
        return sum;
    }

    /**
     * What came to the driver.
     *
     * @param otherMs ms of parameters on their way out and of computing: what the others need not do
     */
    private record Reduced(float[] sum, double otherMs) {}

    private static void time(String name, Callable<Reduced> reduce) {
        Set<String> hashes = new HashSet<>();
        double[] millis = new double[ROUNDS];
        double[] other = new double[ROUNDS];
        try {
            for (int round = -WARM_UP; round < ROUNDS; round++) {
                long start = System.nanoTime();
                Reduced reduced = reduce.call();
                if (round >= 0) {
                    millis[round] = (System.nanoTime() - start) / 1e6;
                    other[round] = reduced.otherMs();
                    hashes.add(ParameterHash.of(reduced.sum()));
                }
            }
            Arrays.sort(millis);
            Arrays.sort(other);
            System.out.println(String.format(
                    Locale.ROOT,
                    "  %-14s median %8.1f ms, best %8.1f ms, of it parameters and computing %8.1f ms, %d different sums in %d runs",
                    name,
                    millis[ROUNDS / 2],
                    millis[0],
                    other[ROUNDS / 2],
                    hashes.size(),
                    ROUNDS));
        } catch (Exception e) {
            System.out.println(
                    "  " + name + " failed: " + e.toString().lines().findFirst().orElse(""));
        }
    }
}
