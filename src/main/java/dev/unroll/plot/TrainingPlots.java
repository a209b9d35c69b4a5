package dev.unroll.plot;

import dev.unroll.train.History;
import dev.unroll.train.History.Update;
import dev.unroll.train.Phases;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Plots of a training: what it came to, where its time went and how even its tasks were. */
public final class TrainingPlots {

    private TrainingPlots() {}

    /**
     * The mean loss of each update's batch, before the update, and that of the validation data where there are any.
     *
     * @throws IllegalArgumentException if no update was made
     */
    public static Plot loss(History history) {
        List<Update> updates = updates("loss curve", history);
        Lines lines = new Lines("Loss", "update", "mean loss")
                .curve("training", iterations(updates), of(updates, Update::loss));
        List<History.Validation> validations = history.validations();
        if (!validations.isEmpty()) {
            lines.curve(
                    "validation",
                    Lines.thinned(validations.stream()
                            .mapToDouble(History.Validation::iteration)
                            .toArray()),
                    Lines.thinned(validations.stream()
                            .mapToDouble(History.Validation::loss)
                            .toArray()));
            lines.marked("validation");
        }
        return lines.plot();
    }

    /**
     * The ms of every phase of an update, stacked: the upper edge is the whole update. The first updates, in which the
     * JVM compiles, and other outliers may go beyond the picture, so that the usual ones are seen.
     *
     * @throws IllegalArgumentException if no update was made
     */
    public static Plot phaseTimes(History history) {
        List<Update> updates = updates("phase times", history);
        double[] x = iterations(updates);
        double[] top = new double[x.length];
        double[][] tops = new double[Phases.ALL.size()][];
        for (int p = 0; p < tops.length; p++) {
            Phases.Phase phase = Phases.ALL.get(p);
            double[] ms = of(updates, update -> phase.ms(update.phases()));
            for (int i = 0; i < top.length; i++) {
                top[i] += ms[i];
            }
            tops[p] = top.clone();
        }
        // The highest first: each lower one is drawn over it.
        Lines lines = new Lines("Time of an update by phase", "update", "ms");
        for (int p = tops.length - 1; p >= 0; p--) {
            Phases.Phase phase = Phases.ALL.get(p);
            lines.area(phase == Phases.Phase.UPDATE ? "optimiser" : phase.label(), x, tops[p]);
        }
        return lines.fromZero().upTo(usual(top)).plot();
    }

    /**
     * Steps of the longest task over the mean of all, by update: 1 where all have the same work.
     *
     * @throws IllegalArgumentException if no update was made
     */
    public static Plot balance(History history) {
        List<Update> updates = updates("balance", history);
        return new Lines("Balance of the tasks", "update", "steps of the longest task / mean")
                .curve("balance", iterations(updates), of(updates, Update::balance))
                .fromZero()
                .plot();
    }

    /** Twice what 19 in 20 do not exceed, or the largest where that is less. */
    private static double usual(double[] all) {
        double[] sorted = all.clone();
        Arrays.sort(sorted);
        return Math.min(sorted[sorted.length - 1], 2 * sorted[(sorted.length - 1) * 19 / 20]);
    }

    private static List<Update> updates(String plot, History history) {
        List<Update> updates = history.updates();
        if (updates.isEmpty()) {
            throw new IllegalArgumentException("the " + plot + " has nothing to show: no update was made");
        }
        return updates;
    }

    private static double[] iterations(List<Update> updates) {
        return Arrays.stream(of(updates, Update::iteration)).map(Math::floor).toArray();
    }

    private static double[] of(List<Update> updates, ToDoubleFunction<Update> number) {
        return Lines.thinned(updates.stream().mapToDouble(number).toArray());
    }
}
