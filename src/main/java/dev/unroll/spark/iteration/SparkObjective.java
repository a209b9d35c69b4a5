package dev.unroll.spark.iteration;

import dev.unroll.data.ShardPlan;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.shards.TaskPlacement;
import dev.unroll.train.Objective;
import dev.unroll.train.Phases;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.EvaluationSum;
import dev.unroll.worker.GradientSlices;
import dev.unroll.worker.GradientSum;
import dev.unroll.worker.Problem;
import dev.unroll.worker.StreamStates;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
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
    public Evaluation evaluate(float[] theta, EvaluationRequest pass) {
        long start = System.nanoTime();
        Broadcast<byte[]> broadcast = context.broadcast(new ParameterMessage(theta, pass.states()).toBytes());
        try {
            double broadcastMs = millisSince(start);
            ShardLayout layout = training.layout();
            JavaRDD<ShardGroup> runs =
                    TaskPlacement.together(training.rdd(), layout.visited(plan, pass.batch()), context);
            GradientTask task = new GradientTask(
                    problem,
                    plan,
                    pass.batch(),
                    pass.sampled(),
                    pass.truncation().orElse(null),
                    training.rdd().id(),
                    layout.isWhole() && runs.getNumPartitions() == layout.all().size(),
                    broadcast);
            int[] absent = layout.isWhole() ? new int[0] : plan.absent(pass.batch());
            ReduceShape shape = slices != null
                    ? new ReduceShape(slices)
                    : ReduceShape.of(context, problem.network(), plan.shards(), runs.getNumPartitions());
            return shape.isFlat()
                    ? flat(runs, task, absent, broadcastMs)
                    : sliced(runs, task, absent, shape.slices(), broadcastMs);
        } finally {
            broadcast.destroy();
        }
    }

    /** One stage: every forest comes to the driver. */
    private Evaluation flat(JavaRDD<ShardGroup> runs, GradientTask task, int[] absent, double broadcastMs) {
        ResultMerger<GradientSum> merging = new ResultMerger<>(plan.shards(), absent, GradientSum::read);
        double jobMs = run(runs, task, merging);
        return new Evaluation(
                merging.root(),
                new Phases(
                        broadcastMs + merging.fetchMs(),
                        merging.computeMs(),
                        jobMs - merging.fetchMs() - merging.computeMs(),
                        merging.millis(),
                        0),
                merging.balance());
    }

    /** Two stages. */
    private Evaluation sliced(
            JavaRDD<ShardGroup> runs, GradientTask task, int[] absent, GradientSlices slices, double broadcastMs) {
        long start = System.nanoTime();
        SlicedSums.Joined joined = new SlicedSums(context, slices, plan.shards(), absent).sum(runs, task);
        double waitMs = millisSince(start) - joined.fetchMs() - joined.computeMs() - joined.mergeMs();
        return new Evaluation(
                joined.root(),
                new Phases(broadcastMs + joined.fetchMs(), joined.computeMs(), waitMs, joined.mergeMs(), 0),
                joined.balance());
    }

    @Override
    public Optional<Map<String, Double>> validate(float[] theta) {
        return validation.map(rows -> evaluate(context, problem, rows, theta).metrics(problem));
    }

    /** The evaluation sum over all sequences of some rows. */
    public static EvaluationSum evaluate(JavaSparkContext context, Problem problem, ShardedRows rows, float[] theta) {
        Broadcast<byte[]> broadcast = context.broadcast(new ParameterMessage(theta, new StreamStates()).toBytes());
        try {
            ResultMerger<EvaluationSum> merging = new ResultMerger<>(rows.shards(), new int[0], EvaluationSum::read);
            JavaRDD<ShardGroup> runs =
                    TaskPlacement.together(rows.rdd(), rows.layout().all(), context);
            run(runs, new EvaluationTask(problem, rows.shards(), rows.rdd().id(), broadcast), merging);
            return merging.root();
        } finally {
            broadcast.destroy();
        }
    }

    @Override
    public void close() {
        training.close();
        validation.ifPresent(ShardedRows::close);
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    /** Runs a job and merges its results in partition order, after it and off Spark's event thread; the job's ms. */
    private static double run(JavaRDD<ShardGroup> runs, ShardTask<?> task, ResultMerger<?> merging) {
        long start = System.nanoTime();
        byte[][] results = (byte[][])
                runs.rdd().context().runJob(runs.rdd(), new Forests(task), ClassTag$.MODULE$.apply(byte[].class));
        double jobMs = millisSince(start);
        List.of(results).forEach(merging::add);
        return jobMs;
    }

    /** A task as the function that Spark runs. */
    private static final class Forests extends AbstractFunction1<scala.collection.Iterator<ShardGroup>, byte[]>
            implements Serializable {

        private static final long serialVersionUID = 1L;

        private final ShardTask<?> task;

        Forests(ShardTask<?> task) {
            this.task = task;
        }

        @Override
        public byte[] apply(scala.collection.Iterator<ShardGroup> groups) {
            return task.run(CollectionConverters.asJava(groups)).toBytes();
        }
    }
}
