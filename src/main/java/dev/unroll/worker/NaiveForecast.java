package dev.unroll.worker;

import dev.unroll.data.Scaling;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Standardization;
import dev.unroll.nn.LearningTask;
import java.io.Serializable;

/**
 * Forecasts that need no training, for sequences whose first number of a step is the past of what is predicted. Steps
 * are x_1 to x_T, and a target is x_{T+k}: the naive forecast of it is x_T, the seasonal one of season s the latest value
 * that is whole seasons before it, x_{T+k-s ceil(k/s)}. The naive one is that of season 1. A value that is missing (NaN)
 * is replaced by the one a season before it.
 *
 * <p>Source: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, section 5.2.
 *
 * @param season steps of a season, 1 where there is none; 0 where there is no such past at all
 * @param ahead steps from a sequence's last to its last target; 0 for as many as it has targets
 * @param past how the first number of a step was scaled, unless its sequence has a scaling of its own
 * @param within whether the steps up to the last target are in the sequence, without a first number: T is before them
 * @param asked whether someone asked for it: where it cannot be, another is left out
 */
public record NaiveForecast(int season, int ahead, Standardization past, boolean within, boolean asked)
        implements Serializable {

    /** Where targets are no future of the steps. */
    public static final NaiveForecast NONE = new NaiveForecast(0, 0);

    /** Of steps as they are. */
    public NaiveForecast(int season, int ahead) {
        this(season, ahead, Standardization.NONE, false, true);
    }

    /** Of season 1, for which nobody asked. */
    public static NaiveForecast unasked(int ahead) {
        return new NaiveForecast(1, ahead, Standardization.NONE, false, false);
    }

    /** The same, of sequences that reach up to the last target. */
    public NaiveForecast within(boolean yes) {
        return new NaiveForecast(season, ahead, past, yes, asked);
    }

    /** @throws IllegalArgumentException for a season with a task that has no forecasts */
    public static void requireNone(int season, LearningTask task) {
        if (season > 0) {
            throw new IllegalArgumentException(
                    "season is " + season + ", which goes with task regression, and task is " + task.key());
        }
    }

    /** The same, of steps that were scaled. */
    public NaiveForecast scaled(Scaling scaling) {
        return new NaiveForecast(season, ahead, scaling.firstNumber(), within, asked);
    }

    /** Whether there is one. */
    public boolean isSome() {
        return season > 0;
    }

    /** Whether there is a seasonal one, which is another. */
    public boolean isSeasonal() {
        return season > 1;
    }

    /**
     * The forecast, in the units of the data; NaN where no value is known.
     *
     * @param b sequence of the batch
     * @param target its number, from 0
     * @param targets how many the sequence has, one for each step up to the last
     * @param every steps of a season
     */
    public double of(SequenceBatch batch, int b, int target, int targets, int every) {
        int steps = (ahead == 0 ? targets : ahead) - targets + 1 + target;
        int t = batch.length(b) - (within ? ahead : 0) - 1 + steps - every * ((steps + every - 1) / every);
        while (t >= 0 && Float.isNaN(scaled(batch, b, t))) {
            t -= every;
        }
        return t < 0 ? Double.NaN : value(batch, b, t);
    }

    /**
     * The mean of |x_t - x_{t-s}| over a sequence's steps, by which a scaled error is divided: NaN where there are none.
     *
     * <p>Source: Hyndman and Koehler 2006, Another look at measures of forecast accuracy, equation (6), with a season in
     * place of 1.
     */
    public double change(SequenceBatch batch, int b) {
        double sum = 0;
        int count = 0;
        for (int t = season; t < batch.length(b); t++) {
            double change = Math.abs(value(batch, b, t) - value(batch, b, t - season));
            if (!Double.isNaN(change)) {
                sum += change;
                count++;
            }
        }
        return sum / count;
    }

    private static float scaled(SequenceBatch batch, int b, int t) {
        return batch.values()[(batch.offset(t) + b) * batch.width()];
    }

    private double value(SequenceBatch batch, int b, int t) {
        Standardization own = batch.ownScale(b);
        return (own == null ? past : own).undo(scaled(batch, b, t), 0);
    }
}
