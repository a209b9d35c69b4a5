package dev.unroll.spark.iteration;

import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.Problem;
import dev.unroll.worker.ShardChunk;
import dev.unroll.worker.ShardWorkers;
import dev.unroll.worker.Sum;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.commons.collections4.iterators.PeekingIterator;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.StorageLevel;

/** What a task of Spark does with the shards of its partitions: it sums over their chunks, one after the other. */
interface ShardTask<S extends Sum<S>> extends Serializable {

    /** The id of the RDD whose partitions the task reads. */
    int rdd();

    Problem problem();

    /** Where a partition that came from another executor is cached. */
    default StorageLevel cached() {
        return StorageLevel.MEMORY_AND_DISK();
    }

    /** The sequences that the task computes, in the order in which the partitions come. */
    Iterator<ShardChunk> chunks(Iterator<ShardGroup> groups);

    /** The forest of their sums. */
    CanonicalTree<S> forest(ShardWorkers workers, ParameterMessage message, Iterator<ShardChunk> chunks);

    /**
     * The forest over all shards of a task, and what it took. It has as many threads as Spark counts processors for it:
     * spark.task.cpus.
     *
     * @param parameters where theta comes from
     * @param groups what the task's partitions hold, at least one
     */
    default TaskResult<S> result(Parameters parameters, Iterator<ShardGroup> groups) {
        long start = System.nanoTime();
        ParameterMessage message = parameters.get();
        long fetched = System.nanoTime();
        PeekingIterator<ShardGroup> cached =
                PeekingIterator.peekingIterator(IteratorUtils.transformedIterator(groups, group -> {
                    group.cacheHere(rdd(), cached());
                    return group;
                }));
        ShardGroup first = cached.peek();
        ShardWorkers workers =
                first.borrow(problem().network(), TaskContext.get().cpus());
        long[] steps = new long[1];
        Iterator<ShardChunk> counted = IteratorUtils.transformedIterator(chunks(cached), chunk -> {
            steps[0] += chunk.steps();
            return chunk;
        });
        CanonicalTree<S> forest = forest(workers, message, counted);
        first.giveBack(workers);
        long computeNanos = System.nanoTime() - fetched;
        String executor = SparkEnv.get().executorId();
        return new TaskResult<>(new TaskResult.Header(fetched - start, computeNanos, steps[0], executor), forest);
    }
}
