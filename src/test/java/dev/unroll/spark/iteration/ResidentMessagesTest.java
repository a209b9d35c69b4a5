package dev.unroll.spark.iteration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Truncation;
import dev.unroll.testing.SparkTest;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.StreamStates;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What driver and tasks that stay say to each other, as the bytes that travel between processes. */
@SparkTest
class ResidentMessagesTest {

    private static final float[] THETA = {1.5f, Float.MIN_VALUE, -0f};
    private static final ShardPlan.Batch BATCH = new ShardPlan.Batch(3, 16, 32);

    private static EvaluationRequest request() {
        SortedMap<Integer, float[]> states = new TreeMap<>();
        states.put(2, new float[] {7, 8});
        return new EvaluationRequest(BATCH, new StreamStates(states), true, Optional.of(new Truncation(4, 1)));
    }

    private static ParameterMessage message() {
        return new ParameterMessage(THETA, request().states());
    }

    private static byte[] bytes() {
        return Order.of(9, request(), ResidentMessagesTest::message).toBytes();
    }

    private static void assertTheOrder(Order read) {
        assertEquals(9, read.number());
        assertEquals(BATCH, read.batch());
        assertEquals(new Truncation(4, 1), read.truncation());
        assertTrue(read.sampled());
        assertArrayEquals(THETA, read.parameters().get().theta());
        assertArrayEquals(
                new float[] {7, 8}, read.parameters().get().states().byStream().get(2));
    }

    @Test
    void order_withItsParameters() {
        assertTheOrder(Order.of(bytes()));
    }

    @Test
    void order_withABroadcast_hasNoParametersOfItsOwn(JavaSparkContext context) {
        Broadcast<byte[]> broadcast = context.broadcast(message().toBytes());
        byte[] bytes =
                Order.of(9, request(), new Parameters.OfBroadcast(broadcast)).toBytes();
        int head = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
        assertEquals(Integer.BYTES + head, bytes.length);
        assertTheOrder(Order.of(bytes));
    }

    @Test
    void report_ofATaskThatJoins() {
        TaskReport read = TaskReport.of(TaskReport.joins(1L << 40, 5).toBytes());
        assertEquals(TaskReport.joins(1L << 40, 5), read);
        assertNull(read.result());
    }

    /** Nothing is allocated by a number that lies. */
    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MAX_VALUE, 1_000_000})
    void orderWhoseHeadIsLongerThanItself_isDamaged(int length) {
        byte[] bytes = bytes();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(length);
        assertThrows(IllegalStateException.class, () -> Order.of(bytes));
    }

    @Test
    void reportThatEndsEarly_isDamaged() {
        byte[] bytes = TaskReport.joins(1, 0).toBytes();
        assertThrows(IllegalStateException.class, () -> TaskReport.of(Arrays.copyOf(bytes, bytes.length - 1)));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 2, Integer.MAX_VALUE})
    void reportOfAPartitionThatThereIsNot_isRefused(int partition) {
        ResidentGroup group = new ResidentGroup(2);
        assertThrows(IllegalStateException.class, () -> group.called(TaskReport.joins(1, partition), answer -> {}));
    }
}
