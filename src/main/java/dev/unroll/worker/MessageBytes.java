package dev.unroll.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * The buffers in which parameters and sums travel between driver and tasks. All have one byte order, that of the usual
 * processors.
 */
public final class MessageBytes {

    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private MessageBytes() {}

    /** A message of that many bytes, as {@code writer} writes it. */
    public static byte[] write(int bytes, Consumer<ByteBuffer> writer) {
        byte[] message = new byte[bytes];
        writer.accept(wrap(message));
        return message;
    }

    /** A buffer over a message, to read it. */
    public static ByteBuffer wrap(byte[] message) {
        return ByteBuffer.wrap(message).order(ORDER);
    }
}
