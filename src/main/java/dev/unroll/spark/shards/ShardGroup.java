package dev.unroll.spark.shards;

import dev.unroll.data.Shard;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.worker.ShardWorkers;
import java.io.Serializable;
import java.lang.ref.SoftReference;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;
import scala.reflect.ClassTag$;

/**
 * What one partition caches: neighbouring shards, or a block of one, and the workers of the task that begins with it,
 * whose buffers are used again from iteration to iteration for as long as the partition stays on its executor. (Not a
 * record: older versions of Kryo cannot write one, which they have to where a partition spills.)
 */
public final class ShardGroup implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int partition;
    private final List<Shard> shards;
    private final boolean last;
    // Soft: of many blocks, only those that tasks have begun with lately need workers.
    private transient SoftReference<ShardWorkers> idle;

    /**
     * @param partition the number of the partition that this is
     * @param last whether its shards end here
     */
    public ShardGroup(int partition, List<Shard> shards, boolean last) {
        this.partition = partition;
        this.shards = shards;
        this.last = last;
    }

    public List<Shard> shards() {
        return shards;
    }

    /** Whether its shards have no sequences after these. */
    public boolean isLast() {
        return last;
    }

    /** The idle workers, or new ones: a second copy of a task never shares the buffers of the first. */
    public synchronized ShardWorkers borrow(NetworkSpec spec, int threads) {
        ShardWorkers workers = idle == null ? null : idle.get();
        idle = null;
        boolean fit = workers != null && workers.spec().equals(spec) && workers.threads() == threads;
        return fit ? workers : new ShardWorkers(spec, threads);
    }

    public synchronized void giveBack(ShardWorkers workers) {
        idle = new SoftReference<>(workers);
    }

    /**
     * Caches this on the executor where the caller is, if it came from another: otherwise an executor that has taken
     * over a task would fetch it again in every iteration.
     *
     * @param rdd the RDD whose partition this is
     * @param level where; a second copy should not be on disk
     */
    public void cacheHere(int rdd, StorageLevel level) {
        BlockManager blocks = SparkEnv.get().blockManager();
        RDDBlockId id = new RDDBlockId(rdd, partition);
        // A task that was given up may outlive the RDD, and then nobody would remove what it stores.
        if (blocks.getStatus(id).isEmpty() && !TaskContext.get().isInterrupted()) {
            blocks.putSingle(id, this, level, true, ClassTag$.MODULE$.apply(ShardGroup.class));
        }
    }
}
