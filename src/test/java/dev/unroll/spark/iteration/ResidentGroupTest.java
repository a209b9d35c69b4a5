package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.GradientSum;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who calls when, and what each is answered: tasks that come late, come again, come twice or never. */
@Timeout(60)
class ResidentGroupTest {

    private static final Future<?> RUNS = new CompletableFuture<>();

    private final ResidentGroup group = new ResidentGroup(2);

    /** A task, as the group sees it: what it was answered. */
    private final class Task {
        final int partition;
        final List<Object> answers = new ArrayList<>();

        Task(int partition) {
            this.partition = partition;
        }

        Task joins() {
            group.called(TaskReport.joins(1, partition), answers::add);
            return this;
        }

        /** Calls with a gradient of one number. */
        void answers(long order, float gradient) {
            GradientSum sum = new GradientSum(1);
            sum.gradient()[0] = gradient;
            CanonicalTree<GradientSum> forest = new CanonicalTree<>(2);
            forest.add(partition, sum);
            TaskResult.Header header = new TaskResult.Header(0, 0, 1, "0");
            group.called(TaskReport.joins(1, partition).with(order, new TaskResult<>(header, forest)), answers::add);
        }

        Object latest() {
            return answers.isEmpty() ? null : answers.get(answers.size() - 1);
        }
    }

    private float merged() throws InterruptedException, ExecutionException {
        ResultMerger<GradientSum> merger = new ResultMerger<>(2, new int[0], in -> GradientSum.read(in, 1));
        assertTrue(group.merge(merger, RUNS));
        return merger.merged().root().gradient()[0];
    }

    @Test
    void tasksThatWait_getEachOrderOnce() throws Exception {
        Task left = new Task(0).joins();
        Task right = new Task(1).joins();
        assertTrue(left.answers.isEmpty());
        group.next("first");
        left.answers(1, 1);
        right.answers(1, 2);
        assertEquals(3, merged());
        group.next("second");
        right.answers(2, 20);
        left.answers(2, 10);
        assertEquals(30, merged());
        assertEquals(List.of("first", "second"), left.answers);
        assertEquals(List.of("first", "second"), right.answers);
    }

    @Test
    void aTaskThatComesLate_getsTheOrderOfNow() throws Exception {
        group.next("first");
        Task left = new Task(0).joins();
        Task right = new Task(1).joins();
        assertEquals("first", left.latest());
        left.answers(1, 1);
        assertEquals("first", right.latest());
        right.answers(1, 2);
        assertEquals(3, merged());
    }

    @Test
    void aRetry_computesTheOrderOfNowAgain_andWhatTheLostTaskStillSays_isDropped() throws Exception {
        Task left = new Task(0).joins();
        Task lost = new Task(1).joins();
        group.next("first");
        left.answers(1, 1);
        Task again = new Task(1).joins();
        assertEquals("first", again.latest());
        again.answers(1, 2);
        assertEquals(3, merged());
        group.next("second");
        left.answers(2, 10);
        lost.answers(1, 99); // of an order that is over
        assertEquals("second", lost.latest(), "so it may help with the one of now");
        lost.answers(2, 20);
        again.answers(2, 99); // too late
        assertEquals(30, merged());
    }

    @Test
    void ends_dismissesTasksAsSoonAsTheirResultIsThere() throws Exception {
        Task left = new Task(0).joins();
        Task right = new Task(1).joins();
        group.next("only");
        left.answers(1, 1);
        group.end();
        assertSame(Order.END, left.latest());
        assertEquals("only", right.latest());
        right.answers(1, 2);
        assertSame(Order.END, right.latest());
        assertEquals(3, merged());
        assertSame(Order.END, new Task(1).joins().latest(), "a copy that comes after the end");
        assertTrue(group.stall().isEmpty());
    }

    /** The one slot is freed, so that the other task can have it. */
    @Test
    void aTaskWithoutASlot_endsTheGroup_andGetsOne() throws Exception {
        group.next("only");
        Task left = new Task(0).joins();
        left.answers(1, 1);
        Thread slot = new Thread(() -> {
            while (left.latest() != Order.END) {
                Thread.onSpinWait();
            }
            new Task(1).joins().answers(1, 2);
        });
        slot.start();
        assertEquals(3, merged());
        slot.join();
        assertTrue(group.ends());
        assertEquals("1 of 2 tasks had no slot", group.stall().orElseThrow());
    }

    @Test
    void aTaskThatDoesNotAnswer_endsTheGroup() throws Exception {
        Task left = new Task(0).joins();
        Task right = new Task(1).joins();
        group.next("only");
        left.answers(1, 1);
        Thread late = new Thread(() -> {
            while (left.latest() != Order.END) {
                Thread.onSpinWait();
            }
            right.answers(1, 2);
        });
        late.start();
        assertEquals(3, merged());
        late.join();
        assertEquals("1 of 2 tasks did not answer in time", group.stall().orElseThrow());
    }

    @Test
    void aJobThatEndsWithoutResults_orFails_isNoticed() throws Exception {
        ResultMerger<GradientSum> merger = new ResultMerger<>(2, new int[0], in -> GradientSum.read(in, 1));
        group.next("first");
        assertFalse(group.merge(merger, CompletableFuture.completedFuture(null)));
        Exception cancelled = new Exception("cancelled");
        ExecutionException failed = assertThrows(
                ExecutionException.class, () -> group.merge(merger, CompletableFuture.failedFuture(cancelled)));
        assertSame(cancelled, failed.getCause());
    }
}
