package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.testing.SparkTest;
import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.JobCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskKilled;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Groups of updates by one job: the same bits as a job for each, few jobs, and never a deadlock. */
@Tag("slow")
@SparkTest
@Timeout(120)
class ResidentTasksTest {

    private static final SmallRun RUN = new SmallRun("lstm", false, 16, 8, "adam");

    /** What Spark did meanwhile. */
    private static final class Seen extends SparkListener implements AutoCloseable {
        private final JavaSparkContext context;
        private final Queue<Integer> jobs = new ConcurrentLinkedQueue<>();
        private final Queue<Long> tasks = new ConcurrentLinkedQueue<>();
        private final AtomicInteger killed = new AtomicInteger();

        Seen(JavaSparkContext context) {
            this.context = context;
            context.sc().addSparkListener(this);
        }

        @Override
        public void onJobStart(SparkListenerJobStart start) {
            jobs.add(start.jobId());
        }

        @Override
        public void onTaskStart(SparkListenerTaskStart start) {
            tasks.add(start.taskInfo().taskId());
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd end) {
            if (end.reason() instanceof TaskKilled) {
                killed.incrementAndGet();
            }
        }

        int killed() {
            waitForEvents();
            return killed.get();
        }

        int jobs() {
            waitForEvents();
            return jobs.size();
        }

        void killTasks() {
            waitForEvents();
            tasks.forEach(task -> context.sc().killTaskAttempt(task, true, "as a test"));
        }

        private void waitForEvents() {
            try {
                context.sc().listenerBus().waitUntilEmpty();
            } catch (TimeoutException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            context.sc().removeSparkListener(this);
        }
    }

    private static IterationListener at(int iteration, Runnable action) {
        return new IterationListener() {
            @Override
            public void onIteration(IterationReport report) {
                if (report.iteration() == iteration) {
                    action.run();
                }
            }
        };
    }

    /** A slow machine needs some groups more. That an epoch ends does not end a group. */
    @ParameterizedTest
    @CsvSource({"1, 20, 20", "7, 3, 6", "0, 1, 4"})
    void updatesPerJob_changesTheNumberOfJobs_andNoBit(
            int updatesPerJob, int fewest, int most, JavaSparkContext context) {
        try (Seen seen = new Seen(context)) {
            assertEquals(RUN.local(1), RUN.spark(context, 2, updatesPerJob, List.of()));
            int jobs = seen.jobs();
            assertTrue(fewest <= jobs && jobs <= most, jobs + " jobs");
        }
    }

    /** Spark starts a killed task again, which joins at the update of now. */
    @Test
    void tasksThatAreKilled_comeBack(JavaSparkContext context) {
        try (Seen seen = new Seen(context)) {
            List<IterationListener> kills = new ArrayList<>();
            for (int iteration : new int[] {2, 5, 6, 11}) {
                kills.add(at(iteration, seen::killTasks));
            }
            assertEquals(RUN.local(1), RUN.spark(context, 2, 0, kills));
            assertTrue(seen.killed() > 0, "no task was killed");
        }
    }

    /** More trainings than slots, each of which wants all of them. */
    @Test
    void trainingsAtOnce_endWithTheirBits(JavaSparkContext context) throws Exception {
        String expected = RUN.local(1);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<String>> hashes = new ArrayList<>();
            Queue<JobCounts> counts = new ConcurrentLinkedQueue<>();
            List<IterationListener> counting = List.of(report -> counts.add(report.jobs()));
            for (int n = 0; n < 4; n++) {
                hashes.add(threads.submit(() -> RUN.spark(context, 2, 0, counting)));
            }
            for (Future<String> hash : hashes) {
                assertEquals(expected, hash.get());
            }
            assertTrue(counts.stream().anyMatch(count -> count.jobs() < count.evaluations()), "all were jobs");
        } finally {
            threads.shutdownNow();
        }
    }

    /** Tasks for four slots where Spark has two: the group ends, and jobs do the updates. */
    @Test
    @SparkTest(settings = "spark.default.parallelism=4")
    void moreTasksThanSlots_endTheGroup_andAreCounted(JavaSparkContext context) {
        List<JobCounts> counts = new ArrayList<>();
        List<IterationListener> counting = List.of(report -> counts.add(report.jobs()));
        assertEquals(RUN.local(1), RUN.spark(context, 4, 0, counting));
        JobCounts last = counts.get(counts.size() - 1);
        assertEquals(counts.size(), last.evaluations());
        assertTrue(last.fallbacks() > 0 && last.fallbacks() < last.jobs(), last.toString());
        assertEquals("2 of 4 tasks had no slot", last.reason());
    }

    /** A listener that uses Spark itself gets the slots. */
    @Test
    void aListenerThatRunsAJob_waitsForTheEndOfTheGroup(JavaSparkContext context) {
        IterationListener counts = at(
                3,
                () -> assertEquals(
                        4, context.parallelize(List.of(1, 2, 3, 4), 2).count()));
        assertEquals(RUN.local(1), RUN.spark(context, 2, 0, List.of(counts)));
    }

    @Test
    void cancelledJobs_endTheTraining_andFreeTheSlots(JavaSparkContext context) {
        IterationListener cancels = at(4, () -> {
            context.sc().cancelAllJobs();
            while (context.statusTracker().getActiveJobIds().length > 0) {
                Thread.onSpinWait();
            }
        });
        Exception failure = assertThrows(Exception.class, () -> RUN.spark(context, 2, 0, List.of(cancels)));
        assertTrue(failure.getMessage().contains("cancelled"), failure.toString());
        assertEquals(4, context.parallelize(List.of(1, 2, 3, 4), 2).count());
    }
}
