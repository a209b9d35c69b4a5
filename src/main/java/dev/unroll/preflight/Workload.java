package dev.unroll.preflight;

import dev.unroll.data.ShardPlan;
import dev.unroll.data.TokenArray;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Unrolling;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.TaskPlacement;

/**
 * What one update of a training has to do.
 *
 * @param plan shards and batches
 * @param steps steps of all sequences of an epoch
 * @param partitions that the shards are in
 * @param updates that there will be at most
 * @param updatesPerJob that the tasks of one Spark job compute at most; 0 for as many as take about a second
 * @param stateArrays arrays of theta's size that the optimiser remembers
 */
public record Workload(
        NetworkSpec network,
        ShardPlan plan,
        Unrolling unrolling,
        long steps,
        int partitions,
        long updates,
        int updatesPerJob,
        int stateArrays) {

    /** Updates whose longest task is looked at: how sequences are dealt repeats itself. */
    private static final int UPDATES = 16;

    /** The same with other shards, in a partition for each task. */
    Workload withShards(int shards, int tasks) {
        ShardPlan other = new ShardPlan(plan.seed(), shards, plan.sequences(), plan.batchSize(), plan.streams());
        return new Workload(network, other, unrolling, steps, tasks, updates, updatesPerJob, stateArrays);
    }

    /** The same with a partition for each of so many tasks. */
    Workload withPartitions(int tasks) {
        return new Workload(network, plan, unrolling, steps, tasks, updates, updatesPerJob, stateArrays);
    }

    /** The same with updates of that many sequences. */
    Workload withBatch(int sequences) {
        ShardPlan other = new ShardPlan(plan.seed(), plan.shards(), plan.sequences(), sequences, plan.streams());
        return new Workload(network, other, unrolling, steps, partitions, updates, updatesPerJob, stateArrays);
    }

    /** Numbers of theta. */
    public long parameters() {
        return network.layout().size();
    }

    /** Bytes of theta, and so of a gradient sum at most. */
    long bytes() {
        return Float.BYTES * parameters();
    }

    /** Parameters of which every update meets all: those of embeddings are met id by id. */
    long denseParameters() {
        return parameters() - new Network(network).sparse().size();
    }

    /** Bytes of all sequences, some. */
    long dataBytes() {
        if (network.input() instanceof NetworkSpec.Tokens tokens) {
            return steps * TokenArray.bytesPerId(tokens.vocabulary());
        }
        if (network.input() instanceof NetworkSpec.Mixed mixed) {
            int ids = mixed.categories().stream()
                    .mapToInt(category -> TokenArray.bytesPerId(category.vocabulary()))
                    .sum();
            return steps * (ids + Float.BYTES * mixed.numbers());
        }
        return steps * Float.BYTES * network.input().size();
    }

    /** Mean steps of an update. */
    public double stepsPerUpdate() {
        return (double) steps * plan.effectiveBatchSize() / plan.sequences();
    }

    /** Where the shards are. */
    ShardLayout layout() {
        return ShardLayout.of(plan.shards(), partitions, plan.sequences(), dataBytes());
    }

    /** How shards are spread over tasks of which that many run at once. */
    Tasks tasks(int atOnce) {
        ShardLayout layout = layout();
        int[][] groups = TaskPlacement.groups(layout.all(), atOnce);
        int updates = (int) Math.min(UPDATES, plan.batchesPerEpoch());
        int mostShards = 0;
        double[] most = new double[updates];
        for (int[] group : groups) {
            int first = layout.firstShard(group[0]);
            int last = group[group.length - 1];
            int end = layout.firstShard(last) + layout.shardCount(last);
            mostShards = Math.max(mostShards, end - first);
            for (int k = 0; k < updates; k++) {
                long sequences = 0;
                for (int u = first; u < end; u++) {
                    sequences += plan.count(plan.batch(k), u);
                }
                most[k] = Math.max(most[k], (double) sequences / plan.batch(k).size());
            }
        }
        double share = 0;
        for (double one : most) {
            share += one / updates;
        }
        return new Tasks(groups.length, mostShards, share);
    }

    /**
     * Tasks that have shards.
     *
     * @param mostShards of one task
     * @param longestShare the part of an update's sequences that its longest task has, on average
     */
    public record Tasks(int count, int mostShards, double longestShare) {

        /** Steps of the longest task over the mean of all, where sequences are of one length. */
        public double balance() {
            return longestShare * count;
        }
    }
}
