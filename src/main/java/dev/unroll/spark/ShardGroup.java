package dev.unroll.spark;

import dev.unroll.data.Shard;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.ShardWorker;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * What one partition caches: a contiguous run of shards, and the worker whose memory is reused from iteration to iteration for as long
 * as the partition stays on its executor.
 */
final class ShardGroup implements Serializable {

    private static final long serialVersionUID = 1L;

    private final List<Shard> shards;
    private transient ShardWorker idle;
    private transient NetworkSpec idleSpec;
    private transient LossReduction idleReduction;

    ShardGroup(List<Shard> shards) {
        this.shards = shards;
    }

    List<Shard> shards() {
        return shards;
    }

    /** The idle worker, or a new one: a second copy of a task never shares the memory of the first. */
    synchronized ShardWorker borrow(NetworkSpec spec, LossReduction reduction) {
        ShardWorker worker = idle;
        idle = null;
        boolean fits = worker != null && spec.equals(idleSpec) && Objects.equals(reduction, idleReduction);
        return fits ? worker : new ShardWorker(spec, reduction);
    }

    synchronized void giveBack(ShardWorker worker, NetworkSpec spec, LossReduction reduction) {
        idle = worker;
        idleSpec = spec;
        idleReduction = reduction;
    }
}
