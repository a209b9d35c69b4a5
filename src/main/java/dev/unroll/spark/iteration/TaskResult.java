package dev.unroll.spark.iteration;

import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.MessageBytes;
import dev.unroll.worker.Sum;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What a task has computed: its forest of sums, with a header that says what it took. As a message, little-endian:
 *
 * <pre>
 *   byte   0            8              16       24       28            28 + n
 *         +------------+--------------+--------+--------+-------------+---------------------+
 *         | fetchNanos | computeNanos | steps  | n      | executor    | forest              |
 *         | long       | long         | long   | int    | n bytes     | CanonicalTree.write |
 *         +------------+--------------+--------+--------+-------------+---------------------+
 * </pre>
 *
 * <p>A message never outlives its job, so it has no version.
 */
record TaskResult<S extends Sum<S>>(Header header, CanonicalTree<S> forest) {

    /**
     * What a task took.
     *
     * @param fetchNanos until the parameters were there
     * @param computeNanos from then on
     * @param steps of all its sequences
     * @param executor where it ran: Spark's id
     */
    record Header(long fetchNanos, long computeNanos, long steps, String executor) {

        /** Of one whose executor has no name. */
        static final int LEAST_BYTES = 3 * Long.BYTES + Integer.BYTES;

        static Header read(ByteBuffer in) {
            MessageBytes.require(in, LEAST_BYTES);
            long fetchNanos = in.getLong();
            long computeNanos = in.getLong();
            long steps = in.getLong();
            byte[] executor = new byte[MessageBytes.count(in, 1, "bytes of an executor's id")];
            in.get(executor);
            return new Header(fetchNanos, computeNanos, steps, new String(executor, StandardCharsets.UTF_8));
        }

        void write(ByteBuffer out) {
            byte[] id = executor.getBytes(StandardCharsets.UTF_8);
            out.putLong(fetchNanos)
                    .putLong(computeNanos)
                    .putLong(steps)
                    .putInt(id.length)
                    .put(id);
        }

        int byteCount() {
            return LEAST_BYTES + executor.getBytes(StandardCharsets.UTF_8).length;
        }
    }

    byte[] toBytes() {
        return MessageBytes.write(byteCount(), this::write);
    }

    /** The message with one slice of the forest in place of the whole. */
    byte[] toBytes(CanonicalTree<S> slice) {
        return new TaskResult<>(header, slice).toBytes();
    }

    /** Bytes of the message. */
    int byteCount() {
        return Math.addExact(header.byteCount(), forest.byteCount());
    }

    /** Writes the message at the buffer's position. */
    void write(ByteBuffer out) {
        header.write(out);
        forest.write(out);
    }
}
