package dev.unroll.spark.source;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Work on many files that waits for storage more than it computes: an object store takes some 50 ms for a request. */
final class InParallel {

    private static final int THREADS = 32;

    private InParallel() {}

    /**
     * The results, in the order of what they are of. Throws what the work threw for the first of them that failed.
     *
     * @param work throws nothing that is checked
     */
    static <T, R> List<R> map(List<T> all, Function<T, R> work) {
        if (all.size() <= 1) {
            return all.stream().map(work).toList();
        }
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(THREADS, all.size()), task -> {
            Thread thread = new Thread(task, "unroll-files");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<R>> futures = new ArrayList<>();
            all.forEach(one -> futures.add(threads.submit(() -> work.apply(one))));
            List<R> results = new ArrayList<>();
            for (Future<R> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (CancellationException) new CancellationException("interrupted").initCause(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        } finally {
            threads.shutdownNow();
        }
    }
}
