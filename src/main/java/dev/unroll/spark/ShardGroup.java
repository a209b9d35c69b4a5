package dev.unroll.spark;

import dev.unroll.data.Shard;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.ShardWorkers;
import java.io.Serializable;
import java.util.List;

/**
 * What one partition caches: a contiguous run of shards, and the workers of the task that begins with it, whose memory is reused from iteration to
 * iteration for as long as the partition stays on its executor. (No record: older Kryo cannot write one, where a partition spills.)
 */
final class ShardGroup implements Serializable {

    private static final long serialVersionUID = 1L;

    private final List<Shard> shards;
    private transient ShardWorkers idle;

    ShardGroup(List<Shard> shards) {
        this.shards = shards;
    }

    List<Shard> shards() {
        return shards;
    }

    /** The idle workers, or new ones: a second copy of a task never shares the memory of the first. */
    synchronized ShardWorkers borrow(NetworkSpec spec, int threads) {
        ShardWorkers workers = idle;
        idle = null;
        boolean fit = workers != null && workers.spec().equals(spec) && workers.threads() == threads;
        return fit ? workers : new ShardWorkers(spec, threads);
    }

    synchronized void giveBack(ShardWorkers workers) {
        idle = workers;
    }
}
