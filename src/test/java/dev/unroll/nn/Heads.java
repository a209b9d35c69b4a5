package dev.unroll.nn;

/** Heads of every loss and pooling. */
public final class Heads {

    private Heads() {}

    /** With the outputs that the loss has for so many numbers. */
    public static HeadSpec of(Loss loss, int numbers, Pooling pooling) {
        HeadSpec head = loss instanceof BinaryLoss
                ? HeadSpec.ofLabels(loss, 2, pooling == Pooling.EVERY)
                : HeadSpec.ofTargets(loss, numbers, pooling == Pooling.EVERY);
        return head.with(pooling);
    }

    /** Whether there is such a head. */
    public static boolean areOf(Loss loss, Pooling pooling) {
        return pooling == Pooling.EVERY || !loss.joinsSteps();
    }
}
