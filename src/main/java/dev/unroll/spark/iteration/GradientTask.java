package dev.unroll.spark.iteration;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Truncation;
import dev.unroll.spark.shards.BatchChunks;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import dev.unroll.worker.Problem;
import dev.unroll.worker.ShardChunk;
import dev.unroll.worker.ShardWorkers;
import java.util.Iterator;
import java.util.Optional;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.broadcast.Broadcast;

/**
 * The gradient over what a batch takes of a task's shards.
 *
 * @param alone whether a task has but one partition, of whole shards: their sequences need then not be copied
 * @param truncation null for the problem's own
 */
record GradientTask(
        Problem problem,
        ShardPlan plan,
        ShardPlan.Batch batch,
        boolean sampled,
        Truncation truncation,
        int rdd,
        boolean alone,
        Broadcast<byte[]> sent)
        implements ShardTask<GradientSum> {

    @Override
    public Iterator<ShardChunk> parts(Iterator<ShardGroup> groups) {
        return alone
                ? IteratorUtils.transformedIterator(
                        groups.next().shards().iterator(), shard -> ShardChunk.of(shard, plan, batch))
                : new BatchChunks(groups, plan, batch);
    }

    @Override
    public CanonicalTree<GradientSum> forest(ShardWorkers workers, ParameterMessage now, Iterator<ShardChunk> parts) {
        EvaluationRequest pass = new EvaluationRequest(batch, now.states(), sampled, Optional.ofNullable(truncation));
        return workers.gradient(now.theta(), parts, plan, pass, problem);
    }
}
