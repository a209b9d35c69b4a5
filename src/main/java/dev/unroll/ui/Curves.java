package dev.unroll.ui;

import dev.unroll.plot.Markup;
import dev.unroll.train.Phases;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * The curves of one training as charts: its updates in at most {@value #MOST} groups of neighbours, each with its mean.
 */
public final class Curves {

    private static final int MOST = 240;
    private static final String ITERATION = "iteration";

    private final List<List<TrainingEvent.Update>> groups = new ArrayList<>();
    private final double[] iterations;
    private final Run run;

    /** @param run with at least one update */
    Curves(Run run) {
        this.run = run;
        List<TrainingEvent.Update> updates = run.updates();
        int each = (updates.size() + MOST - 1) / MOST;
        for (int from = 0; from < updates.size(); from += each) {
            groups.add(updates.subList(from, Math.min(updates.size(), from + each)));
        }
        iterations = mean(TrainingEvent.Update::iteration);
    }

    void draw(Markup out) {
        loss(out);
        phases(out);
        rest(out);
    }

    private void loss(Markup out) {
        double[] validated = run.validations().stream()
                .mapToDouble(TrainingEvent.Update::iteration)
                .toArray();
        double[] validation = run.validations().stream()
                .mapToDouble(u -> u.validation().getOrDefault("loss", Double.NaN))
                .toArray();
        double[] low = groups.stream()
                .mapToDouble(g ->
                        g.stream().mapToDouble(TrainingEvent.Update::loss).min().orElse(0))
                .toArray();
        double[] high = groups.stream()
                .mapToDouble(g ->
                        g.stream().mapToDouble(TrainingEvent.Update::loss).max().orElse(0))
                .toArray();
        Chart chart = chart(out, "Loss", vertical(low, high, validation))
                .band(iterations, low, high)
                .line("training (mean and range)", iterations, mean(TrainingEvent.Update::loss));
        if (validated.length > 0) {
            chart.line("validation", validated, validation);
        }
        chart.close();
    }

    private void phases(Markup out) {
        double[][] ms = Phases.ALL.stream()
                .map(phase -> mean(update -> phase.ms(update.phases())))
                .toArray(double[][]::new);
        double[] total = mean(update -> update.phases().totalMs());
        // The first updates compile code and are many times as long; the others shall be seen.
        double usual = DoubleStream.of(total)
                .sorted()
                .skip(total.length * 19L / 20)
                .findFirst()
                .orElse(1);
        double top = Math.min(DoubleStream.of(total).max().orElse(1), 1.5 * usual);
        for (int i = 0; i < total.length; i++) {
            double part = Math.min(1, top / total[i]);
            for (double[] phase : ms) {
                phase[i] *= part;
            }
        }
        chart(out, "Phases of an update, ms", Scale.fromZero(DoubleStream.of(top), Chart.BOTTOM, Chart.TOP))
                .stack(iterations, Phases.ALL.stream().map(Phases.Phase::label).toArray(String[]::new), ms)
                .close();
    }

    private void rest(Markup out) {
        double[] speed = mean(TrainingEvent.Update::stepsPerSecond);
        chart(out, "Steps per second", Scale.fromZero(DoubleStream.of(speed), Chart.BOTTOM, Chart.TOP))
                .line("", iterations, speed)
                .close();
        double[] norms = mean(TrainingEvent.Update::gradientNorm);
        chart(out, "Gradient norm, before clipping", Scale.log(DoubleStream.of(norms), Chart.BOTTOM, Chart.TOP))
                .line("", iterations, norms)
                .close();
        double[] sizes = mean(TrainingEvent.Update::stepSize);
        chart(out, "Step size", Scale.fromZero(DoubleStream.of(sizes), Chart.BOTTOM, Chart.TOP))
                .line("", iterations, sizes)
                .close();
        double[] balance = mean(TrainingEvent.Update::balance);
        Scale fromOne =
                new Scale(1, Math.max(1.5, DoubleStream.of(balance).max().orElse(1)), Chart.BOTTOM, Chart.TOP, false);
        chart(out, "Balance: steps of the longest task over the mean", fromOne)
                .line("", iterations, balance)
                .close();
    }

    private Chart chart(Markup out, String title, Scale y) {
        Scale x = Scale.of(DoubleStream.of(iterations), Chart.LEFT, Chart.RIGHT);
        return new Chart(out, title, ITERATION, x, y).xAxis().yAxis();
    }

    private static Scale vertical(double[]... values) {
        return Scale.of(Stream.of(values).flatMapToDouble(DoubleStream::of), Chart.BOTTOM, Chart.TOP);
    }

    private double[] mean(ToDoubleFunction<TrainingEvent.Update> number) {
        return groups.stream()
                .mapToDouble(
                        group -> group.stream().mapToDouble(number).average().orElse(Double.NaN))
                .toArray();
    }
}
