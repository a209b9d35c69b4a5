package dev.unroll.spark.iteration;

import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.EvaluationSum;
import dev.unroll.worker.Problem;
import dev.unroll.worker.ShardChunk;
import dev.unroll.worker.ShardWorkers;
import java.util.Iterator;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.commons.collections4.iterators.LazyIteratorChain;

/**
 * The evaluation sum over all sequences of a task's shards.
 *
 * @param shards U
 */
record EvaluationTask(Problem problem, int shards, int rdd) implements ShardTask<EvaluationSum> {

    @Override
    public Iterator<ShardChunk> chunks(Iterator<ShardGroup> groups) {
        return new LazyIteratorChain<>() {
            @Override
            protected Iterator<ShardChunk> nextIterator(int count) {
                if (!groups.hasNext()) {
                    return null;
                }
                ShardGroup group = groups.next();
                return IteratorUtils.transformedIterator(
                        group.shards().iterator(), shard -> ShardChunk.all(shard, group.isLast()));
            }
        };
    }

    @Override
    public CanonicalTree<EvaluationSum> forest(
            ShardWorkers workers, ParameterMessage message, Iterator<ShardChunk> chunks) {
        return workers.evaluate(message.theta(), chunks, shards, problem);
    }
}
