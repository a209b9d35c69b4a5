package dev.unroll.spark.iteration;

import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.Sum;
import java.nio.ByteBuffer;
import java.util.function.Function;

/** Forests of tasks, as they are merged into the canonical tree, whatever the order; how long the tasks took, and how even they were. */
final class ResultMerger<S extends Sum<S>> {
    private final CanonicalTree<S> tree;
    private final Function<ByteBuffer, S> read;
    private int tasks;
    private double fetchNanos;
    private double computeNanos;
    private long steps;
    private long mostSteps;
    private long nanos;

    /**
     * @param shards U
     * @param absent shards that no task has anything to do with, because they have no sequence in the batch
     * @param read reads a sum that has travelled
     */
    ResultMerger(int shards, int[] absent, Function<ByteBuffer, S> read) {
        this.tree = new CanonicalTree<>(shards);
        this.read = read;
        for (int u : absent) {
            tree.add(u, null);
        }
    }

    /** @param result of {@link TaskResult#toBytes} */
    void add(byte[] result) {
        long start = System.nanoTime();
        tasks++;
        fetchNanos += TaskResult.fetchNanos(result);
        computeNanos += TaskResult.computeNanos(result);
        steps += TaskResult.steps(result);
        mostSteps = Math.max(mostSteps, TaskResult.steps(result));
        tree.mergeBytes(result, read);
        nanos += System.nanoTime() - start;
    }

    S root() {
        return tree.root();
    }

    /** Mean time until a task had the parameters. */
    double fetchMs() {
        return fetchNanos / Math.max(1, tasks) / 1e6;
    }

    /** Mean time of the tasks from then on. */
    double computeMs() {
        return computeNanos / Math.max(1, tasks) / 1e6;
    }

    /** Steps of the longest task over the mean of all. */
    double balance() {
        return steps == 0 ? 1 : (double) mostSteps * tasks / steps;
    }

    /** Time of merging. */
    double millis() {
        return nanos / 1e6;
    }
}
