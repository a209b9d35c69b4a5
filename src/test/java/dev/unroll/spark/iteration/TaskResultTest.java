package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossSum;
import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.EvaluationSum;
import dev.unroll.worker.MessageBytes;
import dev.unroll.worker.StreamStates;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What comes back from tasks is read as it was written, and each phase's time stands under its own name. */
class TaskResultTest {

    private static byte[] result(int shard, double loss, long fetchNanos, long computeNanos, long steps) {
        CanonicalTree<EvaluationSum> forest = new CanonicalTree<>(2);
        EvaluationSum sum = new EvaluationSum(LearningTask.CLASSIFICATION, new HeadSpec(2, false));
        sum.loss().merge(new LossSum(loss, 1, 1, 1, 1, 1));
        forest.add(shard, sum);
        return new TaskResult<>(new TaskResult.Header(fetchNanos, computeNanos, steps, "ex7"), forest).toBytes();
    }

    @Test
    void result_isReadAsItWasWritten() {
        ByteBuffer in = MessageBytes.wrap(result(0, 1, 3, 5, 7));
        assertEquals(new TaskResult.Header(3, 5, 7, "ex7"), TaskResult.Header.read(in));
        CanonicalTree<EvaluationSum> forest = new CanonicalTree<>(1);
        forest.merge(in, EvaluationSum::read);
        assertEquals(1, forest.root().loss().lossSum());
        assertEquals(0, in.remaining());
    }

    @Test
    void merging_addsForests_andTakesMeansOfTimes() {
        ResultMerger<EvaluationSum> merging = new ResultMerger<>(2, new int[0], EvaluationSum::read);
        merging.add(result(1, 10, 2_000_000, 20_000_000, 30));
        merging.add(result(0, 1, 4_000_000, 40_000_000, 10));
        MergedSum<EvaluationSum> merged = merging.merged();
        assertEquals(11, merged.root().loss().lossSum());
        assertEquals(3, merged.fetchMs());
        assertEquals(30, merged.computeMs());
        assertEquals(1.5, merged.balance());
    }

    /** The drawings in the class comments: headers of 28 and 20 bytes with the id of an executor, and of 4, little-endian, then what it is the header of. */
    @Test
    void messages_haveTheHeadersThatAreDrawn() {
        ByteBuffer result = ByteBuffer.wrap(result(0, 1, 3, 5, 7)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(List.of(3L, 5L, 7L), List.of(result.getLong(0), result.getLong(8), result.getLong(16)));
        assertEquals(3, result.getInt(24), "bytes of the executor's id");
        assertEquals("ex7", new String(result.array(), 28, 3, StandardCharsets.UTF_8));
        assertEquals(1, result.getInt(31), "nodes of the forest");

        EvaluationSum root = new EvaluationSum(LearningTask.CLASSIFICATION, new HeadSpec(2, false));
        root.loss().merge(new LossSum(6, 1, 1, 1, 1, 1));
        List<TaskResult.Header> tasks = List.of(new TaskResult.Header(3, 5, 7, "ex7"));
        byte[] message = new MergedSum<>(root, tasks, 2, 3).toBytes();
        ByteBuffer merged = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(List.of(2.0, 3.0), List.of(merged.getDouble(0), merged.getDouble(8)));
        assertEquals(List.of(1, 3L), List.of(merged.getInt(16), merged.getLong(20)));
        assertEquals(6, merged.getDouble(20 + 31), "the sum begins with its loss");
        MergedSum<EvaluationSum> read = MergedSum.of(message, EvaluationSum::read);
        assertEquals(new MergedSum<>(read.root(), tasks, 2, 3), read);
        assertEquals(6, read.root().loss().lossSum());

        StreamStates states = new StreamStates(new TreeMap<>(Map.of(9, new float[] {0.5f})));
        byte[] parameters = new ParameterMessage(new float[] {1, -2}, states).toBytes();
        ByteBuffer sent = ByteBuffer.wrap(parameters).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(List.of(2, 1, 9), List.of(sent.getInt(0), sent.getInt(12), sent.getInt(16)));
        assertEquals(List.of(1f, -2f), List.of(sent.getFloat(4), sent.getFloat(8)));
        assertArrayEquals(new float[] {1, -2}, ParameterMessage.of(parameters).theta());
        assertArrayEquals(
                new float[] {0.5f},
                ParameterMessage.of(parameters).states().byStream().get(9));
    }
}
