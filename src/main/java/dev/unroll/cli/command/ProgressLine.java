package dev.unroll.cli.command;

import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.NoiseHistory;
import java.io.PrintStream;
import java.util.Locale;

/**
 * A line for people: every few seconds, and wherever there is a validation. Loss and accuracy are means over the epoch
 * so far, by weight, so that a short last batch counts for what it is; speeds are those since the last line; the noise
 * scale is that of {@link dev.unroll.worker.GradientNoise}.
 */
final class ProgressLine implements IterationListener {

    private static final long INTERVAL_NANOS = 5_000_000_000L;

    private final PrintStream out;
    private final boolean hasAccuracy;
    private final NoiseHistory noise = new NoiseHistory();
    private long start; // of the first update that was timed: the second
    private long lastPrint;
    private double busyMs; // time of the iterations alone, without validations
    private long sequences;
    private long steps;
    private long epoch;
    private double lossSum; // of the epoch, as are those below
    private double weightSum;
    private double correct;
    private long terms;

    /** @param hasAccuracy whether there are classes to be right or wrong about */
    ProgressLine(PrintStream out, boolean hasAccuracy) {
        this.out = out;
        this.hasAccuracy = hasAccuracy;
    }

    @Override
    public void onIteration(IterationReport report) {
        noise.onIteration(report);
        sequences += report.passes() * report.sequences();
        steps += report.passes() * report.steps();
        addToEpoch(report);
        busyMs += report.phases().totalMs();
        long now = System.nanoTime();
        if (report.iteration() == 1) {
            start = now;
            lastPrint = now;
        }
        if (now - lastPrint < INTERVAL_NANOS
                && report.validation().isEmpty()
                && report.iteration() != report.updates()) {
            return;
        }
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "epoch %d  iteration %,d  loss %.4f%s  %,.0f sequences/s  %,.0f steps/s",
                report.epoch() + 1,
                report.iteration(),
                lossSum / weightSum,
                hasAccuracy ? String.format(Locale.ROOT, "  accuracy %.3f", correct / terms) : "",
                1e3 * sequences / busyMs,
                1e3 * steps / busyMs));
        long left = Math.round(
                (now - start) / 1e9 / Math.max(1, report.iteration() - 1) * (report.updates() - report.iteration()));
        line.append(String.format(Locale.ROOT, "  %d:%02d left", left / 60, left % 60));
        noise.mean()
                .filter(mean -> Double.isFinite(mean.scale()))
                .ifPresent(mean -> line.append(String.format(Locale.ROOT, "  noise scale %,.0f", mean.scale())));
        report.validation().ifPresent(metrics -> {
            line.append("  | validation");
            metrics.forEach((name, value) -> line.append(String.format(Locale.ROOT, "  %s %.4f", name, value)));
        });
        out.println(line);
        lastPrint = now;
        sequences = 0;
        steps = 0;
        busyMs = 0;
    }

    private void addToEpoch(IterationReport report) {
        if (report.epoch() != epoch) {
            epoch = report.epoch();
            lossSum = 0;
            weightSum = 0;
            correct = 0;
            terms = 0;
        }
        lossSum += report.loss() * report.weight();
        weightSum += report.weight();
        correct += report.accuracy() * report.terms();
        terms += report.terms();
    }
}
