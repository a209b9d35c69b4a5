package dev.unroll.train;

import java.util.Optional;

/** A running mean of the gradient's noise, over some of the latest measurements. */
public final class NoiseHistory implements IterationListener {

    private static final double SHARE = 0.2;

    private GradientNoise mean; // null until there is one

    @Override
    public void onIteration(IterationReport report) {
        report.gradientNoise().ifPresent(noise -> mean = mean == null ? noise : mean.towards(noise, SHARE));
    }

    /** Empty while nothing was measured. */
    public Optional<GradientNoise> mean() {
        return Optional.ofNullable(mean);
    }
}
