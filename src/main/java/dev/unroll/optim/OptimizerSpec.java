package dev.unroll.optim;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What determines an optimiser, as plain data: the part of a run's fingerprint that is about updates.
 *
 * @param optimizer the key of an {@link OptimizerKind}
 * @param stepSize the learning rate, which the schedule multiplies; for lbfgs the step that the line search tries first
 * @param schedule how the step size goes on: a {@link Schedule}; constant for lbfgs
 * @param clipNorm the mean gradient is scaled down to this norm, before weight decay; 0 = off, as it must be for lbfgs
 * @param weightDecay added to the gradient as decay x theta; where the kind decouples it, to the update instead
 * @param ema decay of the moving average of theta that is validated and becomes the model; 0 = off, as it must be for
 *     lbfgs
 */
public record OptimizerSpec(
        String optimizer, double stepSize, String schedule, double clipNorm, double weightDecay, double ema)
        implements Serializable {

    public OptimizerSpec {
        OptimizerKind kind = OptimizerKind.of(optimizer);
        if (!(stepSize > 0) || !Double.isFinite(stepSize)) {
            throw refusal("step-size", stepSize, "finite numbers above 0");
        }
        Schedule.parse(schedule);
        if (!(clipNorm >= 0) || !Double.isFinite(clipNorm)) {
            throw refusal("clip-norm", clipNorm, "finite numbers from 0 (0 = off)");
        }
        if (!(weightDecay >= 0) || !Double.isFinite(weightDecay)) {
            throw refusal("weight-decay", weightDecay, "finite numbers from 0 (0 = off)");
        }
        if (!(ema >= 0 && ema < 1)) {
            throw refusal("ema", ema, "from 0 to below 1 (0 = off)");
        }
        if (kind.isFullBatch()) {
            require(
                    optimizer,
                    schedule.equals("constant"),
                    "schedule",
                    "constant (its line search finds the step)",
                    schedule);
            require(optimizer, clipNorm == 0, "clip-norm", "0 (no clipping)", clipNorm);
            require(optimizer, ema == 0, "ema", "0 (its updates have no noise to average out)", ema);
        }
    }

    /** An optimiser without a moving average. */
    public OptimizerSpec(String optimizer, double stepSize, String schedule, double clipNorm, double weightDecay) {
        this(optimizer, stepSize, schedule, clipNorm, weightDecay, 0);
    }

    /** What the registry says of the optimiser. */
    public OptimizerKind kind() {
        return OptimizerKind.of(optimizer);
    }

    /**
     * A new optimiser for a theta of that size, with nothing remembered yet.
     *
     * @param updates the updates that the run will make at most, for schedules that end with it
     */
    public Optimizer create(int size, long updates) {
        return kind().create(size, LearningRate.parse(schedule, stepSize, updates), clipNorm, weightDecay, ema);
    }

    /** Arrays of theta's size that are remembered, once there have been that many updates. */
    public int stateArrays(long updates) {
        return kind().stateArrays(updates) + (ema > 0 ? 1 : 0);
    }

    /**
     * Refuses batches that an optimiser of the full batch cannot work on.
     *
     * @param batchSize sequences per update; 0 = all
     */
    public static void requireFullBatch(int batchSize) {
        String optimizers = Arrays.stream(OptimizerKind.values())
                .filter(OptimizerKind::isFullBatch)
                .map(OptimizerKind::key)
                .collect(Collectors.joining(" or "));
        require(optimizers, batchSize == 0, "batch-size", "0 (all sequences per update)", batchSize);
    }

    /**
     * Part of the fingerprint in checkpoints: a component that is added, renamed or of another type makes every existing
     * checkpoint one of another training, unless there is nothing of it here where it is off.
     */
    @Override
    public String toString() {
        return "OptimizerSpec[optimizer=" + optimizer + ", stepSize=" + stepSize + ", schedule=" + schedule
                + ", clipNorm=" + clipNorm + ", weightDecay=" + weightDecay + (ema == 0 ? "" : ", ema=" + ema) + "]";
    }

    private static void require(String optimizer, boolean holds, String key, String needed, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "optimizer " + optimizer + " needs " + key + " " + needed + "; " + key + " is " + value);
        }
    }

    private static IllegalArgumentException refusal(String key, Object value, String allowed) {
        return new IllegalArgumentException(key + " is " + value + "; allowed: " + allowed);
    }
}
