package dev.unroll.spark.shards;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** How many tasks run at once, as far as Spark's settings say. */
public final class TaskSlots {

    private TaskSlots() {}

    /** At least 1. */
    public static int of(JavaSparkContext context) {
        SparkConf conf = context.getConf();
        int perTask = conf.contains("spark.default.parallelism") ? 1 : conf.getInt("spark.task.cpus", 1);
        return Math.max(1, context.defaultParallelism() / perTask);
    }
}
