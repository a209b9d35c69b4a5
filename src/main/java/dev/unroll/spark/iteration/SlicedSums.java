package dev.unroll.spark.iteration;

import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.worker.GradientSlices;
import dev.unroll.worker.GradientSum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ContextCleaner;
import org.apache.spark.HashPartitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Option;
import scala.Tuple2;

/** Gradient sums of tasks in a second stage: every slice of them is merged by one task, and the driver gets each element once. */
final class SlicedSums {

    private final JavaSparkContext context;
    private final GradientSlices slices;
    private final int shards;
    private final int[] absent;

    /**
     * @param shards U
     * @param absent shards without a sequence in the batch
     */
    SlicedSums(JavaSparkContext context, GradientSlices slices, int shards, int[] absent) {
        this.context = context;
        this.slices = slices;
        this.shards = shards;
        this.absent = absent;
    }

    /**
     * What came to the driver.
     *
     * @param fetchMs mean time until a task had the parameters
     * @param computeMs mean time of the tasks from then on
     * @param mergeMs time of the longest merge, and of joining the slices
     * @param balance steps of the longest task over the mean
     */
    record Joined(GradientSum root, double fetchMs, double computeMs, double mergeMs, double balance) {}

    Joined sum(JavaRDD<ShardGroup> runs, GradientTask task) {
        GradientSlices slices = this.slices;
        int shards = this.shards;
        int[] absent = this.absent;
        JavaPairRDD<Integer, byte[]> parts = runs.mapPartitionsToPair(groups -> new Sliced(task.run(groups), slices))
                .partitionBy(new HashPartitioner(slices.count())); // of 0, 1, ...: each its own
        try {
            JavaRDD<byte[]> merging = parts.mapPartitions(
                    part -> List.of(merged(shards, absent, part)).iterator());
            List<byte[]> merged = new ArrayList<>();
            int together = ReduceShape.slicesTogether(context);
            for (int from = 0; from < slices.count(); from += together) {
                int[] some = IntStream.range(from, Math.min(slices.count(), from + together))
                        .toArray();
                for (List<byte[]> one : merging.collectPartitions(some)) {
                    merged.addAll(one);
                }
            }
            return joined(merged);
        } finally {
            removeShuffle(parts);
        }
    }

    /** Of one slice: mean ms of the tasks to fetch and to compute, ms of the merging, balance, and the sum. */
    private static byte[] merged(int shards, int[] absent, Iterator<Tuple2<Integer, byte[]>> forests) {
        ResultMerger<GradientSum> merging = new ResultMerger<>(shards, absent, GradientSum::read);
        while (forests.hasNext()) {
            merging.add(forests.next()._2());
        }
        GradientSum root = merging.root();
        ByteBuffer bytes = ByteBuffer.allocate(Math.addExact(4 * Double.BYTES, root.byteCount()))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(merging.fetchMs())
                .putDouble(merging.computeMs())
                .putDouble(merging.millis())
                .putDouble(merging.balance());
        root.write(bytes);
        return bytes.array();
    }

    private static Joined joined(List<byte[]> merged) {
        long start = System.nanoTime();
        List<GradientSum> sums = new ArrayList<>();
        double fetchMs = 0;
        double computeMs = 0;
        double mergeMs = 0;
        double balance = 1;
        for (byte[] one : merged) {
            ByteBuffer bytes = ByteBuffer.wrap(one).order(ByteOrder.LITTLE_ENDIAN);
            fetchMs = bytes.getDouble();
            computeMs = bytes.getDouble();
            mergeMs = Math.max(mergeMs, bytes.getDouble());
            balance = bytes.getDouble();
            sums.add(GradientSum.read(bytes));
        }
        GradientSum root = GradientSum.joined(sums);
        return new Joined(root, fetchMs, computeMs, mergeMs + (System.nanoTime() - start) / 1e6, balance);
    }

    /** At once: Spark itself waits until the driver's garbage is collected, and an iteration leaves a gradient of every task on the disks. */
    private void removeShuffle(JavaPairRDD<?, ?> shuffled) {
        Option<ContextCleaner> cleaner = context.sc().cleaner();
        if (cleaner.isDefined()) {
            ShuffleDependency<?, ?, ?> dependency =
                    (ShuffleDependency<?, ?, ?>) shuffled.rdd().dependencies().head();
            cleaner.get().doCleanupShuffle(dependency.shuffleId(), false);
        }
    }

    /** A task's forest slice by slice, so that only one slice of it stands in memory twice. */
    private static final class Sliced implements Iterator<Tuple2<Integer, byte[]>> {
        private final TaskResult<GradientSum> task;
        private final GradientSlices slices;
        private int next;

        Sliced(TaskResult<GradientSum> task, GradientSlices slices) {
            this.task = task;
            this.slices = slices;
        }

        @Override
        public boolean hasNext() {
            return next < slices.count();
        }

        @Override
        public Tuple2<Integer, byte[]> next() {
            byte[] bytes = task.toBytes(slices.slice(task.forest(), next));
            return new Tuple2<>(next++, bytes);
        }
    }
}
