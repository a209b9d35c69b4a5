package dev.unroll.preflight;

import dev.unroll.data.SequenceBatch;
import dev.unroll.nn.Network;
import dev.unroll.worker.ShardWorker;

/**
 * Memory of one process, in bytes.
 *
 * @param least what certainly stands in it at one time: with less, training cannot work
 * @param usual what it takes, without the data
 * @param heap what it has
 */
public record MemoryNeed(long least, long usual, long heap) {

    static final String DRIVER_KEY = "spark.driver.memory";
    static final String EXECUTOR_KEY = "spark.executor.memory";

    /** Of a heap, the part that is ours: the rest is for Spark, cached data and the collector. */
    private static final double SHARE = 0.6;

    private static final long STEP = 256L << 20; // of advised sizes
    private static final long ROOMY = 1L << 30;

    /** Of theta, its broadcast, and per task packed weights, sums of shards, a graph, and the result as bytes. */
    static MemoryNeed ofTasks(Workload work, Cluster cluster) {
        Workload.Tasks tasks = work.tasks(cluster.tasksAtOnce());
        long here = ((long) tasks.count() + cluster.executors() - 1) / cluster.executors();
        int threads = cluster.spark() ? cluster.threadsPerTask() : 1;
        int shards = (tasks.mostShards() + threads - 1) / threads; // of one thread
        double sequences = work.plan().effectiveBatchSize() * tasks.longestShare() / threads;
        // Sums in a forest before the next one joins them: one for each bit of a count of neighbouring shards that have
        // a sequence. An update that has
        // not one for each leaves a gap, with at least half of them on one side.
        int neighbours = sequences < shards ? (int) sequences / 2 : shards;
        int sums = 1 + log2(Math.max(1, neighbours));
        long dense = Float.BYTES * work.denseParameters();
        double together = Math.min(SequenceBatch.MAX_SEQUENCES, sequences);
        long rows = (long) (together * work.steps() / work.plan().sequences());
        long graph = new Network(work.network()).graphBytes((long) Math.ceil(together), rows, work.unrolling());
        if (work.unrolling().byteBudget() > 0) {
            graph = Math.min(graph, work.unrolling().byteBudget());
        }
        long theta = work.bytes();
        long waiting = Math.min(ShardWorker.WAITING_BYTES, shards * theta);
        long worker = 2 * dense + (sums + 1) * theta + waiting + graph;
        long perTask = cluster.spark() ? 3 * theta : 0; // theta, and the result twice
        long shared = cluster.spark() ? 2 * theta : 0;
        // Of one task, since others may come later: theta, weights packed one way, and the sums.
        long least = (cluster.spark() ? theta : 0) + dense + sums * theta;
        return new MemoryNeed(least, shared + here * (perTask + threads * worker), cluster.executorBytes());
    }

    /** Of theta, the optimiser's memory, the gradient, and sums on their way; and of all rows where they are here. */
    static MemoryNeed ofDriver(Workload work, Cluster cluster, Traffic sending) {
        long theta = work.bytes();
        long certain =
                3L + Math.min(2, work.stateArrays()); // theta, the sum and its mean; more pairs of L-BFGS come late
        long usual = (4L + work.stateArrays()) * theta
                + (cluster.spark() ? 2 * theta + sending.inflowBytes() : work.dataBytes());
        return new MemoryNeed(certain * theta, usual, cluster.driverBytes());
    }

    /** Of driver and tasks in one process; while tasks run the driver has theta and the optimiser's memory. */
    static MemoryNeed ofBoth(Workload work, Cluster cluster, Traffic sending) {
        MemoryNeed tasks = ofTasks(work, cluster);
        MemoryNeed driver = ofDriver(work, cluster, sending);
        long least = Math.max(driver.least, driver.least - 2 * work.bytes() + tasks.least);
        return new MemoryNeed(least, driver.usual + tasks.usual, driver.heap);
    }

    /** Of a whole training in one thread, with its rows. */
    public static MemoryNeed inTask(Workload work, long heap) {
        Cluster thread = Cluster.ofThread(heap);
        return ofBoth(work, thread, Traffic.of(work, thread));
    }

    /** Whether so many have room in one process. */
    public boolean hasRoom(int times) {
        return (double) times * usual <= SHARE * heap;
    }

    boolean isImpossible() {
        return least > heap;
    }

    boolean isTight() {
        return usual > SHARE * heap;
    }

    /** The setting for a heap that is enough: at least 1 GB. */
    String setting(String key) {
        long wanted = Math.max(ROOMY, (long) (usual / SHARE));
        long steps = (wanted + STEP - 1) / STEP;
        String size = steps % 4 == 0 ? steps / 4 + "g" : steps * (STEP >> 20) + "m";
        return "--spark-conf " + key + "=" + size;
    }

    private static int log2(int n) {
        return 31 - Integer.numberOfLeadingZeros(n);
    }
}
