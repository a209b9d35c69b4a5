package dev.unroll.nn;

import java.util.BitSet;

/**
 * The sums to which the sequences of one shard add.
 *
 * @param gradient in the layout of theta
 * @param touched rows of {@link Network#sparse} that are added to
 */
public record PartialSum(float[] gradient, LossSum loss, BitSet touched) {

    /** Without interest in the touched rows. */
    public PartialSum(float[] gradient, LossSum loss) {
        this(gradient, loss, new BitSet());
    }
}
