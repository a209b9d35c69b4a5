package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.data.ShardPlan;
import dev.unroll.param.Initializer;
import dev.unroll.spark.shards.PlacedTasks;
import dev.unroll.spark.shards.ShardDivision;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.shards.TaskPlacement;
import dev.unroll.testing.SparkTest;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import dev.unroll.worker.StreamStates;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.CollectionAccumulator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import scala.Tuple2;

/** A gradient is the same to the bit if tasks compute shards of each other's partitions. */
@Tag("slow")
@SparkTest
class DivisionBitsTest {

    private static final SmallRun RUN = new SmallRun("lstm", true, 30, 8, "adam");

    @Test
    void shardsThatMove_leaveTheGradientAsItIs(JavaSparkContext context) {
        ShardedRows rows = ShardedRows.deal(
                context.parallelizePairs(RUN.rows(), 5), n -> n, ShardLayout.whole(8, 4), RUN.decoder());
        JavaRDD<ShardGroup> four = rows.rdd();
        GradientSum home = sum(context, new PlacedTasks(four, Optional.empty()), rows);
        // Partitions hold two shards each; of three tasks, the second keeps one shard.
        ShardDivision division = new ShardDivision(List.of(new int[] {0, 1, 2}, new int[] {4}, new int[] {3, 5, 6, 7}));
        int[][] needed = rows.layout().partitions(division, new int[][] {{0, 1}, {2}, {3}});
        JavaRDD<ShardGroup> partitions = TaskPlacement.coalesced(four, List.of(needed), 3);
        GradientSum moved = sum(context, new PlacedTasks(partitions, Optional.of(division)), rows);
        assertArrayEquals(home.gradient(), moved.gradient());
        assertEquals(home.loss().lossSum(), moved.loss().lossSum());
        assertEquals(home.loss().weightSum(), moved.loss().weightSum());
        rows.close();
    }

    private static GradientSum sum(JavaSparkContext context, PlacedTasks tasks, ShardedRows rows) {
        ShardPlan plan = RUN.plan();
        CollectionAccumulator<Tuple2<String, Integer>> kernels = new CollectionAccumulator<>();
        context.sc().register(kernels);
        EvaluationRequest request = new EvaluationRequest(plan.batch(1), new StreamStates(), false, Optional.empty());
        GradientTask task =
                GradientTask.of(RUN.problem(), plan, request, rows.rdd().id(), kernels, false, tasks.division(), null);
        float[] theta = Initializer.initialize(RUN.spec().layout(), 7);
        Function<Iterator<ShardGroup>, byte[]> result =
                groups -> task.result(() -> new ParameterMessage(theta, new StreamStates()), groups)
                        .toBytes();
        ResultMerger<GradientSum> merger = new ResultMerger<>(8, new int[0], in -> GradientSum.read(in, theta.length));
        tasks.partitions()
                .mapPartitions(groups -> List.of(result.call(groups)).iterator())
                .collect()
                .forEach(merger::add);
        return merger.merged().root();
    }
}
