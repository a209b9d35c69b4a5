package dev.unroll.optim;

import java.io.Serializable;

/**
 * What determines an optimiser, as plain data: the part of a run's fingerprint that is about updates.
 *
 * @param optimizer {@code sgd}, {@code momentum}, {@code adam} or {@code adamw}
 * @param stepSize the learning rate, which the schedule multiplies
 * @param schedule how the step size goes on: a {@link Schedule}
 * @param clipNorm the mean gradient is scaled down to this norm, before weight decay; 0 = off
 * @param weightDecay added to the gradient as decay x theta; for adamw, to the update instead
 */
public record OptimizerSpec(String optimizer, double stepSize, String schedule, double clipNorm, double weightDecay)
        implements Serializable {

    public OptimizerSpec {
        switch (optimizer) {
            case "sgd", "momentum", "adam", "adamw" -> {}
            default -> throw refusal("optimizer", optimizer, "sgd, momentum, adam and adamw");
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
    }

    private static IllegalArgumentException refusal(String key, Object value, String allowed) {
        return new IllegalArgumentException(key + " is " + value + "; allowed: " + allowed);
    }
}
