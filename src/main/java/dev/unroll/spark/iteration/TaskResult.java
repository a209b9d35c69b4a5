package dev.unroll.spark.iteration;

import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.Sum;
import java.nio.ByteBuffer;

/**
 * What a task has computed.
 *
 * @param fetchNanos until the parameters were there
 * @param computeNanos that it took from then on
 * @param steps that it walked
 */
record TaskResult<S extends Sum<S>>(CanonicalTree<S> forest, long fetchNanos, long computeNanos, long steps) {

    private static final int TRAILER = 3 * Long.BYTES;

    byte[] toBytes() {
        return toBytes(forest);
    }

    /** A forest, this one or a slice of it, and behind it the nanoseconds and steps. */
    byte[] toBytes(CanonicalTree<S> some) {
        byte[] result = some.toBytes(TRAILER);
        ByteBuffer.wrap(result)
                .position(result.length - TRAILER)
                .putLong(fetchNanos)
                .putLong(computeNanos)
                .putLong(steps);
        return result;
    }

    static long fetchNanos(byte[] result) {
        return ByteBuffer.wrap(result).getLong(result.length - TRAILER);
    }

    static long computeNanos(byte[] result) {
        return ByteBuffer.wrap(result).getLong(result.length - 2 * Long.BYTES);
    }

    static long steps(byte[] result) {
        return ByteBuffer.wrap(result).getLong(result.length - Long.BYTES);
    }
}
