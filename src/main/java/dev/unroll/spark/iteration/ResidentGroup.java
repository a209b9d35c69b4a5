package dev.unroll.spark.iteration;

import dev.unroll.worker.GradientSum;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The driver's side of one group of updates: one job, whose tasks call with a {@link TaskReport} and are answered with
 * the next {@link Order}. Between two orders the tasks wait.
 *
 * <p>A call says which order it has computed. So whoever calls without the result that is asked for, be it a task that
 * comes late, a retry of a lost one or a speculative copy, is answered with the order that is computed now; the first
 * result of a partition counts, and later ones are dropped, which have the same bits.
 *
 * <p>A group never waits for a slot: where a task is not there soon after the others, or does not answer long after
 * them, the group <em>ends</em>: tasks that wait are dismissed, which frees their slots, and every other task is
 * dismissed as soon as its result of the present order is there. So the order is always completed, by this very job.
 */
final class ResidentGroup {

    /** How long the first task of a group waits for the last one to come. */
    private static final long NANOS_TO_JOIN = TimeUnit.MILLISECONDS.toNanos(250);

    /** How long a task that has computed an order waits for the others. */
    private static final long NANOS_TO_ANSWER = TimeUnit.SECONDS.toNanos(1);

    private static final long MS_TO_LOOK = 20;

    private final int tasks;
    private final BitSet joined = new BitSet();
    private final BitSet missing = new BitSet(); // partitions whose result of the present order is not there
    private final List<DriverCalls.Reply> waiting = new ArrayList<>();
    private List<TaskReport.Result> arrived = new ArrayList<>(); // and not taken yet
    private long number; // of the present order; 0 before the first
    private Object order;
    private long joinNanos; // when the first task came
    private long waitNanos; // when the first task began to wait for the others
    private boolean ends;
    private String stall; // why it had to end; null where it had not

    /** A group of that many tasks, without an order yet. */
    ResidentGroup(int tasks) {
        this.tasks = tasks;
    }

    /** The number of the next order. */
    synchronized long nextNumber() {
        return number + 1;
    }

    /**
     * A task calls.
     *
     * @throws IllegalStateException for a report of a partition that there is not
     */
    synchronized void called(TaskReport report, DriverCalls.Reply reply) {
        if (report.partition() < 0 || report.partition() >= tasks) {
            throw new IllegalStateException("a task reports partition " + report.partition() + " of a job of " + tasks);
        }
        if (joined.isEmpty()) {
            joinNanos = System.nanoTime();
        }
        joined.set(report.partition());
        if (report.answered() == number && missing.get(report.partition())) {
            missing.clear(report.partition());
            arrived.add(report.result());
            notifyAll();
        }
        if (missing.get(report.partition())) {
            reply.send(order);
        } else if (ends) {
            reply.send(Order.END);
        } else {
            waitNanos = waiting.isEmpty() ? System.nanoTime() : waitNanos;
            waiting.add(reply);
        }
    }

    /** Gives the tasks their next order. */
    synchronized void next(Object next) {
        number++;
        order = next;
        missing.set(0, tasks);
        send(next);
    }

    /** No order follows the present one: whoever has computed it is dismissed. */
    synchronized void end() {
        ends = true;
        send(Order.END);
    }

    /** All at once, since each answer is serialised for itself: 1 ms for 0.4 million parameters. */
    private void send(Object answer) {
        waiting.parallelStream().forEach(reply -> reply.send(answer));
        waiting.clear();
    }

    /** Nanoseconds since its first task came; 0 before that. */
    synchronized long age() {
        return joined.isEmpty() ? 0 : System.nanoTime() - joinNanos;
    }

    synchronized boolean ends() {
        return ends;
    }

    /** Why the group had to end before its time; empty where it had not. */
    synchronized Optional<String> stall() {
        return Optional.ofNullable(stall);
    }

    /**
     * Merges the results of the present order as they come.
     *
     * @return false if the job has ended without all of them: its tasks did not reach the driver
     * @throws ExecutionException if the job has failed
     */
    boolean merge(ResultMerger<GradientSum> merger, Future<?> job) throws InterruptedException, ExecutionException {
        while (true) {
            List<TaskReport.Result> results;
            synchronized (this) {
                while (arrived.isEmpty() && !missing.isEmpty()) {
                    if (job.isDone()) {
                        job.get();
                        return false;
                    }
                    endWhereStalled();
                    wait(MS_TO_LOOK);
                }
                results = arrived;
                arrived = new ArrayList<>();
            }
            if (results.isEmpty()) {
                return true;
            }
            results.forEach(result -> result.addTo(merger));
        }
    }

    private void endWhereStalled() {
        if (ends || joined.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        if (joined.cardinality() < tasks && now - joinNanos > NANOS_TO_JOIN) {
            stall = (tasks - joined.cardinality()) + " of " + tasks + " tasks had no slot";
        } else if (!waiting.isEmpty() && now - waitNanos > NANOS_TO_ANSWER) {
            stall = missing.cardinality() + " of " + tasks + " tasks did not answer in time";
        }
        if (stall != null) {
            end();
        }
    }
}
