package dev.unroll.train;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the loss was still falling fast when the limits ended a training: whether the last fifth of the updates had a
 * twentieth or more of the whole descent, and more than the noise of batches explains. (Of a loss that falls evenly it has
 * a fifth.) Shares of the descent, and not of the loss, since the loss of a network that knows its data by heart halves for ever.
 *
 * @param updates of the training
 * @param first loss of the first update
 * @param before mean loss of the last but one fifth
 * @param last mean loss of the last fifth
 * @param error standard error of the difference
 */
public record LossTrend(long updates, double first, double before, double last, double error) {

    private static final int PARTS = 5;
    private static final int LEAST = 2 * PARTS; // two updates a fifth: fewer have no standard error
    private static final double FAST = 0.05;
    private static final double CERTAIN = 2; // standard errors

    /** Of the updates of a training; empty where they are too few to tell, or the descent began before them, as after a resume. */
    public static Optional<LossTrend> of(List<History.Update> updates) {
        if (updates.size() < LEAST || updates.get(0).iteration() != 1) {
            return Optional.empty();
        }
        int part = updates.size() / PARTS;
        Part last = Part.of(updates.subList(updates.size() - part, updates.size()));
        Part before = Part.of(updates.subList(updates.size() - 2 * part, updates.size() - part));
        return Optional.of(new LossTrend(
                updates.get(updates.size() - 1).iteration(),
                updates.get(0).loss(),
                before.mean,
                last.mean,
                Math.sqrt(last.squaredError + before.squaredError)));
    }

    /** What the last fifth had of the whole descent; 0 where there was none. */
    public double share() {
        return first > last ? (before - last) / (first - last) : 0;
    }

    /** Whether the loss was still falling fast. */
    public boolean isFast() {
        return share() >= FAST && before - last > CERTAIN * error;
    }

    /** In words, with what to do. */
    public String sentence() {
        return String.format(
                Locale.ROOT,
                "the loss was still falling fast (%.4g, %.4g and %.4g at the beginning and in the last two fifths of %,d updates):"
                        + " more updates, by max-iter or epochs, are likely to give a better model",
                first,
                before,
                last,
                updates);
    }

    /** @param squaredError the square of the standard error of the mean */
    private record Part(double mean, double squaredError) {

        static Part of(List<History.Update> updates) {
            int n = updates.size();
            double mean = updates.stream().mapToDouble(History.Update::loss).sum() / n;
            double squares = updates.stream()
                    .mapToDouble(update -> (update.loss() - mean) * (update.loss() - mean))
                    .sum();
            return new Part(mean, squares / (n - 1) / n);
        }
    }
}
