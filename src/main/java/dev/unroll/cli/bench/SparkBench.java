package dev.unroll.cli.bench;

import dev.unroll.cli.frame.Rounding;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.optim.Optimizer;
import dev.unroll.optim.OptimizerSpec;
import dev.unroll.param.Initializer;
import dev.unroll.preflight.ClusterCosts;
import dev.unroll.preflight.TimeEstimate;
import dev.unroll.spark.iteration.GhostWork;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.JobCounts;
import dev.unroll.train.Objective;
import dev.unroll.train.Phases;
import dev.unroll.train.Trainer;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Whole iterations on Spark, timed, and the tax: what an iteration costs without any work in it. An iteration is all
 * that the training loop does for one update: parameters to the tasks, their sums, merge, Adam.
 */
final class SparkBench {

    private static final int ROUND = 20; // iterations, or jobs, between two looks at the clock
    private static final long SEED = 1;

    private final JavaSparkContext context;
    private final KernelBench.Shape shape;
    private final int updatesPerJob;
    private final Optional<GhostWork> ghost;
    private final int tasks;

    /**
     * As many tasks as run at once.
     *
     * @param updatesPerJob as the key of a training says
     * @param ghost what tasks do in place of computing
     */
    SparkBench(JavaSparkContext context, KernelBench.Shape shape, int updatesPerJob, Optional<GhostWork> ghost) {
        this(context, shape, updatesPerJob, ghost, TaskSlots.of(context));
    }

    /** @param tasks of an update, at most those that run at once */
    SparkBench(
            JavaSparkContext context,
            KernelBench.Shape shape,
            int updatesPerJob,
            Optional<GhostWork> ghost,
            int tasks) {
        this.context = context;
        this.shape = shape;
        this.updatesPerJob = updatesPerJob;
        this.ghost = ghost;
        this.tasks = tasks;
    }

    /**
     * Times each for that many seconds; every task has the sequences of the shape in each update, so all have the same work.
     *
     * @param costs to predict the update of ghosts by
     */
    Map<String, Object> run(double seconds, Optional<ClusterCosts> costs) {
        // The least that a task can do and still send a whole gradient.
        List<Sequence> least = shape.withSteps(1).sequences(1);
        List<Sequence> sequences = ghost.isPresent() ? least : shape.sequences(shape.batch());
        long steps = tasks * sequences.stream().mapToLong(Sequence::length).sum();
        int usual = ShardPlan.defaultShards((long) sequences.size() * tasks, steps, 0);
        int shards = (usual + tasks - 1) / tasks; // of a task
        List<Iteration> zeroWork = iterations(least, 1, Optional.empty(), 0, seconds);
        List<Iteration> iterations = iterations(sequences, shards, ghost, 0, seconds);
        double iteration = medianMs(iterations, Iteration::nanos);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("tasks", tasks);
        result.put("sequences", sequences.size() * tasks);
        result.put("shards", shards * tasks);
        result.put("emptyJobMs", Rounding.rounded(emptyJobMs(seconds), 2));
        result.put("zeroWorkMs", Rounding.rounded(medianMs(zeroWork, Iteration::nanos), 2));
        result.put("taxMs", Rounding.rounded(medianMs(zeroWork, Iteration::taxNanos), 2));
        result.put("exchangeMs", Rounding.rounded(medianMs(zeroWork, Iteration::exchangeNanos), 2));
        ghost.ifPresent(work -> {
            result.put("ghostMs", work.ms());
            result.put("ghostSpread", work.spread());
            result.put("efficiency", Rounding.rounded(work.ms() / iteration, 3));
            costs.ifPresent(known -> result.put("predicted", predicted(work, known)));
        });
        result.put("parameters", shape.network().layout().size());
        result.put("iterationMs", Rounding.rounded(iteration, 2));
        result.put(
                "meanIterationMs",
                Rounding.rounded(
                        iterations.stream()
                                        .mapToDouble(Iteration::nanos)
                                        .average()
                                        .orElseThrow()
                                / 1e6,
                        2));
        for (Phases.Phase phase : Phases.ALL) {
            double ms = medianMs(iterations, i -> phase.ms(i.report.phases()) * 1e6);
            result.put(phase.key(), Rounding.rounded(ms, 2));
        }
        JobCounts jobs = iterations.get(iterations.size() - 1).report.jobs();
        result.put("updatesPerJob", Rounding.rounded(jobs.updatesPerJob(), 1));
        result.put("fallbacks", jobs.fallbacks());
        result.put("tokensPerSecond", Math.round(steps / iteration * 1e3));
        return result;
    }

