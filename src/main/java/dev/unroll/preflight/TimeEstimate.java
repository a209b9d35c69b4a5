package dev.unroll.preflight;

import dev.unroll.nn.NetworkCost;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.train.Phases;

/**
 * How long an update will take, by phase, in ms: a few terms that can be said in a sentence each, of the constants in {@link ClusterCosts}.
 *
 * @param phases of the update; computing is that of the task with most to do: forward, backward, and a pass over the gradient for each shard. What the
 *     slowest task is expected to take beyond that is waited for
 * @param shardsMs of the time to compute, what the shards' gradients cost
 * @param updatesPerJob updates that one job of Spark serves; 0 without Spark
 */
public record TimeEstimate(Phases phases, double shardsMs, double updatesPerJob) {

    static final double MEGABYTE = 1e6;

    /**
     * Of an update of a training.
     *
     * @param gigaflops the rate of products of one core, where the costs have none
     */
    static TimeEstimate of(Workload work, Cluster cluster, double gigaflops, ClusterCosts costs) {
        Workload.Tasks tasks = work.tasks(cluster.tasksAtOnce());
        int threads = cluster.spark() ? cluster.threadsPerTask() : 1;
        // Tasks on one machine are not faster together than its processors.
        double crowd = cluster.local() ? Math.max(1.0, (double) tasks.count() * threads / cluster.processors()) : 1;
        double sequences = work.plan().effectiveBatchSize();
        NetworkCost cost = new NetworkCost(work.network());
        double operations = cost.flops(sequences, work.stepsPerUpdate())
                + costs.operationsPerActivation() * cost.activations(sequences, work.stepsPerUpdate());
        double sumMs = costs.sumMs(Float.BYTES * work.denseParameters() / MEGABYTE);
        double shardsMs = crowd * sumMs * tasks.mostShards() / threads;
        double rate = cluster.spark() ? costs.gigaflops().orElse(gigaflops) : gigaflops;
        double kernelMs = operations * tasks.longestShare() / threads / (rate * 1e6);
        // To lay out the weights once moves about as much as a sum does.
        double computeMs = crowd * (costs.taskFactor() * kernelMs + sumMs + costs.taskMs()) + shardsMs;
        double megabytes = work.bytes() / MEGABYTE;
        double updateMs = costs.optimiserMbMs() * megabytes;
        Traffic sending = Traffic.of(work, cluster);
        if (sending.stages() == 0) {
            return new TimeEstimate(new Phases(0, computeMs, 0, 0, updateMs), shardsMs, 0);
        }
        Exchange.Update update = new Exchange.Update(
                tasks.count(),
                sending.sums(),
                sending.slices(),
                megabytes,
                computeMs,
                sumMs,
                updateMs,
                new TaskSpread(costs.spread()));
        boolean mayStay = work.updatesPerJob() != 1 && work.layout().isWhole();
        long most = work.updatesPerJob() == 0 ? work.updates() : Math.min(work.updates(), work.updatesPerJob());
        return of(update, mayStay ? most : 0, costs).withShards(shardsMs);
    }

    /**
     * Of an update whose tasks sleep in place of computing.
     *
     * @param tasks that send a sum each
     * @param bytes of theta
     * @param ms that each sleeps
     * @param spread of that time
     * @param updatesPerJob as the key of a training says
     */
    public static TimeEstimate ofGhostWork(
            int tasks, long bytes, double ms, double spread, int updatesPerJob, ClusterCosts costs) {
        double megabytes = bytes / MEGABYTE;
        Exchange.Update update = new Exchange.Update(
                tasks,
                tasks,
                0,
                megabytes,
                ms,
                costs.sumMs(megabytes),
                costs.optimiserMbMs() * megabytes,
                new TaskSpread(spread));
        long most = updatesPerJob == 0 ? Long.MAX_VALUE : updatesPerJob == 1 ? 0 : updatesPerJob;
        return of(update, most, costs);
    }

    /** @param most updates that one job may serve, by tasks that stay; 0 where they may not */
    private static TimeEstimate of(Exchange.Update update, long most, ClusterCosts costs) {
        if (update.slices() > 0) {
            return new TimeEstimate(Exchange.TWO_STAGES.phases(update, costs), 0, 1);
        }
        Phases staying = Exchange.STAYING.phases(update, costs);
        if (most == 0 || staying.totalMs() >= SparkObjective.MS_OF_GROUP) {
            return new TimeEstimate(Exchange.JOB.phases(update, costs), 0, 1);
        }
        // The order that is given when the time is over is the last one.
        double perJob = Math.min((double) most, 1 + Math.ceil(SparkObjective.MS_OF_GROUP / staying.totalMs()));
        double launchMs = costs.collect().ms(update.tasks(), 0, 0) / perJob;
        return new TimeEstimate(staying.plus(new Phases(0, 0, launchMs, 0, 0)), 0, perJob);
    }

    private TimeEstimate withShards(double ms) {
        return new TimeEstimate(phases, ms, updatesPerJob);
    }

    /** Of a whole update. */
    public double totalMs() {
        return phases.totalMs();
    }
}
