package dev.unroll.spark.iteration;

import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.worker.GradientSlices;
import dev.unroll.worker.GradientSum;
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

/**
 * Merges the gradient sums of tasks in a second stage: one task merges each slice of them, and the driver gets each
 * element once.
 */
final class SlicedSums {

    private final JavaSparkContext context;
    private final GradientSlices slices;
    private final int slicesPerJob;
    private final int shards;
    private final int[] absent;

    /**
     * @param slicesPerJob slices that may come to the driver in one job
     * @param shards U
     * @param absent shards without a sequence in the batch
     */
    SlicedSums(JavaSparkContext context, GradientSlices slices, int slicesPerJob, int shards, int[] absent) {
        this.context = context;
        this.slices = slices;
        this.slicesPerJob = slicesPerJob;
        this.shards = shards;
        this.absent = absent;
    }

    /** The sum over all tasks; its time of merging is that of the longest merge, and of joining the slices. */
    MergedSum<GradientSum> sum(JavaRDD<ShardGroup> tasks, GradientTask task, Parameters parameters) {
        GradientSlices slices = this.slices;
        int shards = this.shards;
        int[] absent = this.absent;
        int size = task.problem().network().layout().size();
        JavaPairRDD<Integer, byte[]> bySlice = tasks.mapPartitionsToPair(
                        groups -> new Sliced(task.result(parameters, groups), slices))
                .partitionBy(new HashPartitioner(slices.count())); // keys 0, 1, ...: one partition each
        try {
            JavaRDD<byte[]> merged = bySlice.mapPartitions(
                    results -> List.of(merged(shards, absent, size, results)).iterator());
            List<MergedSum<GradientSum>> all = new ArrayList<>();
            for (int from = 0; from < slices.count(); from += slicesPerJob) {
                int[] some = IntStream.range(from, Math.min(slices.count(), from + slicesPerJob))
                        .toArray();
                for (List<byte[]> messages : merged.collectPartitions(some)) {
                    messages.forEach(message -> all.add(MergedSum.of(message, in -> GradientSum.read(in, size))));
                }
            }
            return joined(all);
        } finally {
            removeShuffle(bySlice);
        }
    }

    /** Merges one slice. */
    private static byte[] merged(int shards, int[] absent, int size, Iterator<Tuple2<Integer, byte[]>> results) {
        ResultMerger<GradientSum> merger = new ResultMerger<>(shards, absent, in -> GradientSum.read(in, size));
        while (results.hasNext()) {
            merger.add(results.next()._2());
        }
        return merger.merged().toBytes();
    }

    /** Every slice was sent by all tasks, so what is said of the tasks is the same in each. */
    private static MergedSum<GradientSum> joined(List<MergedSum<GradientSum>> slices) {
        long start = System.nanoTime();
        GradientSum root =
                GradientSum.joined(slices.stream().map(MergedSum::root).toList());
        double longest = slices.stream().mapToDouble(MergedSum::mergeMs).max().orElse(0);
        double mergeMs = longest + (System.nanoTime() - start) / 1e6;
        MergedSum<GradientSum> any = slices.get(0);
        return new MergedSum<>(root, any.tasks(), any.sendMs(), mergeMs);
    }

    /**
     * At once: Spark itself waits until the driver's garbage is collected, and an iteration leaves a gradient of every
     * task on the disks.
     */
    private void removeShuffle(JavaPairRDD<?, ?> shuffled) {
        Option<ContextCleaner> cleaner = context.sc().cleaner();
        if (cleaner.isDefined()) {
            ShuffleDependency<?, ?, ?> dependency =
                    (ShuffleDependency<?, ?, ?>) shuffled.rdd().dependencies().head();
            cleaner.get().doCleanupShuffle(dependency.shuffleId(), false);
        }
    }

    /** A task's result slice by slice, so that only one slice of it is in memory twice. */
    private static final class Sliced implements Iterator<Tuple2<Integer, byte[]>> {
        private final TaskResult<GradientSum> result;
        private final GradientSlices slices;
        private int next;

        Sliced(TaskResult<GradientSum> result, GradientSlices slices) {
            this.result = result;
            this.slices = slices;
        }

        @Override
        public boolean hasNext() {
            return next < slices.count();
        }

        @Override
        public Tuple2<Integer, byte[]> next() {
            byte[] message = result.toBytes(slices.slice(result.forest(), next));
            return new Tuple2<>(next++, message);
        }
    }
}
