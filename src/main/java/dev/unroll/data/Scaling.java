package dev.unroll.data;

import java.io.Serializable;

/**
 * How dense inputs and targets are scaled: all sequences by statistics of the training part, or each sequence by its
 * own.
 *
 * @param inputs of D numbers of a step
 * @param statics of the numbers of whole sequences, always by the training part
 * @param targets of C numbers, or of one for all of them
 * @param kind what the statistics are those of
 * @param unscaled how many of the last numbers of a step are left as they are where each sequence is scaled by itself
 */
public record Scaling(Standardization inputs, Standardization statics, Standardization targets, Kind kind, int unscaled)
        implements Serializable {

    /** What is measured to scale a sequence. */
    public enum Kind {
        /** The training part, once: inputs and targets of the scaling say what was found. */
        TRAINING,
        /** Each sequence by itself: inputs and targets of the scaling are those of {@link #of}. */
        WINDOW,
        /** As {@link #WINDOW}, and targets are counts: they are divided by the mean of the first number of a step, or 1/T if that is more. */
        WINDOW_OF_COUNTS
    }

    /** What a sequence lacks that has no {@linkplain #hasLevel level}, for a message. */
    public static final String NO_LEVEL = "no number at any step, to scale the window by";

    /** Leaves everything as it is. */
    public static final Scaling NONE = new Scaling(Standardization.NONE, Standardization.NONE);

    /** Each sequence by its own numbers: see {@link #of}. */
    public static final Scaling BY_WINDOW = byWindow(0);

    /**
     * Each sequence by its own numbers, but for the last of each step, such as those of its time: within a sequence they
     * may never change.
     */
    public static Scaling byWindow(int unscaled) {
        return new Scaling(Standardization.NONE, Standardization.NONE, Standardization.NONE, Kind.WINDOW, unscaled);
    }

    /** By statistics of the training part, without statics. */
    public Scaling(Standardization inputs, Standardization targets) {
        this(inputs, Standardization.NONE, targets, Kind.TRAINING, 0);
    }

    /** This scaling of targets that are counts: they are never centred, and divided by their mean, or by 1 where all are 0. */
    public Scaling ofCounts() {
        Standardization levels = targets.ofCounts(mean -> mean > 0 ? mean : 1);
        return new Scaling(inputs, statics, levels, isByWindow() ? Kind.WINDOW_OF_COUNTS : kind, unscaled);
    }

    /** This scaling with another one of statics. */
    public Scaling withStatics(Standardization other) {
        return new Scaling(inputs, other, targets, kind, unscaled);
    }

    /** In float32. */
    public Scaling(float[] inputMeans, float[] inputDeviations, float[] targetMeans, float[] targetDeviations) {
        this(Standardization.of(inputMeans, inputDeviations), Standardization.of(targetMeans, targetDeviations));
    }

    /** How the first number of a step is scaled, unless each sequence has a scaling of its own. */
    public Standardization firstNumber() {
        return inputs.means().length == 0 ? Standardization.NONE : inputs.column(0);
    }

    /** Whether nothing is scaled. */
    public boolean isNone() {
        return !isByWindow() && inputs.means().length + statics.means().length + targets.means().length == 0;
    }

    /** Whether each sequence is scaled by its own numbers. */
    public boolean isByWindow() {
        return kind != Kind.TRAINING;
    }

    /**
     * The scaling of one sequence: this one, or that of its own numbers. Then each number of a step, but for
     * the unscaled ones, is scaled by its mean and deviation over the steps, and all targets as the first number of a step, which is their own past.
     *
     * @param values (T, width), as the data have them
     */
    public Scaling of(double[] values, int width) {
        if (!isByWindow()) {
            return this;
        }
        Standardization own = WindowScaling.of(values, width, width - unscaled);
        Standardization first = own.column(0);
        double least = (double) width / values.length;
        return new Scaling(own, kind == Kind.WINDOW ? first : first.ofCounts(mean -> Math.max(mean, least)))
                .withStatics(statics);
    }

    /**
     * Whether the first number of some step is there: where it is missing at all of them, targets that are scaled by it
     * have no scale.
     *
     * @param values (T, width); NaN for one that is missing
     */
    public static boolean hasLevel(double[] values, int width) {
        for (int i = 0; i < values.length; i += width) {
            if (!Double.isNaN(values[i])) {
                return true;
            }
        }
        return false;
    }
}
