package dev.unroll.preflight;

import dev.unroll.spark.iteration.ResultLimits;
import dev.unroll.spark.shards.TaskSlots;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Where a training runs, as far as Spark's settings say.
 *
 * @param spark whether tasks are Spark's; otherwise they are threads of this process
 * @param local whether tasks run in the driver's own process
 * @param tasksAtOnce tasks that can run at once
 * @param threadsPerTask spark.task.cpus
 * @param processors that the driver may use: those of its machine, as far as the master's URL or spark.driver.cores
 *     allow so many
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

    private static final Pattern LOCAL = Pattern.compile("local\\[([0-9]+)(?:\\s*,.*)?]");

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
                driverProcessors(conf, local, Runtime.getRuntime().availableProcessors()),
                Math.max(1, context.sc().getExecutorMemoryStatus().size() - 1), // less the driver
                local ? heap : (long) context.sc().executorMemory() << 20,
                heap,
                ResultLimits.of(conf));
    }

    /** Of the driver's machine, those that it may use: others share the machine where a cluster has started it. */
    static int driverProcessors(SparkConf conf, boolean local, int processors) {
        if (local) {
            String master = conf.get("spark.master");
            Matcher number = LOCAL.matcher(master);
            int threads = number.matches() ? Integer.parseInt(number.group(1)) : processors;
            return Math.min(processors, master.equals("local") ? 1 : threads);
        }
        return conf.get("spark.submit.deployMode", "client").equals("cluster")
                ? Math.min(processors, Math.max(1, conf.getInt("spark.driver.cores", 1)))
                : processors;
    }

    /** One thread, which sends nothing. */
    static Cluster ofThread(long heap) {
        ResultLimits none = new ResultLimits(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
        return new Cluster(false, true, 1, 1, 1, 1, heap, heap, none);
    }

    /** So many executors, each with as many tasks at once as one of these has, or as this process has in local mode. */
    Cluster withExecutors(int count) {
        int tasks = Math.max(1, tasksAtOnce / executors) * count;
        return new Cluster(true, false, tasks, threadsPerTask, processors, count, executorBytes, driverBytes, limits);
    }

    /** The driver's machine alone: a thread a processor that it may use. */
    public Cluster oneMachine() {
        return new Cluster(false, true, processors, 1, processors, 1, driverBytes, driverBytes, limits);
    }
}
