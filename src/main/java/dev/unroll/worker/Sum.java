package dev.unroll.worker;

import java.nio.ByteBuffer;

/** A partial sum that travels from executors to the driver as plain bytes, whatever serializer the session has. */
public interface Sum<S extends Sum<S>> {

    /** Becomes this + other, this being the left one. No array of the other is taken over. */
    void merge(S other);

    /** Length of {@link #write}. */
    int byteCount();

    /** Writes this sum at the buffer's position, in the buffer's byte order. */
    void write(ByteBuffer out);
}
