package dev.unroll.optim;

import java.io.Serializable;

/**
 * What determines an optimiser, as plain data: the part of a run's fingerprint that is about updates.
 *
 * @param optimizer {@code sgd}, {@code momentum}, {@code adam}, {@code adamw} or {@code lbfgs}
 * @param stepSize the learning rate, which the schedule multiplies; for lbfgs the step that the line search tries first
 * @param schedule how the step size goes on: a {@link Schedule}; constant for lbfgs
 * @param clipNorm the mean gradient is scaled down to this norm, before weight decay; 0 = off, as it must be for lbfgs
 * @param weightDecay added to the gradient as decay x theta; for adamw, to the update instead
 */
public record OptimizerSpec(String optimizer, double stepSize, String schedule, double clipNorm, double weightDecay)
        implements Serializable {

    private static final String LBFGS = "lbfgs";

    public OptimizerSpec {
        switch (optimizer) {
            case "sgd", "momentum", "adam", "adamw", LBFGS -> {}
            default -> throw refusal("optimizer", optimizer, "sgd, momentum, adam, adamw and lbfgs");
        }
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
        if (optimizer.equals(LBFGS)) {
            requireOfLbfgs(
                    schedule.equals("constant"), "schedule", "constant (its line search finds the step)", schedule);
            requireOfLbfgs(clipNorm == 0, "clip-norm", "0 (no clipping)", clipNorm);
        }
    }

    /** Whether the optimiser works on all sequences at once only. */
    public boolean isFullBatch() {
        return optimizer.equals(LBFGS);
    }

    /** Arrays of theta's size that are remembered, once there have been that many updates. */
    public int stateArrays(long updates) {
        return switch (optimizer) {
            case "sgd" -> 0;
            case "momentum" -> 1;
            case "adam", "adamw" -> 2;
            default -> 2 * (int) Math.min(Lbfgs.HISTORY, updates);
        };
    }

    /**
     * Refuses batches that an optimiser of the full batch cannot work on.
     *
     * @param batchSize sequences per update; 0 = all
     */
    public static void requireFullBatch(int batchSize) {
        requireOfLbfgs(batchSize == 0, "batch-size", "0 (all sequences per update)", batchSize);
    }

    private static void requireOfLbfgs(boolean holds, String key, String needed, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "optimizer lbfgs needs " + key + " " + needed + "; " + key + " is " + value);
        }
    }

    private static IllegalArgumentException refusal(String key, Object value, String allowed) {
        return new IllegalArgumentException(key + " is " + value + "; allowed: " + allowed);
    }
}
