package dev.unroll.train;

import dev.unroll.data.ShardPlan;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import java.util.Map;
import java.util.Optional;

/** What is minimised: takes parameters, gives sums over the data. The only thing the loop asks of where it runs. */
public interface Objective extends AutoCloseable {

    /**
     * Gradient, loss and weight of one batch, and where the time went.
     *
     * @param broadcastMs sending the parameters out, and the mean time until a task has them
     * @param computeMs mean time of the tasks from then on; of the local engine all of it
     * @param waitMs the rest of the job: what the slowest task took beyond these means, scheduling, and the results' way
     * @param mergeMs adding partial sums
     * @param balance steps of the longest task over the mean of all; 1 of the local engine
     */
    record Evaluation(
            GradientSum sum, double broadcastMs, double computeMs, double waitMs, double mergeMs, double balance) {}

    /** The gradient sum over the positions of one batch. */
    Evaluation evaluate(float[] theta, EvaluationRequest pass);

    /** The gradient sum over the positions of one batch, and nothing else. */
    default Evaluation evaluate(float[] theta, ShardPlan.Batch batch) {
        return evaluate(theta, EvaluationRequest.of(batch));
    }

    /** Metrics by name over the validation data; empty where there are none. */
    Optional<Map<String, Double>> validate(float[] theta);

    /** Frees what the data occupy. */
    @Override
    void close();
}
