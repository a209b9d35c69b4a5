package dev.unroll.spark.iteration;

import dev.unroll.data.ShardPlan;
import dev.unroll.spark.shards.PlacedTasks;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import dev.unroll.worker.Problem;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.CollectionAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Updates without a job each: one job serves a group of them, by tasks that stay where their shards are and ask for the
 * next. A group ends after about a second of work, so that other jobs see short tasks; where its tasks do not come
 * together, updates are computed by jobs for a while, for a longer one each time.
 *
 * <p>What a task computes is what a job of its own would compute, and the sum is the same forest, so the bits are.
 */
final class ResidentTasks implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ResidentTasks.class);

    private static final long NANOS_OF_GROUP = TimeUnit.MILLISECONDS.toNanos(SparkObjective.MS_OF_GROUP);
    private static final long NANOS_IDLE = TimeUnit.SECONDS.toNanos(1);
    private static final long MS_TO_LOOK = 250;
    private static final long NANOS_OF_FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long NANOS_OF_LONGEST_PAUSE = TimeUnit.MINUTES.toNanos(1);
    private static final long SECONDS_TO_CLOSE = 5;

    private final JavaSparkContext context;
    private final Problem problem;
    private final ShardPlan plan;
    private final int rdd;
    private final CollectionAccumulator<Tuple2<String, Integer>> kernels;
    private final GhostWork ghost; // null for none
    private final int updatesPerJob; // 0 for as many as there is time for
    private final String endpoint = "unroll-" + UUID.randomUUID();

    private DriverCalls calls; // null before the first group
    private ScheduledThreadPoolExecutor watch; // null before the first group
    private String impossible; // why Spark's RPC cannot be used; null where it can
    private long id; // of the latest group
    private Running running; // null where no group is open
    private Future<?> latestJob; // null before the first
    private boolean working; // whether an order is being computed
    private long idleSince;
    private long latestNanos; // that an update took
    private long pauseNanos = NANOS_OF_FIRST_PAUSE;
    private long pausesUntil = System.nanoTime();
    private String stall; // why it pauses; null before the first pause

    /** An open group, its job, and how many tasks that has. */
    private record Running(ResidentGroup group, Future<?> job, int tasks) {}

    /**
     * @param rdd the id of the RDD whose partitions tasks stay on
     * @param updatesPerJob updates of a group at most; 0 for as many as take about a second
     * @param ghost what tasks do besides; null for nothing
     */
    ResidentTasks(
            JavaSparkContext context,
            Problem problem,
            ShardPlan plan,
            int rdd,
            CollectionAccumulator<Tuple2<String, Integer>> kernels,
            int updatesPerJob,
            GhostWork ghost) {
        this.context = context;
        this.problem = problem;
        this.plan = plan;
        this.rdd = rdd;
        this.kernels = kernels;
        this.updatesPerJob = updatesPerJob;
        this.ghost = ghost;
    }

    /** Keeps the group that is open so until its next sum is there; whether there is one. */
    synchronized boolean hold() {
        working = running != null;
        return working;
    }

    /** Whether they may be used at all. */
    boolean areWanted() {
        return updatesPerJob != 1;
    }

    /** Why a new group is not worth a try, in words; empty where it is. */
    synchronized Optional<String> obstacle() {
        if (impossible != null) {
            return Optional.of(impossible);
        }
        if (System.nanoTime() - pausesUntil < 0) {
            return Optional.of(stall);
        }
        return latestNanos >= NANOS_OF_GROUP ? Optional.of("an update takes more than a second") : Optional.empty();
    }

    /** Notes what an update took that a job of its own has computed, without the wait for slots. */
    synchronized void note(long nanos) {
        latestNanos = nanos;
    }

    /**
     * Begins a group, or says why Spark does not let it.
     *
     * @param onePartition see {@link GradientTask}
     */
    synchronized Optional<String> begin(PlacedTasks tasks, boolean onePartition) {
        try {
            if (calls == null) {
                calls = DriverCalls.answer(endpoint, this::called);
                watch = new ScheduledThreadPoolExecutor(1, task -> {
                    Thread thread = new Thread(task, "unroll-resident-tasks");
                    thread.setDaemon(true);
                    return thread;
                });
                Future<?> unused =
                        watch.scheduleWithFixedDelay(this::endIfIdle, MS_TO_LOOK, MS_TO_LOOK, TimeUnit.MILLISECONDS);
            }
        } catch (RuntimeException | LinkageError e) {
            cannot(e.toString());
            return Optional.of(impossible);
        }
        id++;
        ResidentGroup group = new ResidentGroup(tasks.count());
        running = new Running(group, null, tasks.count()); // before its tasks call
        Future<?> job = null;
        try {
            job = tasks.partitions()
                    .foreachPartitionAsync(new ResidentTask(
                            endpoint,
                            id,
                            context.sc().isLocal(),
                            problem,
                            plan,
                            rdd,
                            kernels,
                            onePartition,
                            tasks.division().orElse(null),
                            ghost));
        } finally {
            latestJob = job == null ? latestJob : job;
            running = job == null ? null : new Running(group, job, running.tasks);
        }
        working = true;
        return Optional.empty();
    }

    private void cannot(String reason) {
        impossible = "tasks cannot stay: " + reason;
        LOG.warn("every update is a job of its own from now on: {}", impossible);
    }

    private void called(Object message, DriverCalls.Reply reply) {
        TaskReport report = TaskReport.of(message);
        Running now;
        synchronized (this) {
            now = report.group() == id ? running : null;
        }
        if (now == null) {
            reply.send(Order.END);
        } else {
            now.group.called(report, reply);
        }
    }

    /**
     * The sum of one evaluation, by the group that is open.
     *
     * @param merger empty but for absent shards
     * @return empty if the tasks cannot reach the driver, and the evaluation has to be computed by a job
     */
    Optional<MergedSum<GradientSum>> sum(
            EvaluationRequest request, ParameterMessage message, ResultMerger<GradientSum> merger) {
        long start = System.nanoTime();
        Running now;
        synchronized (this) {
            working = true;
            now = running;
        }
        Optional<Broadcast<byte[]>> broadcast = Optional.empty();
        try {
            long number = now.group.nextNumber();
            boolean inProcess = context.sc().isLocal();
            boolean large = (long) message.byteCount() * now.tasks > SparkObjective.MOST_SENT;
            if (large && !inProcess) {
                broadcast = Optional.of(context.broadcast(message.toBytes()));
            }
            Parameters parameters =
                    broadcast.<Parameters>map(Parameters.OfBroadcast::new).orElse(() -> message);
            Order order = Order.of(number, request, parameters);
            now.group.next(inProcess ? order : order.toBytes());
            if (number == updatesPerJob || now.group.age() > NANOS_OF_GROUP) {
                now.group.end();
            }
            double sendMs = (System.nanoTime() - start) / 1e6;
            if (!now.group.merge(merger, now.job)) {
                now.group.end();
                cannot("they do not reach the driver");
                return Optional.empty();
            }
            return Optional.of(merger.merged().sent(sendMs));
        } catch (ExecutionException e) {
            now.group.end();
            return ExceptionUtils.rethrow(e.getCause());
        } catch (InterruptedException e) {
            now.group.end();
            now.job.cancel(true);
            return ExceptionUtils.rethrow(e);
        } finally {
            broadcast.ifPresent(Broadcast::destroy);
            done(now, Math.min(System.nanoTime() - start, now.group.age()));
        }
    }

    private synchronized void done(Running now, long nanos) {
        working = false;
        idleSince = System.nanoTime();
        latestNanos = nanos;
        if (!now.group.ends()) {
            return; // if its job was cancelled meanwhile, the next order finds out
        }
        running = null;
        Optional<String> stalled = now.group.stall();
        if (stalled.isPresent()) {
            pause(stalled.get());
        } else {
            pauseNanos = NANOS_OF_FIRST_PAUSE;
        }
    }

    /** Leaves updates to jobs for a while, for longer each time until a group has its whole time. */
    private void pause(String reason) {
        stall = reason;
        pausesUntil = System.nanoTime() + pauseNanos;
        pauseNanos = Math.min(2 * pauseNanos, NANOS_OF_LONGEST_PAUSE);
    }

    /** So that nobody waits for the slots while the driver does something else. */
    private synchronized void endIfIdle() {
        if (running != null && !working && System.nanoTime() - idleSince > NANOS_IDLE) {
            end();
            pause("the driver did something else between updates");
        }
    }

    /** Frees the slots. */
    synchronized void end() {
        if (running != null) {
            running.group.end();
            running = null;
        }
    }

    /** Frees the slots, and waits until the last task has ended, of a job that was not cancelled. */
    void settle() {
        Future<?> job;
        synchronized (this) {
            end();
            job = latestJob;
        }
        if (job == null) {
            return;
        }
        try {
            job.get(SECONDS_TO_CLOSE, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | CancellationException | TimeoutException e) {
            job.cancel(true);
        }
    }

    /** Afterwards, what the tasks read may be removed. */
    @Override
    public void close() {
        settle();
        if (calls != null) {
            watch.shutdownNow();
            calls.close();
        }
    }
}
