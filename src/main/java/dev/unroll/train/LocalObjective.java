package dev.unroll.train;

import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

/** The objective in this process, without Spark: each thread takes a contiguous run of shards. Same sums, same bits. */
public final class LocalObjective implements Objective {

    private final Problem problem;
    private final ShardPlan plan;
    private final List<List<Shard>> runs; // per thread
    private final List<List<Shard>> validationRuns;
    private final int validationShards;
    private final List<ShardWorker> workers = new ArrayList<>();
    private final ExecutorService threads;

    /**
     * @param training all U shards of the plan
     * @param validation shards to validate on; may be empty
     * @param parallelism number of threads; has no influence on any bit
     */
    public LocalObjective(
            Problem problem, ShardPlan plan, List<Shard> training, List<Shard> validation, int parallelism) {
        this.problem = problem;
        this.plan = plan;
        this.runs = split(training, parallelism);
        this.validationRuns = split(validation, parallelism);
        this.validationShards = validation.size();
        for (int i = 0; i < parallelism; i++) {
            workers.add(new ShardWorker(problem.network()));
        }
        this.threads = Executors.newFixedThreadPool(parallelism, task -> {
            Thread thread = new Thread(task, "unroll-local");
            thread.setDaemon(true);
            return thread;
        });
    }

    private static List<List<Shard>> split(List<Shard> shards, int parts) {
        List<List<Shard>> runs = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            int from = (int) ((long) shards.size() * i / parts);
            int to = (int) ((long) shards.size() * (i + 1) / parts);
            runs.add(shards.subList(from, to));
        }
        return runs;
    }

    @Override
    public Evaluation evaluate(float[] theta, ShardPlan.Batch batch) {
        long start = System.nanoTime();
        List<CanonicalTree<GradientSum>> partials = forEachRun(
                runs, (worker, shards) -> worker.gradient(theta, shards.iterator(), plan, batch, problem.loss()));
        long computed = System.nanoTime();
        GradientSum root = merge(partials, plan.shards()).root();
        return new Evaluation(root, 0, (computed - start) / 1e6, 0, (System.nanoTime() - computed) / 1e6);
    }

    @Override
    public Optional<Map<String, Double>> validate(float[] theta) {
        if (validationShards == 0) {
            return Optional.empty();
        }
        List<CanonicalTree<EvaluationSum>> partials = forEachRun(
                validationRuns,
                (worker, shards) -> worker.evaluate(theta, shards.iterator(), validationShards, problem));
        return Optional.of(merge(partials, validationShards).root().metrics(problem));
    }

    private static <S extends Sum<S>> CanonicalTree<S> merge(List<CanonicalTree<S>> partials, int shards) {
        CanonicalTree<S> tree = new CanonicalTree<>(shards);
        partials.forEach(tree::merge);
        return tree;
    }

    private <R> List<R> forEachRun(List<List<Shard>> runs, BiFunction<ShardWorker, List<Shard>, R> work) {
        List<Future<R>> futures = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            ShardWorker worker = workers.get(i);
            List<Shard> run = runs.get(i);
            futures.add(threads.submit(() -> work.apply(worker, run)));
        }
        List<R> results = new ArrayList<>();
        for (Future<R> future : futures) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("the local engine failed: " + e.getCause(), e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the local engine was computing", e);
            }
        }
        return results;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
