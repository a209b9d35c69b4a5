package dev.unroll.spark.shards;

import dev.unroll.data.ShardPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;

/**
 * The partitions that a batch takes sequences from. Of blocks, those of the latest batch stay in memory, for many
 * batches take from one block, and Spark would never evict an older block of the same RDD for it: so they are blocks of an
 * RDD of their own.
 */
public final class CurrentBlocks implements AutoCloseable {

    private final ShardLayout layout;
    private final JavaRDD<ShardGroup> all;
    private final JavaRDD<ShardGroup> current;
    private Set<Integer> latest = Set.of();

    public CurrentBlocks(ShardedRows rows) {
        layout = rows.layout();
        all = rows.rdd();
        current = layout.isWhole() ? all : all.map(group -> group).persist(StorageLevel.MEMORY_ONLY());
    }

    /**
     * The partitions that the batch needs, grouped for so many tasks at once.
     *
     * @param speeds of an executor by its id, relative to each other
     */
    public PlacedTasks tasks(ShardPlan plan, ShardPlan.Batch batch, int slots, ToDoubleFunction<String> speeds) {
        List<int[]> visited = layout.visited(plan, batch);
        return TaskPlacement.divided(keep(visited) ? current : all, layout, visited, slots, speeds);
    }

    /** Whether these blocks are kept: each shard has one, or two where the batch passes to the next. */
    private boolean keep(List<int[]> visited) {
        if (layout.isWhole()) {
            return false;
        }
        boolean few = visited.stream().allMatch(blocks -> blocks.length <= 2);
        Set<Integer> now =
                few ? visited.stream().flatMapToInt(Arrays::stream).boxed().collect(Collectors.toSet()) : Set.of();
        latest.stream()
                .filter(block -> !now.contains(block))
                .forEach(block ->
                        SparkEnv.get().blockManager().master().removeBlock(new RDDBlockId(current.id(), block)));
        latest = now;
        return few;
    }

    /** The id of the RDD whose blocks are kept. */
    int rdd() {
        return current.id();
    }

    /** Leaves no block of its own. */
    @Override
    public void close() {
        if (!layout.isWhole()) {
            current.unpersist(true);
        }
    }
}
