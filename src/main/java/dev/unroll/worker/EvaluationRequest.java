package dev.unroll.worker;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Truncation;
import java.util.Optional;

/**
 * What one evaluation of an {@code Objective} goes over, and how.
 *
 * @param batch the positions of an epoch
 * @param states that streams begin in; none for zero
 * @param sampled whether shards are noted for the noise of the gradient, and gradients of single losses followed back where every step has
 *     one
 * @param truncation in place of the problem's; empty for that
 */
public record EvaluationRequest(
        ShardPlan.Batch batch, StreamStates states, boolean sampled, Optional<Truncation> truncation) {

    /** With the problem's own truncation. */
    public EvaluationRequest(ShardPlan.Batch batch, StreamStates states, boolean sampled) {
        this(batch, states, sampled, Optional.empty());
    }

    /** The same sequences from the same states under another truncation, and nothing else. */
    public EvaluationRequest under(Truncation other) {
        return new EvaluationRequest(batch, states, false, Optional.of(other));
    }

    /** Over a batch, and nothing else. */
    public static EvaluationRequest of(ShardPlan.Batch batch) {
        return new EvaluationRequest(batch, new StreamStates(), false);
    }
}
