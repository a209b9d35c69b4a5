package dev.unroll.spark;

import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Truncation;
import dev.unroll.train.CanonicalTree;
import dev.unroll.train.EvaluationSum;
import dev.unroll.train.GradientSlices;
import dev.unroll.train.GradientSum;
import dev.unroll.train.Objective;
import dev.unroll.train.Pass;
import dev.unroll.train.Problem;
import dev.unroll.train.ShardWorkers;
import dev.unroll.train.StreamStates;
import dev.unroll.train.Sum;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.ContextCleaner;
import org.apache.spark.HashPartitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Option;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * The objective on a cluster: broadcast theta, one map over the cached shards, the tasks' forests merged in the canonical tree, destroy
 * the broadcast.
 *
 * <p>Parameters and sums travel as {@code byte[]}, which every serializer of Spark writes in bulk and none needs to be told of; so a
 * session that was configured for something else works, with the same bits. Where the forests are merged, on the driver or first slice by slice
 * on executors, is up to {@link ReduceShape}.
 */
public final class SparkObjective implements Objective {

    /** Steps of partitions that a task works on together. */
    private static final long STEPS_TOGETHER = 1 << 20;

    private final JavaSparkContext context;
    private final Problem problem;
    private final ShardPlan plan;
    private final ShardedRows training;
    private final Optional<ShardedRows> validation;
    private final GradientSlices slices; // null to cut where that is best

    public SparkObjective(
            JavaSparkContext context,
            Problem problem,
            ShardPlan plan,
            ShardedRows training,
            Optional<ShardedRows> validation) {
        this(context, problem, plan, training, validation, null);
    }

    /** @param slices to merge on executors in any case, for tests; null for where that pays */
    SparkObjective(
            JavaSparkContext context,
            Problem problem,
            ShardPlan plan,
            ShardedRows training,
            Optional<ShardedRows> validation,
            GradientSlices slices) {
        this.context = context;
        this.problem = problem;
        this.plan = plan;
        this.training = training;
        this.validation = validation;
        this.slices = slices;
    }

    @Override
    public Evaluation evaluate(float[] theta, Pass pass) {
        long start = System.nanoTime();
        Broadcast<byte[]> broadcast = context.broadcast(new Sent(theta, pass.states()).toBytes());
        try {
            double broadcastMs = millisSince(start);
            GradientTask task = new GradientTask(problem, plan, pass, broadcast);
            JavaRDD<ShardGroup> runs = PartitionRuns.together(training.rdd(), context);
            ReduceShape shape = slices != null
                    ? new ReduceShape(slices)
                    : ReduceShape.of(context, problem.network(), plan.shards(), runs.getNumPartitions());
            return shape.isFlat() ? flat(runs, task, broadcastMs) : sliced(runs, task, shape.slices(), broadcastMs);
        } finally {
            broadcast.destroy();
        }
    }

    /** One stage: every forest comes to the driver. */
    private Evaluation flat(JavaRDD<ShardGroup> runs, GradientTask task, double broadcastMs) {
        Merging<GradientSum> merging = new Merging<>(plan.shards(), GradientSum::read);
        double jobMs = run(runs, new Forests(task), merging);
        return new Evaluation(
                merging.root(), broadcastMs, merging.taskMs(), jobMs - merging.taskMs(), merging.millis());
    }

