package dev.unroll.worker;

import java.nio.ByteBuffer;

/** Gradient flows with given numbers, for tests of what shows them. */
public final class TestFlows {

    private TestFlows() {}

    /** Of one layer, seen once: the norm at each lag. */
    public static GradientFlow of(double... norms) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * Integer.BYTES + norms.length * (Long.BYTES + Double.BYTES));
        bytes.putInt(1).putInt(norms.length);
        for (double norm : norms) {
            bytes.putLong(1).putDouble(norm * norm);
        }
        return GradientFlow.read(bytes.flip());
    }
}
