package dev.unroll.spark;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.train.CanonicalTree;
import dev.unroll.train.EvaluationSum;
import dev.unroll.train.GradientSum;
import dev.unroll.train.Objective;
import dev.unroll.train.Problem;
import dev.unroll.train.ShardWorkers;
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
    public Evaluation evaluate(float[] theta, ShardPlan.Batch batch, boolean sampled) {
        CanonicalTree<GradientSum> tree = new CanonicalTree<>(plan.shards());
        ShardPlan plan = this.plan;
        Problem problem = this.problem;
        Times times = run(
                context,
                new Computation(problem.network(), (workers, parameters, group) -> workers.gradient(
                                parameters, group.shards(), plan, batch, problem, sampled)
                        .toBytes()),
                theta,
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
                new Computation(problem.network(), (workers, parameters, group) -> workers.evaluate(
                                parameters, group.shards(), shards, problem)
                        .toBytes()),
                theta,
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
        byte[] apply(ShardWorkers workers, float[] theta, ShardGroup group);
    }

    private interface Merge {
        void accept(byte[] forest);
    }

    private record Times(double broadcastMs, double computeMs, double waitMs, double mergeMs) {}

    private static Times run(JavaSparkContext context, Computation task, float[] theta, ShardedRows rows, Merge merge) {
        long start = System.nanoTime();
        Broadcast<byte[]> broadcast = context.broadcast(toBytes(theta));
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
        private final Broadcast<byte[]> theta; // null until the job is run

        Computation(NetworkSpec spec, Work work) {
            this(spec, work, null);
        }

        private Computation(NetworkSpec spec, Work work, Broadcast<byte[]> theta) {
            this.spec = spec;
            this.work = work;
            this.theta = theta;
        }

        Computation with(Broadcast<byte[]> parameters) {
            return new Computation(spec, work, parameters);
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
            byte[] forest = work.apply(workers, toFloats(theta.value()), group);
            group.giveBack(workers);
            byte[] result = Arrays.copyOf(forest, forest.length + Long.BYTES);
            ByteBuffer.wrap(result).putLong(forest.length, System.nanoTime() - start);
            return result;
        }
    }

    private static byte[] toBytes(float[] theta) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, theta.length))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(theta);
        return bytes.array();
    }

    private static float[] toFloats(byte[] bytes) {
        float[] theta = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(theta);
        return theta;
    }
}
