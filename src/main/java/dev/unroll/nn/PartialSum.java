package dev.unroll.nn;

import java.util.BitSet;

/**
 * What the sequences of one shard add to.
 *
 * @param gradient in the layout of theta
 * @param touched rows of {@link Network#sparse} that are added to
 */
public record PartialSum(float[] gradient, LossSum loss, BitSet touched) {

    /** For sums whose rows nobody asks for. */
    public PartialSum(float[] gradient, LossSum loss) {
        this(gradient, loss, new BitSet());
    }
}
