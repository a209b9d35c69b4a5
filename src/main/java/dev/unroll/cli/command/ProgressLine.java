package dev.unroll.cli.command;

import dev.unroll.train.IterationListener;
import dev.unroll.train.IterationReport;
import dev.unroll.train.NoiseHistory;
import java.io.PrintStream;
import java.util.Locale;

/**
 * A line for people: every few seconds, and wherever there is a validation. Loss and accuracy are means since the last line; the noise scale
 * is that of {@link dev.unroll.worker.GradientNoise}.
 */
final class ProgressLine implements IterationListener {

    private static final long INTERVAL_NANOS = 5_000_000_000L;

    private final PrintStream out;
    private final NoiseHistory noise = new NoiseHistory();
    private long start; // of the first update that was timed: the second
    private long lastPrint;
    private double busyMs; // time of the iterations alone, without validations
    private long iterations;
    private long sequences;
    private long steps;
    private double loss;
    private double accuracy;

    ProgressLine(PrintStream out) {
        this.out = out;
    }

    @Override
    public void onIteration(IterationReport report) {
        noise.onIteration(report);
        iterations++;
        sequences += report.passes() * report.sequences();
        steps += report.passes() * report.steps();
        loss += report.loss();
        accuracy += report.accuracy();
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
                "epoch %d  iteration %,d  loss %.4f  accuracy %.3f  %,.0f sequences/s  %,.0f steps/s",
                report.epoch() + 1,
                report.iteration(),
                loss / iterations,
                accuracy / iterations,
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
        iterations = 0;
        sequences = 0;
        steps = 0;
        busyMs = 0;
        loss = 0;
        accuracy = 0;
    }
}
