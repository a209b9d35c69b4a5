package dev.unroll.preflight;

import dev.unroll.nn.NetworkCost;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.train.Phases;

/**
 * How long an update will take, by phase, in ms: a few terms that can be said in a sentence each. The rate of products is that of the driver's
 * machine, and taken to be that of every executor; what else there is was measured once.
 *
 * @param phases of the update; computing is that of the longest task: forward, backward, and a pass over the gradient for each shard
 * @param shardsMs of the time to compute, what the shards' gradients cost
 * @param updatesPerJob updates that one job of Spark serves; 0 without Spark
 */
public record TimeEstimate(Phases phases, double shardsMs, double updatesPerJob) {

    // Measured by bench --spark on two cores with 512-bit vectors.

    /** What is not a product costs, per gate or output of a step, as much as so many operations of one. */
    private static final double OPERATIONS_PER_ACTIVATION = 800;

    /** A task against the kernel alone: what is looked at besides, and what neighbours take from each other. */
    private static final double NOT_ALONE = 1.1;

    private static final double TASK_MS = 0.5;

    /** A stage of Spark without any work in it, and a broadcast of nothing. */
    private static final double STAGE_MS = 9.5;

    private static final double BROADCAST_MS = 1;

    /** A call of a task that stays, and the driver's answer: between processes, and within one. */
    private static final double CALL_MS = 0.6;

    private static final double LOCAL_CALL_MS = 0.1;

    /** Parameters or sums on their way from process to process: bytes a ms. */
    private static final double TRAVEL = 0.8e6;

    /** Bytes that one more sum of a shard moves for each parameter: cleared, added to, and added to another (two read, one written). */
    private static final double BYTES_PER_SUM = 24;

    /** Bytes a ms of a core, where a gradient has room in its caches and where it has not. */
    private static final double CACHED = 60e6;

    private static final double UNCACHED = 8e6;

    private static final double CACHE = 8 << 20;

    /** The optimiser, and the mean gradient: for a parameter. */
    private static final double UPDATE_MS = 4e-6;

    /** @param gigaflops the rate of products of one core */
    static TimeEstimate of(Workload work, Cluster cluster, double gigaflops) {
        Workload.Tasks tasks = work.tasks(cluster.tasksAtOnce());
        int threads = cluster.spark() ? cluster.threadsPerTask() : 1;
        // Tasks on one machine are not faster together than its processors.
        double crowd = cluster.local() ? Math.max(1.0, (double) tasks.count() * threads / cluster.processors()) : 1;
        double sequences = work.plan().effectiveBatchSize();
        NetworkCost cost = new NetworkCost(work.network());
        double operations = cost.flops(sequences, work.stepsPerUpdate())
                + OPERATIONS_PER_ACTIVATION * cost.activations(sequences, work.stepsPerUpdate());
        double sumMs = sumMs(work.denseParameters());
        double shardsMs = crowd * sumMs * tasks.mostShards() / threads;
        double kernelMs = operations * tasks.longestShare() / threads / (gigaflops * 1e6);
        // To lay out the weights once moves about as much as a sum does.
        double computeMs = crowd * (NOT_ALONE * kernelMs + sumMs + TASK_MS) + shardsMs;
        double updateMs = UPDATE_MS * work.parameters();
        Traffic sending = Traffic.of(work, cluster);
        if (sending.stages() == 0) {
            return new TimeEstimate(new Phases(0, computeMs, 0, 0, updateMs), shardsMs, 0);
        }
        double theta = sending.sumBytes();
        boolean sliced = sending.stages() == 2;
        double merged = sliced ? (double) sending.sums() / tasks.count() : sending.sums(); // one after the other
        // In two stages a task writes what it has and reads what it merges; then the driver gets all of it once.
        double sent = sliced ? (2 * merged + 1) * theta : merged * theta;
        Phases phases = new Phases(
                BROADCAST_MS + theta / TRAVEL,
                computeMs,
                STAGE_MS * sending.stages() + sent / TRAVEL,
                merged * sumMs,
                updateMs);
        if (work.updatesPerJob() == 1 || sliced || !work.layout().isWhole()) {
            return new TimeEstimate(phases, shardsMs, 1);
        }
        // Tasks that stay get the parameters one after the other; within one process nothing becomes bytes.
        double travelMs = cluster.local() ? 0 : theta / TRAVEL;
        double callMs = cluster.local() ? LOCAL_CALL_MS : CALL_MS;
        Phases staying =
                new Phases(tasks.count() * travelMs, computeMs, callMs + merged * travelMs, merged * sumMs, updateMs);
        long most = work.updatesPerJob() == 0 ? work.updates() : Math.min(work.updates(), work.updatesPerJob());
        double perJob = Math.min((double) most, SparkObjective.MS_OF_GROUP / staying.totalMs());
        return perJob < 1
                ? new TimeEstimate(phases, shardsMs, 1)
                : new TimeEstimate(staying.plus(new Phases(0, 0, STAGE_MS / perJob, 0, 0)), shardsMs, perJob);
    }

    /** What one more gradient sum costs. */
    private static double sumMs(long numbers) {
        return numbers * BYTES_PER_SUM / (Float.BYTES * numbers < CACHE ? CACHED : UNCACHED);
    }

    /** Of a whole update. */
    public double totalMs() {
        return phases.totalMs();
    }
}
