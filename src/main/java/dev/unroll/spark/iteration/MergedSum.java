package dev.unroll.spark.iteration;

import dev.unroll.worker.MessageBytes;
import dev.unroll.worker.Sum;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The sum over all tasks, or one slice of it, and what it took. As a message, little-endian, from the task that has
 * merged a slice:
 *
 * <pre>
 *   byte   0         8         16       20
 *         +---------+---------+--------+---------------------+-----------+
 *         | sendMs  | mergeMs | tasks  | headers             | root      |
 *         | double  | double  | int    | TaskResult.Header   | Sum.write |
 *         +---------+---------+--------+---------------------+-----------+
 * </pre>
 *
 * @param tasks what each of them took
 * @param sendMs time until the parameters were on their way
 * @param mergeMs time of the merging
 */
record MergedSum<S extends Sum<S>>(S root, List<TaskResult.Header> tasks, double sendMs, double mergeMs) {

    private static final int HEADER = 2 * Double.BYTES + Integer.BYTES;

    /** The same, with the time that it took to send the parameters. */
    MergedSum<S> sent(double ms) {
        return new MergedSum<>(root, tasks, ms, mergeMs);
    }

    /** Mean time until a task had the parameters, in ms. */
    double fetchMs() {
        return sendMs + mean(TaskResult.Header::fetchNanos) / 1e6;
    }

    /** Mean time of the tasks from then on, in ms. */
    double computeMs() {
        return mean(TaskResult.Header::computeNanos) / 1e6;
    }

    /** Steps of the longest task over the mean of all; 1 where there are none. */
    double balance() {
        double mean = mean(TaskResult.Header::steps);
        return mean == 0
                ? 1
                : tasks.stream().mapToLong(TaskResult.Header::steps).max().orElseThrow() / mean;
    }

    private double mean(ToLongFunction<TaskResult.Header> number) {
        return tasks.stream().mapToLong(number).average().orElse(0);
    }

    byte[] toBytes() {
        int headers = tasks.stream().mapToInt(TaskResult.Header::byteCount).sum();
        return MessageBytes.write(Math.addExact(HEADER + headers, root.byteCount()), out -> {
            out.putDouble(sendMs).putDouble(mergeMs).putInt(tasks.size());
            tasks.forEach(task -> task.write(out));
            root.write(out);
        });
    }

    /** @param read reads a sum */
    static <S extends Sum<S>> MergedSum<S> of(byte[] message, Function<ByteBuffer, S> read) {
        ByteBuffer in = MessageBytes.wrap(message);
        MessageBytes.require(in, HEADER);
        double sendMs = in.getDouble();
        double mergeMs = in.getDouble();
        int count = MessageBytes.count(in, TaskResult.Header.LEAST_BYTES, "tasks");
        List<TaskResult.Header> tasks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tasks.add(TaskResult.Header.read(in));
        }
        return new MergedSum<>(read.apply(in), tasks, sendMs, mergeMs);
    }
}
