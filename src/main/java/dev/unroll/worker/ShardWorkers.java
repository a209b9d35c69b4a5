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
 * Some threads that share the work on shards: each takes some neighbouring chunks, with a {@link ShardWorker} of its
 * own. The sums have the same bits for every number of threads. With one thread the work is done in the caller's;
 * several are daemon threads that end when they have had nothing to do for some seconds. Not thread-safe.
 */
public final class ShardWorkers {

    private static final long IDLE_SECONDS = 10;

    /** Steps that are loaded at least before the threads share them. */
    private static final long STEPS_TO_SHARE = 1 << 20;

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

    /** {@link ShardWorker#gradient} over all chunks. */
    public CanonicalTree<GradientSum> gradient(
            float[] theta, Iterator<ShardChunk> chunks, ShardPlan plan, EvaluationRequest request, Problem problem) {
        return divide(chunks, plan.shards(), (worker, some) -> worker.gradient(theta, some, plan, request, problem));
    }

    /** {@link ShardWorker#evaluate} over all chunks. */
    public CanonicalTree<EvaluationSum> evaluate(
            float[] theta, Iterator<ShardChunk> chunks, int shardCount, Problem problem) {
        return divide(chunks, shardCount, (worker, some) -> worker.evaluate(theta, some, shardCount, problem));
    }

    /**
     * Divides chunks among the threads; a shard in several chunks, which may not fit into memory at the same time, is
     * one thread's.
     */
    private <S extends Sum<S>> CanonicalTree<S> divide(
            Iterator<ShardChunk> chunks,
            int shardCount,
            BiFunction<ShardWorker, Iterator<ShardChunk>, CanonicalTree<S>> work) {
        if (pool == null) {
            return work.apply(workers.get(0), chunks);
        }
        CanonicalTree<S> tree = new CanonicalTree<>(shardCount);
        List<ShardChunk> loaded = new ArrayList<>();
        long steps = 0;
        while (chunks.hasNext()) {
            ShardChunk chunk = chunks.next();
            if (!chunk.last()) {
                tree.merge(work.apply(workers.get(0), new OneShard(chunk, chunks)));
                continue;
            }
            loaded.add(chunk);
            steps += chunk.steps();
            if (steps >= STEPS_TO_SHARE && loaded.size() % threads() == 0) {
                share(loaded, tree, work);
                loaded.clear();
                steps = 0;
            }
        }
        share(loaded, tree, work);
        return tree;
    }

    private <S extends Sum<S>> void share(
            List<ShardChunk> chunks,
            CanonicalTree<S> tree,
            BiFunction<ShardWorker, Iterator<ShardChunk>, CanonicalTree<S>> work) {
        List<Future<CanonicalTree<S>>> futures = new ArrayList<>();
        for (int i = 0; i < threads(); i++) {
            ShardWorker worker = workers.get(i);
            List<ShardChunk> some = chunks.subList(first(i, chunks.size()), first(i + 1, chunks.size()));
            if (!some.isEmpty()) {
                futures.add(pool.submit(() -> work.apply(worker, some.iterator())));
            }
        }
        try {
            for (Future<CanonicalTree<S>> future : futures) {
                tree.merge(await(future));
            }
        } finally {
            futures.forEach(future -> future.cancel(true)); // which changes nothing for those that are done
        }
    }

    /** The first chunk, of that many, that thread i takes. */
    private int first(int i, int chunks) {
        return (int) ((long) chunks * i / threads());
    }

    /** The chunks of one shard to its last. */
    private static final class OneShard implements Iterator<ShardChunk> {
        private final Iterator<ShardChunk> chunks;
        private ShardChunk next; // null after the last

        OneShard(ShardChunk first, Iterator<ShardChunk> chunks) {
            this.next = first;
            this.chunks = chunks;
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public ShardChunk next() {
            ShardChunk chunk = next;
            next = chunk.last() ? null : chunks.next();
            return chunk;
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

    /** Ends the threads at once; nothing may be computed afterwards. */
    public void close() {
        if (pool != null) {
            pool.shutdownNow();
        }
    }
}
