package dev.unroll.spark;

import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.ShardWorkers;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Workers whose memory serves again from iteration to iteration: as many as tasks run at once on an executor, however many partitions there are.
 *
 * <p>An executor keeps the value of a broadcast as an object, so a broadcast array with an empty place is a place on every executor for as long as the
 * training lasts, and nothing need be static. (An array of objects is a class that Spark's serializers all know.)
 */
final class WorkerPool {

    private final Deque<ShardWorkers> idle = new ArrayDeque<>();

    private WorkerPool() {}

    /** A place for a pool on every executor. */
    static Broadcast<Object[]> onExecutors(JavaSparkContext context) {
        return context.broadcast(new Object[1]);
    }

    /** The pool of this executor. */
    static WorkerPool of(Broadcast<Object[]> place) {
        Object[] here = place.value();
        synchronized (here) {
            if (here[0] == null) {
                here[0] = new WorkerPool();
            }
            return (WorkerPool) here[0];
        }
    }

    /** Idle workers, or new ones: a second copy of a task never shares the memory of the first. */
    synchronized ShardWorkers borrow(NetworkSpec spec, int threads) {
        ShardWorkers workers = idle.poll();
        boolean fit = workers != null && workers.spec().equals(spec) && workers.threads() == threads;
        return fit ? workers : new ShardWorkers(spec, threads);
    }

    synchronized void giveBack(ShardWorkers workers) {
        idle.push(workers);
    }
}
