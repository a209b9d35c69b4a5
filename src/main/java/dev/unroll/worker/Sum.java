package dev.unroll.worker;

import java.nio.ByteBuffer;

/**
 * A partial sum that travels from executors to the driver as plain bytes, so that neither Spark's serializer nor its registration can
 * matter.
 */
public interface Sum<S extends Sum<S>> {

    /** Becomes this + other, this being the left one. Takes over nothing of other's. */
    void merge(S other);

    /** Length of {@link #write}. */
    int byteCount();

    void write(ByteBuffer out);
}