    /** Two stages: every slice of the forests is merged by one task, and the driver gets each element once. */
    private Evaluation sliced(JavaRDD<ShardGroup> runs, GradientTask task, GradientSlices slices, double broadcastMs) {
        long start = System.nanoTime();
        int shards = plan.shards();
        JavaPairRDD<Integer, byte[]> parts = runs.mapPartitionsToPair(groups -> new SlicedForest(task, groups, slices))
                .partitionBy(new HashPartitioner(slices.count())); // of 0, 1, ...: each its own
        try {
            JavaRDD<byte[]> merging = parts.mapPartitions(
                    part -> List.of(new MergedSlice(shards, part).toBytes()).iterator());
            List<byte[]> merged = new ArrayList<>();
            int together = ReduceShape.slicesTogether(context);
            for (int from = 0; from < slices.count(); from += together) {
                int[] some = IntStream.range(from, Math.min(slices.count(), from + together))
                        .toArray();
                for (List<byte[]> one : merging.collectPartitions(some)) {
                    merged.addAll(one);
                }
            }
            double jobMs = millisSince(start);
            long joining = System.nanoTime();
            List<GradientSum> sums = new ArrayList<>();
            double mergeMs = 0;
            for (byte[] one : merged) {
                sums.add(GradientSum.read(MergedSlice.sum(one)));
                mergeMs = Math.max(mergeMs, MergedSlice.mergeMs(one));
            }
            GradientSum root = GradientSum.joined(sums);
            double taskMs = MergedSlice.taskMs(merged.get(0));
            return new Evaluation(root, broadcastMs, taskMs, jobMs - taskMs - mergeMs, mergeMs + millisSince(joining));
        } finally {
            removeShuffle(parts);
        }
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

    @Override
    public Optional<Map<String, Double>> validate(float[] theta) {
        return validation.map(rows -> evaluate(context, problem, rows, theta).metrics(problem));
    }

    /** The evaluation sum over all sequences of some rows. */
    public static EvaluationSum evaluate(JavaSparkContext context, Problem problem, ShardedRows rows, float[] theta) {
        Broadcast<byte[]> broadcast = context.broadcast(new Sent(theta, new StreamStates()).toBytes());
        try {
            Merging<EvaluationSum> merging = new Merging<>(rows.shards(), EvaluationSum::read);
            EvaluationTask task = new EvaluationTask(problem, rows.shards(), broadcast);
            run(PartitionRuns.together(rows.rdd(), context), new Forests(task), merging);
            return merging.root();
        } finally {
            broadcast.destroy();
        }
    }

    @Override
    public void close() {
        training.rdd().unpersist(true);
        validation.ifPresent(rows -> rows.rdd().unpersist(true));
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    /** Runs a job and merges its results in partition order, after it and off Spark's event thread; the job's ms. */
    private static double run(JavaRDD<ShardGroup> runs, Forests task, Merging<?> merging) {
        long start = System.nanoTime();
        byte[][] results =
                (byte[][]) runs.rdd().context().runJob(runs.rdd(), task, ClassTag$.MODULE$.apply(byte[].class));
        double jobMs = millisSince(start);
        for (byte[] result : results) {
            merging.add(result);
        }
        return jobMs;
    }

    /** Forests that came to the driver, as they are merged, and how long their tasks took. */
    private static final class Merging<S extends Sum<S>> {
        private final CanonicalTree<S> tree;
        private final Function<ByteBuffer, S> read;
        private double taskNanos;
        private int tasks;
        private long nanos;

        Merging(int shards, Function<ByteBuffer, S> read) {
            this.tree = new CanonicalTree<>(shards);
            this.read = read;
        }

        /** @param result of a task; no bytes at all of an empty partition */
        void add(byte[] result) {
            if (result.length == 0) {
                return;
            }
            long start = System.nanoTime();
            taskNanos += Forests.nanos(result);
            tasks++;
            tree.mergeBytes(result, read);
            nanos += System.nanoTime() - start;
        }

        S root() {
            return tree.root();
        }

        double taskMs() {
            return taskNanos / Math.max(1, tasks) / 1e6;
        }

        double millis() {
            return nanos / 1e6;
        }
    }

    /** What a task does with its shards. */
    private interface Task<S extends Sum<S>> extends Serializable {

        Problem problem();

        /** How many shards there are in all. */
        int shards();

        Broadcast<byte[]> sent();

        CanonicalTree<S> forest(ShardWorkers workers, Sent now, List<Shard> shards);

        /**
         * The forest over all shards of a task. Small partitions share their products; large ones are loaded one after the other. A task has as many
         * threads as Spark counts processors for it: spark.task.cpus.
         *
         * @param groups at least one
         */
        default CanonicalTree<S> forest(Iterator<ShardGroup> groups) {
            Sent now = Sent.of(sent().value());
            ShardGroup first = groups.next();
            ShardWorkers workers =
                    first.borrow(problem().network(), TaskContext.get().cpus());
            CanonicalTree<S> forest = new CanonicalTree<>(shards());
            List<Shard> some = new ArrayList<>(first.shards());
            while (groups.hasNext()) {
                if (some.stream().mapToLong(Shard::steps).sum() >= STEPS_TOGETHER) {
                    forest.merge(forest(workers, now, some));
                    some.clear();
                }
                some.addAll(groups.next().shards());
            }
            forest.merge(forest(workers, now, some));
            first.giveBack(workers);
            return forest;
        }
    }

    private record GradientTask(
            Problem problem,
            ShardPlan plan,
            ShardPlan.Batch batch,
            boolean sampled,
            Truncation truncation, // null for the problem's own
            Broadcast<byte[]> sent)
            implements Task<GradientSum> {

        GradientTask(Problem problem, ShardPlan plan, Pass pass, Broadcast<byte[]> sent) {
            this(problem, plan, pass.batch(), pass.sampled(), pass.truncation().orElse(null), sent);
        }

        @Override
        public int shards() {
            return plan.shards();
        }

        @Override
        public CanonicalTree<GradientSum> forest(ShardWorkers workers, Sent now, List<Shard> shards) {
            Pass pass = new Pass(batch, now.states, sampled, Optional.ofNullable(truncation));
            return workers.gradient(now.theta, shards, plan, pass, problem);
        }
    }

    private record EvaluationTask(Problem problem, int shards, Broadcast<byte[]> sent) implements Task<EvaluationSum> {
        @Override
        public CanonicalTree<EvaluationSum> forest(ShardWorkers workers, Sent now, List<Shard> some) {
            return workers.evaluate(now.theta, some, shards, problem);
        }
    }

    /** One task's forest as bytes, and behind it the nanoseconds it took; no bytes at all for an empty partition. */
    private static final class Forests extends AbstractFunction1<scala.collection.Iterator<ShardGroup>, byte[]>
            implements Serializable {

        private static final long serialVersionUID = 1L;

        private final Task<?> task;

        Forests(Task<?> task) {
            this.task = task;
        }

        @Override
        public byte[] apply(scala.collection.Iterator<ShardGroup> groups) {
            if (!groups.hasNext()) {
                return new byte[0];
            }
            long start = System.nanoTime();
            byte[] forest = task.forest(CollectionConverters.asJava(groups)).toBytes();
            byte[] result = Arrays.copyOf(forest, forest.length + Long.BYTES);
            ByteBuffer.wrap(result).putLong(forest.length, System.nanoTime() - start);
            return result;
        }

        static long nanos(byte[] result) {
            return ByteBuffer.wrap(result).getLong(result.length - Long.BYTES);
        }
    }

    /** One task's forest, slice by slice, so that only one slice of it stands in memory twice; each with the nanoseconds of the task behind it. */
    private static final class SlicedForest implements Iterator<Tuple2<Integer, byte[]>> {
        private final GradientSlices slices;
        private final CanonicalTree<GradientSum> forest; // null of an empty partition
        private final long nanos;
        private int next;

        SlicedForest(GradientTask task, Iterator<ShardGroup> groups, GradientSlices slices) {
            long start = System.nanoTime();
            this.slices = slices;
            this.forest = groups.hasNext() ? task.forest(groups) : null;
            this.nanos = System.nanoTime() - start;
        }

        @Override
        public boolean hasNext() {
            return forest != null && next < slices.count();
        }

        @Override
        public Tuple2<Integer, byte[]> next() {
            byte[] bytes = slices.slice(forest, next).toBytes();
            byte[] timed = Arrays.copyOf(bytes, bytes.length + Long.BYTES);
            ByteBuffer.wrap(timed).putLong(bytes.length, nanos);
            return new Tuple2<>(next++, timed);
        }
    }

    /** One slice of all forests, merged: in whatever order they arrive, the canonical tree adds in its own. */
    private static final class MergedSlice {
        private static final int TIMES = 2 * Long.BYTES; // in front: mean nanoseconds of the tasks, and of the merging

        private final CanonicalTree<GradientSum> tree;
        private final long start = System.nanoTime();
        private long taskNanos;
        private int tasks;

        MergedSlice(int shards, Iterator<Tuple2<Integer, byte[]>> forests) {
            tree = new CanonicalTree<>(shards);
            while (forests.hasNext()) {
                byte[] forest = forests.next()._2();
                tree.mergeBytes(forest, GradientSum::read);
                taskNanos += Forests.nanos(forest);
                tasks++;
            }
        }

        byte[] toBytes() {
            GradientSum root = tree.root();
            ByteBuffer bytes =
                    ByteBuffer.allocate(Math.addExact(TIMES, root.byteCount())).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putLong(taskNanos / Math.max(1, tasks)).putLong(System.nanoTime() - start);
            root.write(bytes);
            return bytes.array();
        }

        static ByteBuffer sum(byte[] bytes) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(TIMES);
        }

        static double taskMs(byte[] bytes) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0) / 1e6;
        }

        static double mergeMs(byte[] bytes) {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(Long.BYTES) / 1e6;
        }
    }

    /** What goes out to the tasks: parameters, and the states that streams begin in. */
    private record Sent(float[] theta, StreamStates states) {

        byte[] toBytes() {
            int floats = Math.multiplyExact(Float.BYTES, theta.length);
            ByteBuffer bytes = ByteBuffer.allocate(
                            Math.addExact(Math.addExact(Integer.BYTES, floats), states.byteCount()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.putInt(theta.length).asFloatBuffer().put(theta);
            states.write(bytes.position(Integer.BYTES + floats));
            return bytes.array();
        }

        static Sent of(byte[] broadcast) {
            ByteBuffer bytes = ByteBuffer.wrap(broadcast).order(ByteOrder.LITTLE_ENDIAN);
            float[] theta = new float[bytes.getInt()];
            bytes.asFloatBuffer().get(theta);
            return new Sent(theta, StreamStates.read(bytes.position(Integer.BYTES + Float.BYTES * theta.length)));
        }
    }
}
