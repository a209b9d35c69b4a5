package dev.unroll.worker;

import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Truncation;
import java.util.Optional;

/**
 * What one evaluation of an {@code Objective} is asked for.
 *
 * @param batch the positions of the epoch that it sums over
 * @param states that streams begin in; none for zero
 * @param sampled whether the update is observed more closely: shards are noted for the noise of the gradient, and where
 *     every step has a loss the gradients of single ones are followed back
 * @param truncation in place of the problem's own; empty for that
 */
public record EvaluationRequest(
        ShardPlan.Batch batch, StreamStates states, boolean sampled, Optional<Truncation> truncation) {

    /** With the problem's own truncation. */
    public EvaluationRequest(ShardPlan.Batch batch, StreamStates states, boolean sampled) {
        this(batch, states, sampled, Optional.empty());
    }

    /** The gradient of the same sequences, from the same states, under another truncation; nothing is observed. */
    public EvaluationRequest under(Truncation other) {
        return new EvaluationRequest(batch, states, false, Optional.of(other));
    }

    /** The gradient of a batch whose streams, if it has any, begin in zero. */
    public static EvaluationRequest of(ShardPlan.Batch batch) {
        return new EvaluationRequest(batch, new StreamStates(), false);
    }
}
