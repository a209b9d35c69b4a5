package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Draws;
import dev.unroll.nn.Unrolling;

/**
 * One evaluation of the gradient as a worker sees it: what is learnt, which sequences the batch takes, and what was
 * asked for.
 */
record GradientJob(Problem problem, ShardPlan plan, EvaluationRequest request) {

    Draws draws() {
        return new Draws(plan.seed(), request.batch().epoch(), plan.shards());
    }

    Unrolling unrolling() {
        return request.truncation().map(problem.unrolling()::with).orElse(problem.unrolling());
    }

    /** The stream whose window sequence b of a packed batch is. */
    int stream(SequenceBatch batch, int b) {
        return (int) (draws().ordinal(batch, b) % plan.batchSize());
    }
}
