package dev.unroll.train;

import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.NetworkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Some threads that share the work on shards: each takes a contiguous run of them, with a {@link ShardWorker} of its own. The sums have the
 * same bits for every number of threads. A single thread is the caller's; several are their own, and end by themselves when there is nothing to do
 * for some seconds. Not thread-safe.
 */
public final class ShardWorkers {

    private static final long IDLE_SECONDS = 10;

    private final NetworkSpec spec;
    private final List<ShardWorker> workers = new ArrayList<>();
    private final ExecutorService pool; // null for one thread

    /** @param threads at least 1 */
    public ShardWorkers(NetworkSpec spec, int threads) {
        this.spec = spec;
        for (int i = 0; i < threads; i++) {
            workers.add(new ShardWorker(spec));
        }
        this.pool = threads == 1 ? null : pool(threads);
    }

    private static ExecutorService pool(int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "unroll-shards");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    public NetworkSpec spec() {
        return spec;
    }

    public int threads() {
        return workers.size();
    }

    /** {@link ShardWorker#gradient} over all of the shards. */
    public CanonicalTree<GradientSum> gradient(
            float[] theta, List<Shard> shards, ShardPlan plan, Pass pass, Problem problem) {
        return run(
                shards, plan.shards(), (worker, some) -> worker.gradient(theta, some.iterator(), plan, pass, problem));
    }

    /** {@link ShardWorker#evaluate} over all of the shards. */
    public CanonicalTree<EvaluationSum> evaluate(float[] theta, List<Shard> shards, int shardCount, Problem problem) {
        return run(shards, shardCount, (worker, some) -> worker.evaluate(theta, some.iterator(), shardCount, problem));
    }

    private <S extends Sum<S>> CanonicalTree<S> run(
            List<Shard> shards, int shardCount, BiFunction<ShardWorker, List<Shard>, CanonicalTree<S>> work) {
        if (pool == null) {
            return work.apply(workers.get(0), shards);
        }
        List<Future<CanonicalTree<S>>> futures = new ArrayList<>();
        for (int i = 0; i < threads(); i++) {
            ShardWorker worker = workers.get(i);
            List<Shard> some = shards.subList(first(i, shards.size()), first(i + 1, shards.size()));
            if (!some.isEmpty()) {
                futures.add(pool.submit(() -> work.apply(worker, some)));
            }
        }
        CanonicalTree<S> tree = new CanonicalTree<>(shardCount);
        try {
            for (Future<CanonicalTree<S>> future : futures) {
                tree.merge(await(future));
            }
        } finally {
            futures.forEach(future -> future.cancel(true)); // those that are done do not mind
        }
        return tree;
    }

    /** The first shard, of that many, that thread i takes. */
    private int first(int i, int shards) {
        return (int) ((long) shards * i / threads());
    }

    private static <R> R await(Future<R> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread on some shards failed: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while shards were computed", e);
        }
    }

    /** Ends the threads now, not only when they have been idle for a while; nothing may be computed after it. */
    public void close() {
        if (pool != null) {
            pool.shutdownNow();
        }
    }
}
