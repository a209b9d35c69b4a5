package dev.unroll.preflight;

import dev.unroll.spark.iteration.ResultLimits;
import dev.unroll.spark.shards.TaskSlots;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Where a training runs, as far as Spark's settings say.
 *
 * @param spark whether tasks are Spark's; otherwise they are threads of this process
 * @param local whether tasks run in the driver's own process
 * @param tasksAtOnce tasks that can run at once
 * @param threadsPerTask spark.task.cpus
 * @param processors of the driver's machine
 * @param executors there are now, at least 1
 * @param executorBytes heap of one executor; of this process where tasks run in it
 * @param driverBytes heap of this process
 * @param limits on what tasks send
 */
public record Cluster(
        boolean spark,
        boolean local,
        int tasksAtOnce,
        int threadsPerTask,
        int processors,
        int executors,
        long executorBytes,
        long driverBytes,
        ResultLimits limits) {

    /** The cluster of a session. */
    public static Cluster of(JavaSparkContext context) {
        SparkConf conf = context.getConf();
        boolean local = context.isLocal();
        long heap = Runtime.getRuntime().maxMemory();
        return new Cluster(
                true,
                local,
                TaskSlots.of(context),
                conf.getInt("spark.task.cpus", 1),
                Runtime.getRuntime().availableProcessors(),
                Math.max(1, context.sc().getExecutorMemoryStatus().size() - 1), // less the driver
                local ? heap : (long) context.sc().executorMemory() << 20,
                heap,
                ResultLimits.of(conf));
    }

    /** The driver's machine alone: a thread a processor, as far as a local master allows so many. */
    public Cluster oneMachine() {
        int threads = spark && local ? Math.min(processors, tasksAtOnce * threadsPerTask) : processors;
        return new Cluster(false, true, threads, 1, threads, 1, driverBytes, driverBytes, limits);
    }
}
