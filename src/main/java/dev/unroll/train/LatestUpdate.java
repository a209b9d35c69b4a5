package dev.unroll.train;

import java.util.Optional;

/** The latest update of a training, to be asked from any thread while it runs: a listener of the estimator, for a progress bar. */
public final class LatestUpdate implements IterationListener {

    private volatile IterationReport report; // null before the first

    /** What is known of it; its hash is not. */
    public Optional<IterationReport> report() {
        return Optional.ofNullable(report);
    }

    @Override
    public void onIteration(IterationReport latest) {
        report = latest;
    }
}
