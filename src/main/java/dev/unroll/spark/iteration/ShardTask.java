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
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;

/** What a task does with the shards of its partitions: it sums over their parts, one after the other. */
interface ShardTask<S extends Sum<S>> extends Serializable {

    /** The RDD whose partitions the task walks. */
    int rdd();

    Broadcast<byte[]> sent();

    Problem problem();

    /** What is computed of the shards, in the order in which the partitions come. */
    Iterator<ShardChunk> parts(Iterator<ShardGroup> groups);

    CanonicalTree<S> forest(ShardWorkers workers, ParameterMessage now, Iterator<ShardChunk> parts);

    /**
     * The forest over all shards of a task. It has as many threads as Spark counts processors for it: spark.task.cpus.
     *
     * @param groups at least one
     */
    default TaskResult<S> run(Iterator<ShardGroup> groups) {
        long start = System.nanoTime();
        ParameterMessage now = ParameterMessage.of(sent().value());
        long fetched = System.nanoTime();
        PeekingIterator<ShardGroup> kept =
                PeekingIterator.peekingIterator(IteratorUtils.transformedIterator(groups, group -> {
                    group.keepHere(rdd());
                    return group;
                }));
        ShardGroup first = kept.peek();
        ShardWorkers workers =
                first.borrow(problem().network(), TaskContext.get().cpus());
        long[] steps = new long[1];
        Iterator<ShardChunk> counted = IteratorUtils.transformedIterator(parts(kept), part -> {
            steps[0] += part.steps();
            return part;
        });
        CanonicalTree<S> forest = forest(workers, now, counted);
        first.giveBack(workers);
        return new TaskResult<>(forest, fetched - start, System.nanoTime() - fetched, steps[0]);
    }
}
