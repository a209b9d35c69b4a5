package dev.unroll.train;

import java.util.ArrayList;
import java.util.List;

/** Keeps the numbers of every update, for curves. */
public final class History implements IterationListener {

    /** One update, as in {@link IterationReport}; without what is large. */
    public record Update(
            long iteration,
            long epoch,
            double loss,
            double gradientNorm,
            double stepSize,
            long sequences,
            long steps,
            double broadcastMs,
            double computeMs,
            double waitMs,
            double mergeMs,
            double updateMs) {}

    private final List<Update> updates = new ArrayList<>();

    @Override
    public void onIteration(IterationReport r) {
        updates.add(new Update(
                r.iteration(),
                r.epoch(),
                r.loss(),
                r.gradientNorm(),
                r.stepSize(),
                r.sequences(),
                r.steps(),
                r.broadcastMs(),
                r.computeMs(),
                r.waitMs(),
                r.mergeMs(),
                r.updateMs()));
    }

    /** In the order of iterations. */
    public List<Update> updates() {
        return List.copyOf(updates);
    }
}
