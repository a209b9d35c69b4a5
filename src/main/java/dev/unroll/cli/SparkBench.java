package dev.unroll.cli;

import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Task;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.spark.ShardedRows;
import dev.unroll.spark.SparkObjective;
import dev.unroll.train.Objective;
import dev.unroll.train.Problem;
import dev.unroll.train.Trainer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Whole iterations on Spark, timed, and the tax: what an iteration costs without any work in it. An iteration is all that the training loop
 * does for one update: broadcast, tasks, merge, Adam.
 */
final class SparkBench {

    private static final int ROUND = 20; // iterations, or jobs, between two looks at the clock
    private static final long SEED = 1;

    private final JavaSparkContext context;
    private final KernelBench.Shape shape;
    private final int tasks;

    SparkBench(JavaSparkContext context, KernelBench.Shape shape) {
        this.context = context;
        this.shape = shape;
        this.tasks =
                Math.max(1, context.defaultParallelism() / context.getConf().getInt("spark.task.cpus", 1));
    }

    /** Times each for that many seconds; every task has as many sequences an update as the shape's batch. */
    Map<String, Object> run(double seconds) {
        List<Sequence> sequences = shape.sequences(shape.batch() * tasks);
        long steps = sequences.stream().mapToLong(Sequence::length).sum();
        int shards = ShardPlan.defaultShards(sequences.size(), steps, 0);
        double iteration = iterationMs(sequences, shards, seconds);
        // The least that a task can do and still send a whole gradient.
        double zeroWork = iterationMs(shape.withSteps(1).sequences(tasks), tasks, seconds);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("tasks", tasks);
        result.put("sequences", sequences.size());
        result.put("shards", shards);
        result.put("emptyJobMs", Bench.rounded(emptyJobMs(seconds), 2));
        result.put("zeroWorkMs", Bench.rounded(zeroWork, 2));
        result.put("iterationMs", Bench.rounded(iteration, 2));
        result.put("tokensPerSecond", Math.round(steps / iteration * 1e3));
        return result;
    }

    /** Median of the time from one update to the next. */
    private double iterationMs(List<Sequence> sequences, int shards, double seconds) {
        NetworkSpec network = shape.network();
        Problem problem = Problem.of(network, Task.TAGGING, new LossSpec(LossReduction.STEP), Scaling.NONE);
        ShardPlan plan = new ShardPlan(SEED, shards, sequences.size(), 0);
        ShardedRows rows =
                ShardedRows.of(context, shards(sequences, shards), tasks).materialize();
        float[] theta = Initializer.initialize(network.layout(), SEED);
        Optimizer optimizer = Optimizer.of(new OptimizerSpec("adam", 1e-3, "constant", 1, 0), theta.length, ROUND);
        try (Objective objective = new SparkObjective(context, problem, plan, rows, Optional.empty())) {
            return medianMs(seconds, clock -> {
                Trainer.Limits limits = new Trainer.Limits(ROUND, 0, 0, 0, 0);
                new Trainer(objective, plan, optimizer, limits, List.of(report -> clock.tick())).run(theta);
            });
        }
    }

    private List<Shard> shards(List<Sequence> sequences, int count) {
        List<Shard> shards = new ArrayList<>();
        for (int u = 0; u < count; u++) {
            List<Sequence> dealt = new ArrayList<>();
            for (int n = u; n < sequences.size(); n += count) {
                dealt.add(sequences.get(n));
            }
            shards.add(new Shard(u, dealt, Math.max(1, shape.vocabulary())));
        }
        return shards;
    }

    private double emptyJobMs(double seconds) {
        List<Integer> nothing = Collections.nCopies(tasks, 0);
        var rdd = context.parallelize(nothing, tasks);
        return medianMs(seconds, clock -> {
            for (int i = 0; i < ROUND; i++) {
                rdd.foreachPartition(rows -> {});
                clock.tick();
            }
        });
    }

    /** Takes the time between ticks. */
    private static final class Clock {
        private final List<Long> nanos = new ArrayList<>();
        private long last;

        void start() {
            last = System.nanoTime();
        }

        void tick() {
            long now = System.nanoTime();
            nanos.add(now - last);
            last = now;
        }
    }

    private interface Round {
        void run(Clock clock);
    }

    private static double medianMs(double seconds, Round round) {
        repeat(seconds, round); // to warm up
        List<Long> nanos = repeat(seconds, round).nanos;
        return nanos.stream().sorted().skip(nanos.size() / 2).findFirst().orElseThrow() / 1e6;
    }

    private static Clock repeat(double seconds, Round round) {
        Clock clock = new Clock();
        long begin = System.nanoTime();
        do {
            clock.start();
            round.run(clock);
        } while (System.nanoTime() - begin < seconds * 1e9);
        return clock;
    }
}
