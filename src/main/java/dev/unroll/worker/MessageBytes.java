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

    /**
     * Reads a count of elements, each of which has at least that many bytes in what follows.
     *
     * @throws IllegalStateException if the message cannot hold so many: nothing is allocated by a number that lies
     */
    public static int count(ByteBuffer in, long bytesEach, String what) {
        require(in, Integer.BYTES);
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / bytesEach) {
            throw damaged("it says that there are " + count + " " + what);
        }
        return count;
    }

    /** @throws IllegalStateException if the message ends before that many bytes */
    public static void require(ByteBuffer in, long bytes) {
        if (bytes < 0 || bytes > in.remaining()) {
            throw damaged("it ends early, " + in.remaining() + " bytes before its end there should be " + bytes);
        }
    }

    /** @throws IllegalStateException unless two sums that are to be added have the same size */
    static void requireSame(int here, int other, String what) {
        if (here != other) {
            throw damaged("it has " + other + " " + what + ", and the sum that it belongs to has " + here);
        }
    }

    /** What every reader of a message throws where the bytes are no message of this training. */
    static IllegalStateException damaged(String why) {
        return new IllegalStateException("a message between driver and executors is damaged: " + why);
    }

    /** A buffer over a message, to read it. */
    public static ByteBuffer wrap(byte[] message) {
        return ByteBuffer.wrap(message).order(ORDER);
    }
}
