package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossSum;
import dev.unroll.nn.NetworkSpec.HeadSpec;
import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.EvaluationSum;
import org.junit.jupiter.api.Test;

/** What comes back from tasks is read as it was written, and each phase's time stands under its own name. */
class TaskResultTest {

    private static byte[] result(int shard, double loss, long fetchNanos, long computeNanos, long steps) {
        CanonicalTree<EvaluationSum> forest = new CanonicalTree<>(2);
        EvaluationSum sum = new EvaluationSum(LearningTask.CLASSIFICATION, new HeadSpec(2, false));
        sum.loss().merge(new LossSum(loss, 1, 1, 1, 1, 1));
        forest.add(shard, sum);
        return new TaskResult<>(forest, fetchNanos, computeNanos, steps).toBytes();
    }

    @Test
    void result_isReadAsItWasWritten() {
        byte[] result = result(0, 1, 3, 5, 7);
        assertEquals(3, TaskResult.fetchNanos(result));
        assertEquals(5, TaskResult.computeNanos(result));
        assertEquals(7, TaskResult.steps(result));
    }

    @Test
    void merging_addsForests_andTakesMeansOfTimes() {
        ResultMerger<EvaluationSum> merging = new ResultMerger<>(2, new int[0], EvaluationSum::read);
        merging.add(result(1, 10, 2_000_000, 20_000_000, 30));
        merging.add(result(0, 1, 4_000_000, 40_000_000, 10));
        assertEquals(11, merging.root().loss().lossSum());
        assertEquals(3, merging.fetchMs());
        assertEquals(30, merging.computeMs());
        assertEquals(1.5, merging.balance());
    }
}
