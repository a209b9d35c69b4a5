package dev.unroll.spark.iteration;

import dev.unroll.data.ShardPlan;
import dev.unroll.spark.shards.CurrentBlocks;
import dev.unroll.spark.shards.PlacedTasks;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.shards.TaskPlacement;
import dev.unroll.spark.shards.TaskSlots;
import dev.unroll.train.JobCounts;
import dev.unroll.train.Kernels;
import dev.unroll.train.Objective;
import dev.unroll.train.Phases;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.EvaluationSum;
import dev.unroll.worker.GradientSlices;
import dev.unroll.worker.GradientSum;
import dev.unroll.worker.Problem;
import dev.unroll.worker.StreamStates;
import dev.unroll.worker.Sum;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.CollectionAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * The objective on a cluster: sends theta out, computes a {@link GradientTask} over the cached shards of each task, and
 * merges the tasks' forests in the canonical tree. Where it can, by {@link ResidentTasks}; otherwise by a job, with a
 * broadcast of theta.
 *
 * <p>Parameters and sums travel as {@code byte[]}, which every serializer of Spark writes in bulk and which none has to
 * be told of; so a session that was configured for something else works, with the same bits. {@link ReduceShape}
 * decides where the forests are merged: on the driver, or first slice by slice on executors.
 */
public final class SparkObjective implements Objective {

    /** How long the tasks of one job stay, and what an update may take so that they do. */
    public static final long MS_OF_GROUP = 1000;

    /** Bytes of parameters that the driver sends itself to tasks that stay, to all of them together; more are broadcast. */
    public static final long MOST_SENT = 16L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(SparkObjective.class);

    private final JavaSparkContext context;
    private final Problem problem;
    private final ShardPlan plan;
    private final ShardedRows training;
    private final CurrentBlocks blocks;
    private final Optional<ShardedRows> validation;
    private final GradientSlices slices; // null to cut where that is best
    private final GhostWork ghost; // null for none
    private final ResultLimits limits;
    private final CollectionAccumulator<Tuple2<String, Integer>> kernels; // of the latest tasks
    private final SortedMap<String, Integer> lanes = new TreeMap<>(); // of all executors until now
    private final Map<Tasks, ReduceShape> shapes = new HashMap<>(); // of the few numbers of tasks that occur
    private final ResidentTasks resident;
    private final ExecutorSpeeds speeds = new ExecutorSpeeds();
    private JobCounts jobs = JobCounts.NONE;

    /**
     * What the shape of an update depends on that may change while training goes on: tasks that run at once, and tasks
     * of the update.
     */
    private record Tasks(int slots, int count) {}

    public SparkObjective(
            JavaSparkContext context,
            Problem problem,
            ShardPlan plan,
            ShardedRows training,
            Optional<ShardedRows> validation) {
        this(context, problem, plan, training, validation, 1);
    }

    /** @param updatesPerJob see {@link ResidentTasks}; 1 for a job for each */
    public SparkObjective(
            JavaSparkContext context,
            Problem problem,
            ShardPlan plan,
            ShardedRows training,
            Optional<ShardedRows> validation,
            int updatesPerJob) {
        this(context, problem, plan, training, validation, updatesPerJob, null, null);
    }

    /**
     * For measurements.
     *
     * @param slices to merge on executors in any case, about so many; 0 for where that pays
     */
    public static SparkObjective withGhostWork(
            JavaSparkContext context,
            Problem problem,
            ShardPlan plan,
            ShardedRows training,
            int updatesPerJob,
            int slices,
            GhostWork ghost) {
        int size = problem.network().layout().size();
        GradientSlices cut = slices == 0 ? null : GradientSlices.of(problem.network(), (size + slices - 1) / slices);
        return new SparkObjective(context, problem, plan, training, Optional.empty(), updatesPerJob, cut, ghost);
    }

    /**
     * @param slices to merge on executors in any case, for tests; null for where that pays
     * @param ghost what tasks do besides; null for nothing
     */
    SparkObjective(
            JavaSparkContext context,
            Problem problem,
            ShardPlan plan,
            ShardedRows training,
            Optional<ShardedRows> validation,
            int updatesPerJob,
            GradientSlices slices,
            GhostWork ghost) {
        this.context = context;
        this.problem = problem;
        this.plan = plan;
        this.training = training;
        this.blocks = new CurrentBlocks(training);
        this.validation = validation;
        this.slices = slices;
        this.ghost = ghost;
        this.limits = ResultLimits.of(context.getConf());
        this.kernels = new CollectionAccumulator<>();
        context.sc().register(kernels);
        this.resident = new ResidentTasks(context, problem, plan, training.rdd().id(), kernels, updatesPerJob, ghost);
    }

