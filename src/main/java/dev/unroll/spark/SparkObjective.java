package dev.unroll.spark;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Truncation;
import dev.unroll.train.CanonicalTree;
import dev.unroll.train.EvaluationSum;
import dev.unroll.train.GradientSum;
import dev.unroll.train.Objective;
import dev.unroll.train.Pass;
import dev.unroll.train.Problem;
import dev.unroll.train.ShardWorkers;
import dev.unroll.train.StreamStates;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * The objective on a cluster: broadcast theta, one map over the cached shards, merge the tasks' forests in the canonical tree, destroy
 * the broadcast.
 *
 * <p>Parameters and sums travel as {@code byte[]}, which every serializer of Spark writes in bulk and none needs to be told of; so a
 * session that was configured for something else works, with the same bits. Results come back in partition order and are merged after
 * the job, off Spark's event thread.
 */
public final class SparkObjective implements Objective {

    private final JavaSparkContext context;
    private final Problem problem;
    private final ShardPlan plan;
    private final ShardedRows training;
    private final Optional<ShardedRows> validation;

    public SparkObjective(
            JavaSparkContext context,
            Problem problem,
            ShardPlan plan,
            ShardedRows training,
            Optional<ShardedRows> validation) {
        this.context = context;
        this.problem = problem;
        this.plan = plan;
        this.training = training;
        this.validation = validation;
    }

    @Override
    public Evaluation evaluate(float[] theta, Pass pass) {
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(plan.shards());
        ShardPlan plan = this.plan;
        Problem problem = this.problem;
        ShardPlan.Batch batch = pass.batch();
        boolean sampled = pass.sampled();
        Truncation truncation = pass.truncation().orElse(null);
        Times times = run(
                context,
                new Computation(problem.network(), (workers, sent, group) -> workers.gradient(
                                sent.theta,
                                group.shards(),
                                plan,
                                new Pass(batch, sent.states, sampled, Optional.ofNullable(truncation)),
                                problem)
                        .toBytes()),
                new Sent(theta, pass.states()),
                training,
                forest -> tree.mergeBytes(forest, GradientSum::read));
        return new Evaluation(tree.root(), times.broadcastMs, times.computeMs, times.waitMs, times.mergeMs);
    }

    @Override
    public Optional<Map<String, Double>> validate(float[] theta) {
        return validation.map(rows -> evaluate(context, problem, rows, theta).metrics(problem));
    }

    /** The evaluation sum over all sequences of some rows. */
    public static EvaluationSum evaluate(JavaSparkContext context, Problem problem, ShardedRows rows, float[] theta) {
        int shards = rows.shards();
        CanonicalTree<EvaluationSum> tree = new CanonicalTree<>(shards);
        run(
                context,
                new Computation(problem.network(), (workers, sent, group) -> workers.evaluate(
                                sent.theta, group.shards(), shards, problem)
                        .toBytes()),
                new Sent(theta, new StreamStates()),
                rows,
                forest -> tree.mergeBytes(forest, EvaluationSum::read));
        return tree.root();
    }

    @Override
    public void close() {
        training.rdd().unpersist(true);
        validation.ifPresent(rows -> rows.rdd().unpersist(true));
    }

    /** What a task does with its shards. */
    private interface Work extends Serializable {
        byte[] apply(ShardWorkers workers, Sent sent, ShardGroup group);
    }

    private interface Merge {
        void accept(byte[] forest);
    }

    private record Times(double broadcastMs, double computeMs, double waitMs, double mergeMs) {}

    private static Times run(JavaSparkContext context, Computation task, Sent what, ShardedRows rows, Merge merge) {
        long start = System.nanoTime();
        Broadcast<byte[]> broadcast = context.broadcast(what.toBytes());
        try {
            long sent = System.nanoTime();
            byte[][] results = runJob(rows.rdd(), task.with(broadcast));
            long computed = System.nanoTime();
            double taskMs = 0;
            int tasks = 0;
            for (byte[] result : results) {
                if (result.length > 0) {
                    ByteBuffer in = ByteBuffer.wrap(result);
                    taskMs += in.getLong(result.length - Long.BYTES) / 1e6;
                    tasks++;
                    merge.accept(result);
                }
            }
            double computeMs = taskMs / Math.max(1, tasks);
            double waitMs = (computed - sent) / 1e6 - computeMs;
            return new Times((sent - start) / 1e6, computeMs, waitMs, (System.nanoTime() - computed) / 1e6);
        } finally {
            broadcast.destroy();
        }
    }

    private static byte[][] runJob(JavaRDD<ShardGroup> rdd, Computation task) {
        return (byte[][]) rdd.rdd().context().runJob(rdd.rdd(), task, ClassTag$.MODULE$.apply(byte[].class));
    }

    /** One task: a forest of sums as bytes, and behind it the nanoseconds it took; no bytes at all for an empty partition. */
    private static final class Computation extends AbstractFunction1<Iterator<ShardGroup>, byte[]>
            implements Serializable {

        private static final long serialVersionUID = 1L;

        private final NetworkSpec spec;
        private final Work work;
        private final Broadcast<byte[]> sent; // null until the job is run

        Computation(NetworkSpec spec, Work work) {
            this(spec, work, null);
        }

        private Computation(NetworkSpec spec, Work work, Broadcast<byte[]> sent) {
            this.spec = spec;
            this.work = work;
            this.sent = sent;
        }

        Computation with(Broadcast<byte[]> broadcast) {
            return new Computation(spec, work, broadcast);
        }

        @Override
        public byte[] apply(Iterator<ShardGroup> groups) {
            if (!groups.hasNext()) {
                return new byte[0];
            }
            long start = System.nanoTime();
            ShardGroup group = groups.next();
            // A task has as many threads as Spark counts processors for it: spark.task.cpus.
            ShardWorkers workers = group.borrow(spec, TaskContext.get().cpus());
            byte[] forest = work.apply(workers, Sent.of(sent.value()), group);
            group.giveBack(workers);
            byte[] result = Arrays.copyOf(forest, forest.length + Long.BYTES);
            ByteBuffer.wrap(result).putLong(forest.length, System.nanoTime() - start);
            return result;
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
