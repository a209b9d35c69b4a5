package dev.unroll.train;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the loss was still falling fast when the limits ended a training: by a twentieth or more from the last but one
 * fifth of the updates to the last, and by more than the noise of batches explains.
 *
 * @param updates of the training
 * @param before mean loss of the last but one fifth
 * @param last mean loss of the last fifth
 * @param error standard error of the difference
 */
public record LossTrend(long updates, double before, double last, double error) {

    private static final int PARTS = 5;
    private static final int LEAST = 2 * PARTS; // two updates a fifth: fewer have no standard error
    private static final double FAST = 0.05;
    private static final double CERTAIN = 2; // standard errors

    /** Of the updates of a training; empty where they are too few to tell. */
    public static Optional<LossTrend> of(List<History.Update> updates) {
        if (updates.size() < LEAST) {
            return Optional.empty();
        }
        int part = updates.size() / PARTS;
        Part last = Part.of(updates.subList(updates.size() - part, updates.size()));
        Part before = Part.of(updates.subList(updates.size() - 2 * part, updates.size() - part));
        return Optional.of(new LossTrend(
                updates.get(updates.size() - 1).iteration(),
                before.mean,
                last.mean,
                Math.sqrt(last.squaredError + before.squaredError)));
    }

    /** What fell, as a share of the loss before. */
    public double fall() {
        return (before - last) / Math.abs(before);
    }

    /** Whether the loss was still falling fast. */
    public boolean isFast() {
        return fall() >= FAST && before - last > CERTAIN * error;
    }

    /** In words, with what to do. */
    public String sentence() {
        return String.format(
                Locale.ROOT,
                "the loss was still falling fast, by %.0f %% over the last fifth of %,d updates (%.4g to %.4g):"
                        + " more of them, by max-iter or epochs, are likely to give a better model",
                100 * fall(),
                updates,
                before,
                last);
    }

    /** @param squaredError the square of the standard error of the mean */
    private record Part(double mean, double squaredError) {

        static Part of(List<History.Update> updates) {
            int n = updates.size();
            double mean =
                    updates.stream().mapToDouble(History.Update::loss).sum() / n;
            double squares = updates.stream()
                    .mapToDouble(update -> (update.loss() - mean) * (update.loss() - mean))
                    .sum();
            return new Part(mean, squares / (n - 1) / n);
        }
    }
}
