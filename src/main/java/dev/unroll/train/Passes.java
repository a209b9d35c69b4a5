package dev.unroll.train;

import dev.unroll.data.ShardPlan;
import dev.unroll.optim.LossFunction;

/** The objective as the function that an optimiser minimises: the mean loss of one iteration's batch. Keeps what it cost. */
final class Passes implements LossFunction {

    private final Objective objective;
    private final ShardPlan plan;
    private long iteration;
    private ShardPlan.Batch batch;
    private Objective.Evaluation evaluation;
    private long nanos;

    Passes(Objective objective, ShardPlan plan) {
        this.objective = objective;
        this.plan = plan;
    }

    /** Goes on to the batch of that iteration. */
    ShardPlan.Batch next(long iteration) {
        this.iteration = iteration;
        batch = plan.batch(iteration - 1);
        nanos = 0;
        return batch;
    }

    /** @throws TrainingException if the loss is not finite before the update */
    @Override
    public Point at(float[] theta) {
        long start = System.nanoTime();
        evaluation = objective.evaluate(theta, batch);
        nanos += System.nanoTime() - start;
        double loss = evaluation.sum().loss().meanLoss();
        Trainer.requireFinite("loss", loss, iteration);
        return new Point(loss, evaluation.sum().mean());
    }

    /** The sums at theta as it was before the update, and where the time of the iteration went. */
    Objective.Evaluation evaluation() {
        return evaluation;
    }

    /** Time of this iteration's evaluations. */
    long nanos() {
        return nanos;
    }
}
