package dev.unroll.nn;

import dev.unroll.nn.NetworkSpec.HeadSpec;

/** Heads of every loss and pooling. */
public final class Heads {

    private Heads() {}

    /** With the outputs that the loss has for so many numbers. */
    public static HeadSpec of(Loss loss, int numbers, Pooling pooling) {
        return HeadSpec.ofTargets(loss, numbers, pooling == Pooling.EVERY).with(pooling);
    }

    /** Whether there is such a head. */
    public static boolean areOf(Loss loss, Pooling pooling) {
        return pooling == Pooling.EVERY || !loss.joinsSteps();
    }
}
