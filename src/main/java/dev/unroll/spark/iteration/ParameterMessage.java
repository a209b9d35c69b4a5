package dev.unroll.spark.iteration;

import dev.unroll.worker.StreamStates;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What goes out to the tasks: parameters, and the states that streams begin in. */
record ParameterMessage(float[] theta, StreamStates states) {

    byte[] toBytes() {
        int floats = Math.multiplyExact(Float.BYTES, theta.length);
        ByteBuffer bytes = ByteBuffer.allocate(Math.addExact(Math.addExact(Integer.BYTES, floats), states.byteCount()))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(theta.length).asFloatBuffer().put(theta);
        states.write(bytes.position(Integer.BYTES + floats));
        return bytes.array();
    }

    static ParameterMessage of(byte[] broadcast) {
        ByteBuffer bytes = ByteBuffer.wrap(broadcast).order(ByteOrder.LITTLE_ENDIAN);
        float[] theta = new float[bytes.getInt()];
        bytes.asFloatBuffer().get(theta);
        return new ParameterMessage(
                theta, StreamStates.read(bytes.position(Integer.BYTES + Float.BYTES * theta.length)));
    }
}
