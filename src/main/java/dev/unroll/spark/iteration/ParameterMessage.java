package dev.unroll.spark.iteration;

import dev.unroll.worker.MessageBytes;
import dev.unroll.worker.StreamStates;
import java.nio.ByteBuffer;

/**
 * What goes out to the tasks: parameters, and the states that streams begin in. As a message, little-endian:
 *
 * <pre>
 *   byte   0       4                4 + 4 P
 *         +-------+----------------+--------------------+
 *         | P     | theta          | states             |
 *         | int   | P times float  | StreamStates.write |
 *         +-------+----------------+--------------------+
 * </pre>
 */
record ParameterMessage(float[] theta, StreamStates states) {

    byte[] toBytes() {
        return MessageBytes.write(byteCount(), this::write);
    }

    /** Bytes of the message. */
    int byteCount() {
        int theta = Math.addExact(Integer.BYTES, Math.multiplyExact(Float.BYTES, this.theta.length));
        return Math.addExact(theta, states.byteCount());
    }

    /** Writes the message at the buffer's position. */
    void write(ByteBuffer out) {
        out.putInt(theta.length).asFloatBuffer().put(theta);
        states.write(out.position(out.position() + Float.BYTES * theta.length));
    }

    static ParameterMessage of(byte[] message) {
        return read(MessageBytes.wrap(message));
    }

    /** Reads the message at the buffer's position. */
    static ParameterMessage read(ByteBuffer in) {
        float[] theta = new float[MessageBytes.count(in, Float.BYTES, "parameters")];
        in.asFloatBuffer().get(theta);
        return new ParameterMessage(theta, StreamStates.read(in.position(in.position() + Float.BYTES * theta.length)));
    }
}
