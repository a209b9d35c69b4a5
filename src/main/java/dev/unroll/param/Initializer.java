package dev.unroll.param;

import dev.unroll.math.CounterRandom;
import dev.unroll.param.ParameterLayout.Slot;

/**
 * Initial parameters with PyTorch's distributions (not its numbers): recurrent tensors uniform in +-1/sqrt(H), the head uniform in
 * +-1/sqrt(its inputs), the embedding standard normal. Each number is drawn by (seed, tensor, element), so it does not depend on the
 * other tensors.
 */
public final class Initializer {

    /** The purpose that keys these draws apart from all others. */
    private static final long PURPOSE = 1;

    private Initializer() {}

    /** A new theta for the layout. */
    public static float[] initialize(ParameterLayout layout, long seed) {
        float[] theta = new float[layout.size()];
        int ordinal = 0;
        for (Slot slot : layout.slots()) {
            fill(theta, slot, layout, new CounterRandom(seed, PURPOSE, ordinal++));
        }
        return theta;
    }

    private static void fill(float[] theta, Slot slot, ParameterLayout layout, CounterRandom random) {
        boolean normal = slot.name().startsWith("embedding.");
        double bound = normal ? 0 : 1.0 / Math.sqrt(fanIn(slot, layout));
        for (int i = 0; i < slot.size(); i++) {
            double value = normal ? random.normal(i) : (2.0 * random.uniform(i) - 1.0) * bound;
            theta[slot.offset() + i] = (float) value;
        }
    }

    /** PyTorch bounds all of {@code rnn} by its hidden size and all of {@code head} by the width of its input. */
    private static int fanIn(Slot slot, ParameterLayout layout) {
        return slot.name().startsWith("head.")
                ? layout.slot("head.weight").columns()
                : layout.slot("rnn.weight_hh_l0").columns();
    }
}
