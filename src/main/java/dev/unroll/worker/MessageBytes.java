package dev.unroll.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The buffers in which parameters and sums travel between driver and tasks. All have one byte order, that of the usual
 * processors.
 */
public final class MessageBytes {

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private MessageBytes() {}

    /** A buffer to write a message of that many bytes into. */
    public static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocate(bytes).order(ORDER);
    }

    /** A buffer to read a message from. */
    public static ByteBuffer wrap(byte[] message) {
        return ByteBuffer.wrap(message).order(ORDER);
    }
}
