package dev.unroll.spark.iteration;

import dev.unroll.data.ShardPlan;
import dev.unroll.math.CounterRandom;
import java.io.Serializable;
import java.util.concurrent.TimeUnit;
import org.apache.commons.lang3.exception.ExceptionUtils;

/**
 * Work that takes time and no processor: a task computes the least that there is, sends its whole gradient, and has slept in between.
 * So what Spark takes can be measured of more executors than there are processors.
 *
 * <p>Times are log-normal, as those of real tasks are, with few that are much longer than the others.
 *
 * @param ms of a task of one update, on average; at least 0
 * @param spread their coefficient of variation, the deviation over the mean; at least 0
 * @param seed of the draws
 */
public record GhostWork(double ms, double spread, long seed) implements Serializable {

    /** How long that task works for that update, in ms: the same whenever it is asked. */
    public double ms(ShardPlan.Batch batch, int task) {
        double variance = StrictMath.log1p(spread * spread); // of the logarithm
        double normal = new CounterRandom(seed, batch.epoch(), batch.from(), task).normal(0);
        return ms * StrictMath.exp(StrictMath.sqrt(variance) * normal - variance / 2);
    }

    /**
     * Sleeps until the task has worked for its time.
     *
     * @param start when it began, as {@link System#nanoTime} has it
     */
    void rest(ShardPlan.Batch batch, int task, long start) {
        long left = (long) (ms(batch, task) * 1e6) - (System.nanoTime() - start);
        try {
            TimeUnit.NANOSECONDS.sleep(left);
        } catch (InterruptedException e) { // a task that was killed
            ExceptionUtils.rethrow(e);
        }
    }
}
