package dev.unroll.spark.iteration;

import dev.unroll.worker.GradientSum;
import dev.unroll.worker.MessageBytes;
import java.nio.ByteBuffer;

/**
 * What a resident task calls the driver with: what it has computed, so that it may have the next {@link Order}. As a
 * message between processes, little-endian:
 *
 * <pre>
 *   byte   0       8           12         20
 *         +-------+-----------+----------+--------------------------------+
 *         | group | partition | answered | TaskResult; nothing before the |
 *         | long  | int       | long     | first order was computed       |
 *         +-------+-----------+----------+--------------------------------+
 * </pre>
 *
 * @param group of whose orders the task takes
 * @param partition of the group's job
 * @param answered the number of the order that was computed; 0 for none yet
 * @param result of that order; null for none yet
 */
record TaskReport(long group, int partition, long answered, Result result) {

    private static final int HEADER = 2 * Long.BYTES + Integer.BYTES;

    /** What was computed, as it has come. */
    interface Result {
        void addTo(ResultMerger<GradientSum> merger);
    }

    /** What a task calls with first. */
    static TaskReport joins(long group, int partition) {
        return new TaskReport(group, partition, 0, null);
    }

    /** With the result of an order. */
    TaskReport with(long order, TaskResult<GradientSum> computed) {
        return new TaskReport(group, partition, order, new InProcess(computed));
    }

    byte[] toBytes() {
        TaskResult<GradientSum> computed = result == null ? null : ((InProcess) result).computed;
        return MessageBytes.write(Math.addExact(HEADER, computed == null ? 0 : computed.byteCount()), out -> {
            out.putLong(group).putInt(partition).putLong(answered);
            if (computed != null) {
                computed.write(out);
            }
        });
    }

    /** @param message a report, or its bytes */
    static TaskReport of(Object message) {
        if (message instanceof TaskReport report) {
            return report;
        }
        ByteBuffer in = MessageBytes.wrap((byte[]) message);
        MessageBytes.require(in, HEADER);
        long group = in.getLong();
        int partition = in.getInt();
        long answered = in.getLong();
        Result result = !in.hasRemaining() ? null : merger -> merger.add(in);
        return new TaskReport(group, partition, answered, result);
    }

    private record InProcess(TaskResult<GradientSum> computed) implements Result {
        @Override
        public void addTo(ResultMerger<GradientSum> merger) {
            merger.add(computed);
        }
    }
}
