package dev.unroll.spark;

import dev.unroll.data.Shard;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.ShardWorker;
import java.io.Serializable;
import java.util.List;

/**
 * What one partition caches: a contiguous run of shards, and the worker whose memory is reused from iteration to iteration for as long
 * as the partition stays on its executor.
 */
final class ShardGroup implements Serializable {

    private static final long serialVersionUID = 1L;

    private final List<Shard> shards;
    private transient ShardWorker idle;

    ShardGroup(List<Shard> shards) {
        this.shards = shards;
    }

    List<Shard> shards() {
        return shards;
    }

    /** The idle worker, or a new one: a second copy of a task never shares the memory of the first. */
    synchronized ShardWorker borrow(NetworkSpec spec) {
        ShardWorker worker = idle;
        idle = null;
        return worker != null && worker.spec().equals(spec) ? worker : new ShardWorker(spec);
    }

    synchronized void giveBack(ShardWorker worker) {
        idle = worker;
    }
}