    private Map<String, Object> predicted(GhostWork work, ClusterCosts costs) {
        long bytes = (long) Float.BYTES * shape.network().layout().size();
        TimeEstimate time = TimeEstimate.ofGhostWork(tasks, bytes, work.ms(), work.spread(), updatesPerJob, costs);
        Map<String, Object> predicted = new LinkedHashMap<>();
        predicted.put("meanIterationMs", Rounding.rounded(time.totalMs(), 2));
        for (Phases.Phase phase : Phases.ALL) {
            predicted.put(phase.key(), Rounding.rounded(phase.ms(time.phases()), 2));
        }
        return predicted;
    }

    /**
     * The phases of updates whose tasks have the least to do, or the work of ghosts: the median of each.
     *
     * @param slices that executors merge the sums in, in a second stage; 0 for where that pays
     */
    Phases leastPhases(int slices, double seconds) {
        List<Iteration> iterations = iterations(shape.withSteps(1).sequences(1), 1, ghost, slices, seconds);
        return Phases.of(phase -> medianMs(iterations, i -> phase.ms(i.report.phases()) * 1e6));
    }

    /** One iteration: the time since the one before, and what the training loop says of it. */
    private record Iteration(double nanos, IterationReport report) {

        /** What Spark takes: all but the tasks themselves and the optimiser. */
        double taxNanos() {
            return nanos - (report.phases().computeMs() + report.phases().updateMs()) * 1e6;
        }

        /** What it takes to bring parameters to the tasks, and what they send to the driver. */
        double exchangeNanos() {
            return report.phases().exchangeMs() * 1e6;
        }
    }

    /** Every task has these sequences, in that many shards. */
    private List<Iteration> iterations(
            List<Sequence> sequences, int shards, Optional<GhostWork> work, int slices, double seconds) {
        NetworkSpec network = shape.network();
        Problem problem = Problem.of(network, LearningTask.TAGGING, new LossSpec(LossReduction.STEP), Scaling.NONE);
        ShardPlan plan = new ShardPlan(SEED, shards * tasks, (long) sequences.size() * tasks, 0);
        ShardedRows rows =
                ShardedRows.of(context, shards(sequences, shards), tasks).materialize();
        float[] theta = Initializer.initialize(network.layout(), SEED);
        Optimizer optimizer = new OptimizerSpec("adam", 1e-3, "constant", 1, 0).create(theta.length, ROUND);
        Trainer.Limits limits = new Trainer.Limits(ROUND, 0, 0, 0, 0);
        try (Objective objective = objective(problem, plan, rows, work, slices)) {
            return afterWarmUp(seconds, times -> {
                long[] last = {System.nanoTime()};
                IterationListener listener = report -> {
                    long now = System.nanoTime();
                    times.add(new Iteration(now - last[0], report));
                    last[0] = now;
                };
                new Trainer(objective, plan, optimizer, limits, List.of(listener)).run(theta);
            });
        }
    }

    private Objective objective(
            Problem problem, ShardPlan plan, ShardedRows rows, Optional<GhostWork> work, int slices) {
        return work.map(ghosts ->
                        SparkObjective.withGhostWork(context, problem, plan, rows, updatesPerJob, slices, ghosts))
                .orElseGet(() -> new SparkObjective(context, problem, plan, rows, Optional.empty(), updatesPerJob));
    }

    private List<Shard> shards(List<Sequence> sequences, int ofTask) {
        List<Shard> shards = new ArrayList<>();
        for (int u = 0; u < ofTask * tasks; u++) {
            List<Sequence> dealt = new ArrayList<>();
            for (int n = u % ofTask; n < sequences.size(); n += ofTask) {
                dealt.add(sequences.get(n));
            }
            shards.add(new Shard(u, dealt, Math.max(1, shape.vocabulary())));
        }
        return shards;
    }

    private double emptyJobMs(double seconds) {
        JavaRDD<Integer> nothing = context.parallelize(Collections.nCopies(tasks, 0), tasks);
        List<Double> nanos = afterWarmUp(seconds, times -> {
            for (int i = 0; i < ROUND; i++) {
                long start = System.nanoTime();
                nothing.foreachPartition(rows -> {});
                times.add((double) (System.nanoTime() - start));
            }
        });
        return medianMs(nanos, Double::doubleValue);
    }

    /** What rounds note in that many seconds, after as many to warm up. */
    private static <T> List<T> afterWarmUp(double seconds, Consumer<List<T>> round) {
        if (seconds > 0) {
            repeat(seconds, round);
        }
        return repeat(seconds, round);
    }

    private static <T> List<T> repeat(double seconds, Consumer<List<T>> round) {
        List<T> noted = new ArrayList<>();
        long begin = System.nanoTime();
        do {
            round.accept(noted);
        } while (System.nanoTime() - begin < seconds * 1e9);
        return noted;
    }

    private static <T> double medianMs(List<T> noted, ToDoubleFunction<T> nanos) {
        return noted.stream()
                        .mapToDouble(nanos)
                        .sorted()
                        .skip(noted.size() / 2)
                        .findFirst()
                        .orElseThrow()
                / 1e6;
    }
}
