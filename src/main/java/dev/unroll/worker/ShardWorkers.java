package dev.unroll.worker;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.NetworkSpec;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Some threads that share the work on shards: each takes a contiguous run of their parts, with a {@link ShardWorker} of its own. The sums have the
 * same bits for every number of threads. A single thread is the caller's; several are their own, and end by themselves when there is nothing to do
 * for some seconds. Not thread-safe.
 */
public final class ShardWorkers {

    private static final long IDLE_SECONDS = 10;

    /** Steps that threads share before more are loaded. */
    private static final long STEPS_TOGETHER = 1 << 20;

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

    /** {@link ShardWorker#gradient} over all of the parts. */
    public CanonicalTree<GradientSum> gradient(
            float[] theta, Iterator<ShardChunk> parts, ShardPlan plan, EvaluationRequest pass, Problem problem) {
        return run(parts, plan.shards(), (worker, some) -> worker.gradient(theta, some, plan, pass, problem));
    }

    /** {@link ShardWorker#evaluate} over all of the parts. */
    public CanonicalTree<EvaluationSum> evaluate(
            float[] theta, Iterator<ShardChunk> parts, int shardCount, Problem problem) {
        return run(parts, shardCount, (worker, some) -> worker.evaluate(theta, some, shardCount, problem));
    }

    /** Threads share what has come together; a shard in several parts, which may not fit into memory together, is one thread's. */
    private <S extends Sum<S>> CanonicalTree<S> run(
            Iterator<ShardChunk> parts,
            int shardCount,
            BiFunction<ShardWorker, Iterator<ShardChunk>, CanonicalTree<S>> work) {
        if (pool == null) {
            return work.apply(workers.get(0), parts);
        }
        CanonicalTree<S> tree = new CanonicalTree<>(shardCount);
        List<ShardChunk> together = new ArrayList<>();
        long steps = 0;
        while (parts.hasNext()) {
            ShardChunk part = parts.next();
            if (!part.last()) {
                tree.merge(work.apply(workers.get(0), new OneShard(part, parts)));
                continue;
            }
            together.add(part);
            steps += part.steps();
            if (steps >= STEPS_TOGETHER && together.size() % threads() == 0) {
                share(together, tree, work);
                together.clear();
                steps = 0;
            }
        }
        share(together, tree, work);
        return tree;
    }

    private <S extends Sum<S>> void share(
            List<ShardChunk> parts,
            CanonicalTree<S> tree,
            BiFunction<ShardWorker, Iterator<ShardChunk>, CanonicalTree<S>> work) {
        List<Future<CanonicalTree<S>>> futures = new ArrayList<>();
        for (int i = 0; i < threads(); i++) {
            ShardWorker worker = workers.get(i);
            List<ShardChunk> some = parts.subList(first(i, parts.size()), first(i + 1, parts.size()));
            if (!some.isEmpty()) {
                futures.add(pool.submit(() -> work.apply(worker, some.iterator())));
            }
        }
        try {
            for (Future<CanonicalTree<S>> future : futures) {
                tree.merge(await(future));
            }
        } finally {
            futures.forEach(future -> future.cancel(true)); // those that are done do not mind
        }
    }

    /** The first part, of that many, that thread i takes. */
    private int first(int i, int parts) {
        return (int) ((long) parts * i / threads());
    }

    /** The parts of one shard to its last. */
    private static final class OneShard implements Iterator<ShardChunk> {
        private final Iterator<ShardChunk> parts;
        private ShardChunk next; // null behind the last

        OneShard(ShardChunk first, Iterator<ShardChunk> parts) {
            this.next = first;
            this.parts = parts;
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public ShardChunk next() {
            ShardChunk part = next;
            next = part.last() ? null : parts.next();
            return part;
        }
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
