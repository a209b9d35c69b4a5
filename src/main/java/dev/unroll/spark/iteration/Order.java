package dev.unroll.spark.iteration;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Truncation;
import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.MessageBytes;
import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.broadcast.Broadcast;

/**
 * What the driver answers a resident task: the next evaluation to compute. As a message between processes,
 * little-endian:
 *
 * <pre>
 *   byte   0        4               4 + h
 *         +--------+---------------+-----------------------------------+
 *         | h      | head          | ParameterMessage; nothing where   |
 *         | int    | ObjectBytes   | the head has a broadcast of it    |
 *         +--------+---------------+-----------------------------------+
 * </pre>
 *
 * <p>A message of no bytes ends the task.
 *
 * @param number of the evaluation within its group, from 1
 */
record Order(long number, ShardPlan.Batch batch, boolean sampled, Truncation truncation, Parameters parameters) {

    /** The answer that ends a task. */
    static final byte[] END = {};

    /** @param message null where it was broadcast */
    private record Head(
            long number, ShardPlan.Batch batch, boolean sampled, Truncation truncation, Broadcast<byte[]> message)
            implements Serializable {}

    static Order of(long number, EvaluationRequest request, Parameters parameters) {
        return new Order(
                number, request.batch(), request.sampled(), request.truncation().orElse(null), parameters);
    }

    byte[] toBytes() {
        Broadcast<byte[]> broadcast = parameters instanceof Parameters.OfBroadcast sent ? sent.message() : null;
        byte[] head = ObjectBytes.write(new Head(number, batch, sampled, truncation, broadcast));
        ParameterMessage message = broadcast == null ? parameters.get() : null;
        return MessageBytes.write(
                Math.addExact(Integer.BYTES + head.length, message == null ? 0 : message.byteCount()), out -> {
                    out.putInt(head.length).put(head);
                    if (message != null) {
                        message.write(out);
                    }
                });
    }

    /** @param answer an order, or its bytes, which are not {@link #END} */
    static Order of(Object answer) {
        if (answer instanceof Order order) {
            return order;
        }
        ByteBuffer in = MessageBytes.wrap((byte[]) answer);
        byte[] bytes = new byte[MessageBytes.count(in, 1, "bytes of an order's head")];
        in.get(bytes);
        Head head = ObjectBytes.read(bytes);
        Parameters parameters = head.message == null
                ? () -> ParameterMessage.read(in.duplicate().order(in.order()))
                : new Parameters.OfBroadcast(head.message);
        return new Order(head.number, head.batch, head.sampled, head.truncation, parameters);
    }
}
