package dev.unroll.nn;

/**
 * The arrays that one thread needs to run a {@link Network} over one batch after another. They grow to the largest
 * batch and are then reused. Not thread-safe.
 */
public final class Workspace {

    final RecurrentStack.Buffers stack;
    final Head.Buffers head = new Head.Buffers();

    Workspace(RecurrentStack.Buffers stack) {
        this.stack = stack;
        this.head.statics = stack.statics == null ? null : stack.statics.head;
    }

    /** Bytes of all arrays that grow with a batch. */
    public long bytes() {
        return stack.bytes() + head.crf.bytes() + Float.BYTES * ((long) head.outputs.length + head.predictions.length);
    }

    /** The first output row in the workspace; not 0 only while {@link Network#evaluate} goes through a batch. */
    public int firstOutput() {
        return head.first;
    }

    /** Number of output rows: of the whole batch N, or B where only the last state is read. */
    public int outputs() {
        return head.rows;
    }

    /**
     * After {@link Network#forward} the outputs, after {@link Network#probabilities} probabilities; (outputs(), C),
     * row-major.
     */
    public float[] values() {
        return head.outputs;
    }

    /** After {@link Network#forward}: the most probable class of each output row. */
    public int[] predictions() {
        return head.predictions;
    }
}
