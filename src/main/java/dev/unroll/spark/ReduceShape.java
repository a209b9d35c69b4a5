package dev.unroll.spark;

import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.GradientSlices;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * How the gradient sums of all tasks become one: either all come to the driver, in one stage, or a second stage merges them slice by slice on
 * executors, and the driver gets each element once. The canonical tree gives the same bits both ways.
 *
 * @param slices null where all sums come to the driver
 */
record ReduceShape(GradientSlices slices) {

    /** What may come to the driver in one iteration, where a second stage could keep it away. */
    private static final long MOST_INFLOW = 64L << 20;

    /** Of a result, so that it comes with the end of its task, and no serializer's buffer is ever full. */
    private static final int MOST_SLICE = 7 << 20;

    private static final int LEAST_SLICE = 1 << 20;

    /** @param tasks that send their sums, each of about as many shards */
    static ReduceShape of(JavaSparkContext context, NetworkSpec spec, int shards, int tasks) {
        SparkConf conf = context.getConf();
        long bytes = (long) Float.BYTES * spec.layout().size();
        long sums = 0;
        long most = 0;
        for (int task = 0; task < tasks; task++) {
            int nodes = nodes((int) ((long) shards * task / tasks), (int) ((long) shards * (task + 1) / tasks));
            sums += nodes;
            most = Math.max(most, nodes);
        }
        // A result stands in Kryo's buffer as a whole; Spark counts all of a job's together.
        long mostResult = conf.get("spark.serializer", "").endsWith("KryoSerializer")
                ? conf.getSizeAsBytes("spark.kryoserializer.buffer.max", "64m") / 2
                : Integer.MAX_VALUE / 2;
        boolean fits = bytes * most <= mostResult && bytes * sums <= mostInflow(conf);
        if (fits && (bytes * sums <= MOST_INFLOW || tasks == 1)) {
            return new ReduceShape(null);
        }
        long slice = Math.max(LEAST_SLICE, Math.min(MOST_SLICE, bytes / (2L * ShardedRows.tasksAtOnce(context))));
        return new ReduceShape(GradientSlices.of(spec, (int) (slice / Float.BYTES)));
    }

    /** How many slices may come to the driver in one job. */
    static int slicesTogether(JavaSparkContext context) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, mostInflow(context.getConf()) / MOST_SLICE));
    }

    /** Half of what Spark lets come to the driver in one job. */
    private static long mostInflow(SparkConf conf) {
        long most = conf.getSizeAsBytes("spark.driver.maxResultSize", "1g");
        return most == 0 ? Long.MAX_VALUE : most / 2;
    }

    /** Complete nodes of the canonical tree that shards from (included) to (excluded) make. */
    static int nodes(int from, int to) {
        int nodes = 0;
        for (int at = from; at < to; nodes++) {
            int block = at == 0 ? Integer.highestOneBit(to) : Integer.lowestOneBit(at);
            while (block > to - at) {
                block >>= 1;
            }
            at += block;
        }
        return nodes;
    }

    boolean isFlat() {
        return slices == null;
    }
}
