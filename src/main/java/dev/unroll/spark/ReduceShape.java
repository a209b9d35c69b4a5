package dev.unroll.spark;

import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.GradientSlices;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * How the gradient sums of all tasks become one: either all come to the driver, in one stage, or a second stage merges them slice by slice on
 * executors, and the driver gets each element once. The canonical tree gives the same bits both ways.
 *
 * @param bytes of one gradient sum
 * @param tasks that send one each
 * @param slices null where all sums come to the driver
 */
record ReduceShape(long bytes, int tasks, GradientSlices slices) {

    /** What may come to the driver in one iteration, where a second stage could keep it away. */
    private static final long MOST_INFLOW = 64L << 20;

    /** Of a result, so that it comes with the end of its task, and no serializer's buffer is ever full. */
    private static final int MOST_SLICE = 7 << 20;

    private static final int LEAST_SLICE = 1 << 20;

    static ReduceShape of(JavaSparkContext context, NetworkSpec spec, ShardedRows rows) {
        SparkConf conf = context.getConf();
        long bytes = (long) Float.BYTES * spec.layout().size();
        int atOnce = ShardedRows.tasksAtOnce(context);
        int tasks = Math.min(atOnce, Math.min(rows.rdd().getNumPartitions(), rows.shards()));
        // A result stands in Kryo's buffer as a whole; Spark counts all of a job's together.
        long mostResult = conf.get("spark.serializer", "").endsWith("KryoSerializer")
                ? conf.getSizeAsBytes("spark.kryoserializer.buffer.max", "64m") / 2
                : Integer.MAX_VALUE / 2;
        long mostInflow = conf.getSizeAsBytes("spark.driver.maxResultSize", "1g");
        boolean fits = bytes <= mostResult && (mostInflow == 0 || bytes * tasks <= mostInflow / 2);
        if (fits && (bytes * tasks <= MOST_INFLOW || tasks == 1)) {
            return new ReduceShape(bytes, tasks, null);
        }
        long slice = Math.max(LEAST_SLICE, Math.min(MOST_SLICE, bytes / (2L * atOnce)));
        return new ReduceShape(bytes, tasks, GradientSlices.of(spec, (int) (slice / Float.BYTES)));
    }

    boolean isFlat() {
        return slices == null;
    }
}
