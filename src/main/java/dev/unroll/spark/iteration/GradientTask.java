package dev.unroll.spark.iteration;

import dev.unroll.data.ShardPlan;
import dev.unroll.math.Lanes;
import dev.unroll.nn.Truncation;
import dev.unroll.spark.shards.BatchChunks;
import dev.unroll.spark.shards.ShardDivision;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import dev.unroll.worker.Problem;
import dev.unroll.worker.ShardChunk;
import dev.unroll.worker.ShardWorker;
import dev.unroll.worker.ShardWorkers;
import java.util.Iterator;
import java.util.Optional;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.CollectionAccumulator;
import scala.Tuple2;

/**
 * The gradient over what a batch takes of a task's shards: {@link ShardWorkers} divide them among the threads of the
 * task, and each thread computes its share by {@link ShardWorker#gradient}.
 *
 * @param sampled whether this is an update to observe more closely, see {@link EvaluationRequest}
 * @param truncation null for the problem's own
 * @param kernels is told by each task which executor it runs on, and by how many lanes
 * @param onePartition whether each task has one partition, of whole shards, all of which it computes: their sequences
 *     need not be copied then
 * @param division the shards that each task computes; null for all of its partitions
 * @param ghost what it does besides; null for nothing
 */
record GradientTask(
        Problem problem,
        ShardPlan plan,
        ShardPlan.Batch batch,
        boolean sampled,
        Truncation truncation,
        int rdd,
        CollectionAccumulator<Tuple2<String, Integer>> kernels,
        boolean onePartition,
        ShardDivision division,
        GhostWork ghost)
        implements ShardTask<GradientSum> {

    static GradientTask of(
            Problem problem,
            ShardPlan plan,
            EvaluationRequest request,
            int rdd,
            CollectionAccumulator<Tuple2<String, Integer>> kernels,
            boolean onePartition,
            Optional<ShardDivision> division,
            GhostWork ghost) {
        return new GradientTask(
                problem,
                plan,
                request.batch(),
                request.sampled(),
                request.truncation().orElse(null),
                rdd,
                kernels,
                onePartition,
                division.orElse(null),
                ghost);
    }

    /** Shards that move are second copies: they may be fetched again, and none on disk keeps tasks from staying. */
    @Override
    public StorageLevel cached() {
        return division == null ? StorageLevel.MEMORY_AND_DISK() : StorageLevel.MEMORY_ONLY();
    }

    @Override
    public Iterator<ShardChunk> chunks(Iterator<ShardGroup> groups) {
        int task = TaskContext.getPartitionId();
        return onePartition
                ? IteratorUtils.transformedIterator(
                        groups.next().shards().iterator(), shard -> ShardChunk.of(shard, plan, batch))
                : new BatchChunks(groups, plan, batch, shard -> division == null || division.has(task, shard));
    }

    @Override
    public CanonicalTree<GradientSum> forest(
            ShardWorkers workers, ParameterMessage message, Iterator<ShardChunk> chunks) {
        long start = System.nanoTime();
        if (kernels.isZero()) { // a task may compute several times
            kernels.add(new Tuple2<>(SparkEnv.get().executorId(), Lanes.count()));
        }
        EvaluationRequest request =
                new EvaluationRequest(batch, message.states(), sampled, Optional.ofNullable(truncation));
        CanonicalTree<GradientSum> forest = workers.gradient(message.theta(), chunks, plan, request, problem);
        if (ghost != null) {
            ghost.rest(batch, TaskContext.getPartitionId(), start);
        }
        return forest;
    }
}