    @Override
    public Evaluation evaluate(float[] theta, EvaluationRequest request) {
        ParameterMessage message = new ParameterMessage(theta, request.states());
        long start = System.nanoTime();
        MergedSum<GradientSum> sum = byResidentTasks(request, message).orElseGet(() -> byJob(request, message));
        noteKernels();
        if (ghost == null
                && !context.isLocal()) { // ghosts take no longer for more shards, and one process is one executor
            speeds.add(sum.tasks());
        }
        double waitMs = millisSince(start) - sum.fetchMs() - sum.computeMs() - sum.mergeMs();
        return new Evaluation(
                sum.root(), new Phases(sum.fetchMs(), sum.computeMs(), waitMs, sum.mergeMs(), 0), sum.balance());
    }

    /** By the group of tasks that is there, or by a new one; empty where a job is to do it. */
    private Optional<MergedSum<GradientSum>> byResidentTasks(EvaluationRequest request, ParameterMessage message) {
        if (!resident.areWanted()) {
            jobs = jobs.withJob();
            return Optional.empty();
        }
        boolean wereThere = resident.hold();
        Optional<String> obstacle =
                wereThere ? Optional.empty() : resident.obstacle().or(() -> begin(request));
        Optional<MergedSum<GradientSum>> sum =
                obstacle.isEmpty() ? resident.sum(request, message, merger(request)) : Optional.empty();
        if (sum.isPresent()) {
            jobs = wereThere ? jobs.withoutJob() : jobs.withJob();
            return sum;
        }
        String reason = obstacle.or(resident::obstacle).orElseThrow();
        if (!reason.equals(jobs.reason())) {
            LOG.info("an update has a Spark job of its own: {}", reason);
        }
        jobs = jobs.withFallback(reason);
        return Optional.empty();
    }

    /** Begins a group; or says why there is none. */
    private Optional<String> begin(EvaluationRequest request) {
        if (!isInMemory()) {
            return Optional.of("the shards are not all in memory");
        }
        PlacedTasks tasks = tasks(request);
        if (!shape(tasks).isFlat()) {
            return Optional.of("sums are merged on executors first");
        }
        long bytes =
                (long) Float.BYTES * problem.network().layout().size() * ReduceShape.sums(plan.shards(), tasks.count());
        if (bytes > ReduceShape.MOST_INFLOW && !context.isLocal()) {
            return Optional.of("sums of " + Bytes.shown(bytes) + " are fetched in blocks");
        }
        return resident.begin(tasks, haveOnePartition(tasks));
    }

    /**
     * Whether tasks may hold what they compute on for longer: all of it is in the executors' memory anyway. Asks the
     * block managers' master; what Spark's UI knows comes later.
     */
    private boolean isInMemory() {
        return training.layout().isWhole()
                && Arrays.stream(SparkEnv.get().blockManager().master().getStorageStatus())
                        .noneMatch(executor ->
                                executor.diskUsedByRdd(training.rdd().id()) > 0);
    }

    private MergedSum<GradientSum> byJob(EvaluationRequest request, ParameterMessage message) {
        long start = System.nanoTime();
        Broadcast<byte[]> broadcast = context.broadcast(message.toBytes());
        try {
            double sendMs = millisSince(start);
            MergedSum<GradientSum> sum = byJob(request, new Parameters.OfBroadcast(broadcast));
            resident.note((long) ((sum.fetchMs() + sum.computeMs() + sum.mergeMs()) * 1e6));
            return sum.sent(sendMs);
        } finally {
            broadcast.destroy();
        }
    }

    private MergedSum<GradientSum> byJob(EvaluationRequest request, Parameters parameters) {
        PlacedTasks tasks = tasks(request);
        GradientTask task = GradientTask.of(
                problem, plan, request, training.rdd().id(), kernels, haveOnePartition(tasks), tasks.division(), ghost);
        ReduceShape shape = shape(tasks);
        if (shape.isFlat()) {
            return collected(tasks.partitions(), task, parameters, merger(request));
        }
        return new SlicedSums(context, shape.slices(), ReduceShape.slicesPerJob(limits), plan.shards(), absent(request))
                .sum(tasks.partitions(), task, parameters);
    }

