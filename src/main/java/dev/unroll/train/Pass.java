package dev.unroll.train;

import dev.unroll.data.ShardPlan;

/**
 * What one evaluation of an {@link Objective} goes over, and how.
 *
 * @param batch the positions of an epoch
 * @param states that streams begin in; none for zero
 * @param sampled whether shards are noted for the noise of the gradient, and gradients of single losses followed back where every step has
 *     one
 */
public record Pass(ShardPlan.Batch batch, StreamStates states, boolean sampled) {

    /** Over a batch, and nothing else. */
    public static Pass of(ShardPlan.Batch batch) {
        return new Pass(batch, new StreamStates(), false);
    }
}
