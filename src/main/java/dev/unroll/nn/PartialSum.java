package dev.unroll.nn;

import java.util.BitSet;

/**
 * The sums to which the sequences of one shard add.
 *
 * @param gradient in the layout of theta
 * @param touched running numbers of the rows of {@link Network#sparse} that are added to
 * @param empty whether the gradient is zero whatever the array holds, but for {@link Network#sparse}, which holds its
 *     zeros: the kernel writes every element, and reads none before; for one batch, the first of the sum
 */
public record PartialSum(float[] gradient, LossSum loss, BitSet touched, boolean empty) {

    /** Without interest in the touched rows, added to what the array holds. */
    public PartialSum(float[] gradient, LossSum loss) {
        this(gradient, loss, new BitSet(), false);
    }
}
