package dev.unroll.spark.iteration;

import dev.unroll.nn.NetworkSpec;
import dev.unroll.worker.GradientSlices;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the gradient sums of all tasks become one: either all come to the driver, in one stage; or a second stage merges
 * them slice by slice on executors, and each element comes to the driver once. The canonical tree gives the same bits
 * both ways.
 *
 * @param slices null where all sums come to the driver
 */
public record ReduceShape(GradientSlices slices) {

    /** Bytes that may come to the driver in one iteration, where a second stage could avoid that. */
    static final long MOST_INFLOW = 64L << 20;

    /**
     * Bytes of a merged slice at most, so that it comes with the end of its task, and no serializer's buffer is ever
     * full.
     */
    private static final int MOST_SLICE = 7 << 20;

    private static final int PREFERRED_LEAST_SLICE = 1 << 20;

    /** Bytes below which a result is hardly larger than what Spark itself adds to it. */
    public static final int LEAST_SLICE = 1 << 16;

    /**
     * The shape that keeps below the limits.
     *
     * @param slots tasks that can run at once
     * @param tasks that send their sums, each of about as many shards
     */
    public static ReduceShape of(ResultLimits limits, int slots, NetworkSpec spec, int shards, int tasks) {
        long bytes = (long) Float.BYTES * spec.layout().size();
        long sums = sums(shards, tasks);
        long most = mostSums(shards, tasks);
        boolean fits = bytes * most <= limits.result() && bytes * sums <= limits.inflow();
        if (fits && (bytes * sums <= MOST_INFLOW || tasks == 1)) {
            return new ReduceShape(null);
        }
        long preferred = Math.max(PREFERRED_LEAST_SLICE, Math.min(MOST_SLICE, bytes / (2L * slots)));
        // A slice of all nodes of a task is one record of the shuffle, and merged it is one result.
        long allowed = Math.min(limits.inflow(), limits.result() / Math.max(1, most));
        long slice = Math.max(LEAST_SLICE, Math.min(preferred, allowed));
        return new ReduceShape(GradientSlices.of(spec, (int) (slice / Float.BYTES)));
    }

    /** Sums that all tasks send. */
    public static int sums(int shards, int tasks) {
        int sums = 0;
        for (int task = 0; task < tasks; task++) {
            sums += nodes(shards, task, tasks);
        }
        return sums;
    }

    /** Sums that one task sends at most. */
    public static int mostSums(int shards, int tasks) {
        int most = 0;
        for (int task = 0; task < tasks; task++) {
            most = Math.max(most, nodes(shards, task, tasks));
        }
        return most;
    }

    private static int nodes(int shards, int task, int tasks) {
        return nodes((int) ((long) shards * task / tasks), (int) ((long) shards * (task + 1) / tasks));
    }

    /** How many slices may come to the driver in one job. */
    static int slicesPerJob(ResultLimits limits) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, limits.inflow() / MOST_SLICE));
    }

    /** Complete nodes of the canonical tree that shards from (included) to (excluded) make. */
    static int nodes(int from, int to) {
        int nodes = 0;
        for (int at = from; at < to; nodes++) {
            int size = at == 0 ? Integer.highestOneBit(to) : Integer.lowestOneBit(at);
            while (size > to - at) {
                size >>= 1;
            }
            at += size;
        }
        return nodes;
    }

    /** Whether all that tasks with these shards send comes to the driver at once. */
    static boolean isFlat(ResultLimits limits, NetworkSpec spec, List<int[]> shards) {
        long bytes = (long) Float.BYTES * spec.layout().size();
        int[] sums = shards.stream().mapToInt(ReduceShape::nodes).toArray();
        long all = bytes * IntStream.of(sums).sum();
        long most = bytes * IntStream.of(sums).max().orElse(0);
        return most <= limits.result() && all <= Math.min(limits.inflow(), MOST_INFLOW);
    }

    /** Nodes that these shards make, given in ascending order. */
    private static int nodes(int[] shards) {
        int nodes = 0;
        for (int from = 0, to = 1; from < shards.length; from = to++) {
            while (to < shards.length && shards[to] == shards[to - 1] + 1) {
                to++;
            }
            nodes += nodes(shards[from], shards[to - 1] + 1);
        }
        return nodes;
    }

    public boolean isFlat() {
        return slices == null;
    }
}
