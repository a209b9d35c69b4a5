package dev.unroll.train;

import dev.unroll.data.ShardPlan;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import java.util.Map;
import java.util.Optional;

/**
 * What is minimised: takes parameters, gives sums over the data. The loop asks nothing else of the place where it runs.
 */
public interface Objective extends AutoCloseable {

    /**
     * Gradient, loss and weight of one batch.
     *
     * @param phases where the time went; none of it was the optimiser's
     * @param balance steps of the longest task over the mean of all; 1 of the local engine
     */
    record Evaluation(GradientSum sum, Phases phases, double balance) {}

    /** The gradient sum over the positions of one batch. */
    Evaluation evaluate(float[] theta, EvaluationRequest request);

    /** The gradient sum over the positions of one batch, and nothing else. */
    default Evaluation evaluate(float[] theta, ShardPlan.Batch batch) {
        return evaluate(theta, EvaluationRequest.of(batch));
    }

    /** Metrics by name over the validation data; empty where there are none. */
    Optional<Map<String, Double>> validate(float[] theta);

    /** What evaluated it until now. */
    default Kernels kernels() {
        return Kernels.here();
    }

    /** The jobs of Spark that it took until now. */
    default JobCounts jobs() {
        return JobCounts.NONE;
    }

    /** Frees what the data occupy. */
    @Override
    void close();
}
