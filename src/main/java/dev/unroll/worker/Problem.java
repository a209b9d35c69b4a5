package dev.unroll.worker;

import dev.unroll.data.Scaling;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossSpec;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Unrolling;
import java.io.Serializable;
import java.util.Arrays;

/**
 * What is learnt, from what and by which loss: all that a worker must know besides parameters and data.
 *
 * @param unrolling truncation, dropout, and the memory that the graph may take
 * @param targetDeviations the standard deviation that each number of a target was divided by: 1 unless targets are
 *     standardized; empty without targets
 */
public record Problem(
        NetworkSpec network, LearningTask task, LossSpec loss, Unrolling unrolling, float[] targetDeviations)
        implements Serializable {

    /** The problem by full back-propagation through time without dropout. */
    public static Problem of(NetworkSpec network, LearningTask task, LossSpec loss, Scaling scaling) {
        return of(network, task, loss, Unrolling.FULL, scaling);
    }

    /** @param scaling of inputs and targets, from which the deviations are taken */
    public static Problem of(
            NetworkSpec network, LearningTask task, LossSpec loss, Unrolling unrolling, Scaling scaling) {
        float[] deviations = scaling.targetDeviations();
        if (task == LearningTask.REGRESSION && deviations.length == 0) {
            deviations = new float[network.head().outputs()];
            Arrays.fill(deviations, 1f);
        }
        return new Problem(network, task, loss, unrolling, deviations);
    }
}
