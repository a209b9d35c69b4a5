package dev.unroll.preflight;

import dev.unroll.spark.iteration.ReduceShape;

/**
 * What an update sends, in bytes, and how it is brought together.
 *
 * @param stages of Spark: 0 where nothing is sent, 1 where all sums come to the driver as they are, 2 where executors merge them first
 * @param slices that they are merged in; 0 where they come as they are
 * @param sums of all tasks together
 * @param sumBytes of one gradient sum, at most: of an embedding only the rows that were met are sent
 * @param taskBytes of the sums of one task, at most
 * @param inflowBytes that come to the driver, at most
 */
public record Traffic(int stages, int slices, int sums, long sumBytes, long taskBytes, long inflowBytes) {

    static Traffic of(Workload work, Cluster cluster) {
        long bytes = work.bytes();
        if (!cluster.spark()) {
            return new Traffic(0, 0, 0, bytes, 0, 0);
        }
        int shards = work.plan().shards();
        int tasks = work.tasks(cluster.tasksAtOnce()).count();
        ReduceShape shape = ReduceShape.of(cluster.limits(), cluster.tasksAtOnce(), work.network(), shards, tasks);
        int sums = ReduceShape.sums(shards, tasks);
        long ofTask = bytes * ReduceShape.mostSums(shards, tasks);
        return shape.isFlat()
                ? new Traffic(1, 0, sums, bytes, ofTask, bytes * sums)
                : new Traffic(2, shape.slices().count(), sums, bytes, ofTask, bytes);
    }
}