    /** Executors that run the scalar kernel are named once, and in the end counted. */
    private void noteKernels() {
        List<Tuple2<String, Integer>> told;
        synchronized (kernels) { // tasks may end meanwhile
            told = new ArrayList<>(kernels.value());
            kernels.reset();
        }
        for (Tuple2<String, Integer> kernel : told) {
            if (lanes.put(kernel._1(), kernel._2()) == null && kernel._2() == 1) {
                LOG.warn(
                        "executor {} runs the scalar kernel, which is 10 to 30 times slower; its own log says why and what"
                                + " to set",
                        kernel._1());
            }
        }
    }

    @Override
    public Kernels kernels() {
        resident.settle(); // tasks tell what they ran on when they end
        noteKernels();
        return new Kernels(lanes);
    }

    /** The partitions that the batch needs, grouped for the tasks that run at once now. */
    private PlacedTasks tasks(EvaluationRequest request) {
        int slots = TaskSlots.of(context);
        PlacedTasks tasks = blocks.tasks(plan, request.batch(), slots, speeds.relative());
        boolean fits = tasks.division()
                .map(division -> ReduceShape.isFlat(limits, problem.network(), division.shards()))
                .orElse(true);
        return fits ? tasks : blocks.tasks(plan, request.batch(), slots, executor -> 1);
    }

    private boolean haveOnePartition(PlacedTasks tasks) {
        ShardLayout layout = training.layout();
        return layout.isWhole()
                && tasks.division().isEmpty()
                && tasks.count() == layout.all().size();
    }

    private ResultMerger<GradientSum> merger(EvaluationRequest request) {
        int size = problem.network().layout().size();
        return new ResultMerger<>(plan.shards(), absent(request), in -> GradientSum.read(in, size));
    }

    /** Shards that no task has, because they have no sequence in the batch. */
    private int[] absent(EvaluationRequest request) {
        return training.layout().isWhole() ? new int[0] : plan.absent(request.batch());
    }

    private ReduceShape shape(PlacedTasks tasks) {
        return slices != null
                ? new ReduceShape(slices)
                : shapes.computeIfAbsent(
                        new Tasks(TaskSlots.of(context), tasks.count()),
                        t -> ReduceShape.of(limits, t.slots, problem.network(), plan.shards(), t.count));
    }

    @Override
    public JobCounts jobs() {
        return jobs;
    }

    @Override
    public Optional<Map<String, Double>> validate(float[] theta) {
        return validation.map(rows -> {
            resident.end(); // their slots are needed
            return evaluate(context, problem, rows, theta).metrics(problem);
        });
    }

    /** The evaluation sum over all sequences of some rows. */
    public static EvaluationSum evaluate(JavaSparkContext context, Problem problem, ShardedRows rows, float[] theta) {
        Broadcast<byte[]> parameters = context.broadcast(new ParameterMessage(theta, new StreamStates()).toBytes());
        try {
            JavaRDD<ShardGroup> tasks =
                    TaskPlacement.coalesced(rows.rdd(), rows.layout().all(), TaskSlots.of(context));
            EvaluationTask task =
                    new EvaluationTask(problem, rows.shards(), rows.rdd().id());
            ResultMerger<EvaluationSum> merger = new ResultMerger<>(rows.shards(), new int[0], EvaluationSum::read);
            return collected(tasks, task, new Parameters.OfBroadcast(parameters), merger)
                    .root();
        } finally {
            parameters.destroy();
        }
    }

    @Override
    public void close() {
        resident.close();
        blocks.close();
        training.close();
        validation.ifPresent(ShardedRows::close);
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    /**
     * One stage: every result comes to the driver, which merges them in partition order, after the job and off Spark's
     * event thread.
     */
    private static <S extends Sum<S>> MergedSum<S> collected(
            JavaRDD<ShardGroup> tasks, ShardTask<S> task, Parameters parameters, ResultMerger<S> merger) {
        byte[][] results = (byte[][]) tasks.rdd()
                .context()
                .runJob(tasks.rdd(), new TaskFunction(task, parameters), ClassTag$.MODULE$.apply(byte[].class));
        List.of(results).forEach(merger::add);
        return merger.merged();
    }

    /** A task as the function that Spark calls with the partitions of one task. */
    private static final class TaskFunction extends AbstractFunction1<scala.collection.Iterator<ShardGroup>, byte[]>
            implements Serializable {

        private static final long serialVersionUID = 1L;

        private final ShardTask<?> task;
        private final Parameters parameters;

        TaskFunction(ShardTask<?> task, Parameters parameters) {
            this.task = task;
            this.parameters = parameters;
        }

        @Override
        public byte[] apply(scala.collection.Iterator<ShardGroup> groups) {
            return task.result(parameters, CollectionConverters.asJava(groups)).toBytes();
        }
    }
}
