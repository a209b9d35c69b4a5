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
 * @param unrolling how far the gradient travels back, and dropout
 * @param targetDeviations what one unit of each number of a target stands for: 1 unless targets are standardized; empty without targets
 */
public record Problem(
        NetworkSpec network, LearningTask task, LossSpec loss, Unrolling unrolling, float[] targetDeviations)
        implements Serializable {

    /** The problem with targets scaled like that, if they are, by full back-propagation through time without dropout. */
    public static Problem of(NetworkSpec network, LearningTask task, LossSpec loss, Scaling scaling) {
        return of(network, task, loss, Unrolling.FULL, scaling);
    }

    /** The problem with targets scaled like that, if they are. */
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
