package dev.unroll.spark.shards;

import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;

/**
 * The tasks of an update.
 *
 * @param partitions of each task, which are those of its shards
 * @param division where tasks do not compute all shards of their partitions; empty where they do
 */
public record PlacedTasks(JavaRDD<ShardGroup> partitions, Optional<ShardDivision> division) {

    public int count() {
        return partitions.getNumPartitions();
    }
}
