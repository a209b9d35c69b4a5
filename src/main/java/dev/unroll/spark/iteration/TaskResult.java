package dev.unroll.spark.iteration;

import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.MessageBytes;
import dev.unroll.worker.Sum;
import java.nio.ByteBuffer;

/**
 * What a task has computed: its forest of sums, with a header that says what it took. As a message, little-endian:
 *
 * <pre>
 *   byte   0            8              16       24
 *         +------------+--------------+--------+---------------------+
 *         | fetchNanos | computeNanos | steps  | forest              |
 *         | long       | long         | long   | CanonicalTree.write |
 *         +------------+--------------+--------+---------------------+
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
     */
    record Header(long fetchNanos, long computeNanos, long steps) {

        private static final int BYTES = 3 * Long.BYTES;

        static Header read(ByteBuffer in) {
            MessageBytes.require(in, BYTES);
            return new Header(in.getLong(), in.getLong(), in.getLong());
        }

        private void write(ByteBuffer out) {
            out.putLong(fetchNanos).putLong(computeNanos).putLong(steps);
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
        return Math.addExact(Header.BYTES, forest.byteCount());
    }

    /** Writes the message at the buffer's position. */
    void write(ByteBuffer out) {
        header.write(out);
        forest.write(out);
    }
}
