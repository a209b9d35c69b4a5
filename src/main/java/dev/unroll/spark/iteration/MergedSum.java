package dev.unroll.spark.iteration;

import dev.unroll.worker.MessageBytes;
import dev.unroll.worker.Sum;
import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * The sum over all tasks, or one slice of it, and what it took. As a message, little-endian, from the task that has
 * merged a slice:
 *
 * <pre>
 *   byte   0         8           16        24        32
 *         +---------+-----------+---------+---------+-----------+
 *         | fetchMs | computeMs | mergeMs | balance | root      |
 *         | double  | double    | double  | double  | Sum.write |
 *         +---------+-----------+---------+---------+-----------+
 * </pre>
 *
 * @param fetchMs mean time until a task had the parameters
 * @param computeMs mean time of the tasks from then on
 * @param mergeMs time of the merging
 * @param balance steps of the longest task over the mean of all
 */
record MergedSum<S extends Sum<S>>(S root, double fetchMs, double computeMs, double mergeMs, double balance) {

    private static final int HEADER = 4 * Double.BYTES;

    byte[] toBytes() {
        return MessageBytes.write(Math.addExact(HEADER, root.byteCount()), out -> {
            out.putDouble(fetchMs).putDouble(computeMs).putDouble(mergeMs).putDouble(balance);
            root.write(out);
        });
    }

    /** @param read reads a sum */
    static <S extends Sum<S>> MergedSum<S> of(byte[] message, Function<ByteBuffer, S> read) {
        ByteBuffer in = MessageBytes.wrap(message);
        MessageBytes.require(in, HEADER);
        double fetchMs = in.getDouble();
        double computeMs = in.getDouble();
        double mergeMs = in.getDouble();
        double balance = in.getDouble();
        return new MergedSum<>(read.apply(in), fetchMs, computeMs, mergeMs, balance);
    }
}
