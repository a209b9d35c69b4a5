package dev.unroll.spark.iteration;

import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.MessageBytes;
import dev.unroll.worker.Sum;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Merges the results of tasks into the canonical tree, in whatever order they come, and keeps what the tasks took.
 */
final class ResultMerger<S extends Sum<S>> {
    private final CanonicalTree<S> tree;
    private final Function<ByteBuffer, S> read;
    private final List<TaskResult.Header> tasks = new ArrayList<>();
    private long mergeNanos;

    /**
     * @param shards U
     * @param absent shards that no task has, because they have no sequence in the batch
     * @param read reads a sum
     */
    ResultMerger(int shards, int[] absent, Function<ByteBuffer, S> read) {
        this.tree = new CanonicalTree<>(shards);
        this.read = read;
        for (int u : absent) {
            tree.add(u, null);
        }
    }

    /** @param result a message as {@link TaskResult} draws it */
    void add(byte[] result) {
        add(MessageBytes.wrap(result));
    }

    /** Reads such a message at the buffer's position. */
    void add(ByteBuffer in) {
        long start = System.nanoTime();
        tasks.add(TaskResult.Header.read(in));
        tree.merge(in, read);
        mergeNanos += System.nanoTime() - start;
    }

    /** Takes over the sums of a result. */
    void add(TaskResult<S> result) {
        long start = System.nanoTime();
        tasks.add(result.header());
        tree.merge(result.forest());
        mergeNanos += System.nanoTime() - start;
    }

    /** The sum over all shards, each of which must have arrived. */
    MergedSum<S> merged() {
        return new MergedSum<>(tree.root(), List.copyOf(tasks), 0, mergeNanos / 1e6);
    }
}
