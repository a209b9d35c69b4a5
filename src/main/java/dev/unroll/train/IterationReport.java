package dev.unroll.train;

import dev.unroll.worker.GradientFlow;
import dev.unroll.worker.GradientNoise;
import dev.unroll.worker.GradientTerms;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One update: what a metrics file has in a line.
 *
 * @param iteration number of the update, from 1
 * @param updates the updates there will be at most
 * @param epoch passes over the data completed before this update
 * @param loss mean loss over the batch, before the update
 * @param accuracy share of the batch's loss terms predicted right, before the update
 * @param weight sum of the weights that the loss is a mean over
 * @param terms loss terms that the accuracy is a share of
 * @param gradientNorm L2 norm of the mean gradient, before clipping
 * @param sequences sequences in the batch
 * @param steps steps in the batch
 * @param passes evaluations of the batch: 1, but for L-BFGS as many as its line search took
 * @param phases where the time went, over all evaluations
 * @param balance steps of the longest task over the mean of all
 * @param jobs of Spark, until now
 * @param validation metrics after the update, where validation was due
 * @param gradientFlow how far back the gradient of single losses reaches, where it was followed
 * @param gradientTerms the two terms of equation (4) by layer, and saturation
 * @param gradientNoise how much of the gradient is noise, where it was measured and there are several shards
 * @param parameterHash hash of theta after the update; computed when asked for, and only valid while the listener is
 *     called
 */
public record IterationReport(
        long iteration,
        long updates,
        long epoch,
        double loss,
        double accuracy,
        double weight,
        long terms,
        double gradientNorm,
        double stepSize,
        long sequences,
        long steps,
        int passes,
        Phases phases,
        double balance,
        JobCounts jobs,
        Optional<Map<String, Double>> validation,
        Optional<GradientFlow> gradientFlow,
        Optional<GradientTerms> gradientTerms,
        Optional<GradientNoise> gradientNoise,
        Supplier<String> parameterHash) {

    /**
     * Iterations from one that is sampled to the next: there noise is measured, and where every step has a loss, single
     * ones are followed back.
     */
    public static final int SAMPLE_INTERVAL = 50;

    /** Whether this iteration is sampled: 1, 51, 101, ... */
    public boolean isSampled() {
        return isSampled(iteration);
    }

    static boolean isSampled(long iteration) {
        return (iteration - 1) % SAMPLE_INTERVAL == 0;
    }
}
