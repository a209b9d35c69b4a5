package dev.unroll.train;

import dev.unroll.worker.GradientNoise;
import java.io.Serializable;
import java.util.Optional;

/** A running mean of the gradient's noise: of all measurements at first, then mostly of the latest. */
public final class NoiseHistory implements IterationListener, Serializable {

    private static final long serialVersionUID = 1L;

    private static final double SHARE = 0.2;

    private GradientNoise mean; // null until there is one
    private int measured;

    @Override
    public void onIteration(IterationReport report) {
        report.gradientNoise().ifPresent(noise -> {
            measured++;
            mean = mean == null ? noise : mean.towards(noise, Math.max(SHARE, 1.0 / measured));
        });
    }

    /** Empty while nothing was measured. */
    public Optional<GradientNoise> mean() {
        return Optional.ofNullable(mean);
    }
}
