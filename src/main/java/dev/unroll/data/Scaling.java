package dev.unroll.data;

import java.io.Serializable;
import java.util.List;

/**
 * How dense inputs and targets are scaled: all sequences by statistics of the training part, or each sequence by its
 * own, or by those of its series in the training part.
 *
 * @param inputs of D numbers of a step
 * @param statics of the numbers of whole sequences, always by the training part
 * @param targets of C numbers, or of one for all of them
 * @param kind what the statistics are those of
 * @param unscaled how many of the last numbers of a step are left as they are, unless all sequences are scaled by the same
 * @param series the scales of {@link Kind#SERIES}; null for the others
 * @param counts whether each sequence's targets are counts: divided by a level, and never centred
 */
public record Scaling(
        Standardization inputs,
        Standardization statics,
        Standardization targets,
        Kind kind,
        int unscaled,
        SeriesScales series,
        boolean counts)
        implements Serializable {

    /** What is measured to scale a sequence. */
    public enum Kind {
        /** The training part, once: inputs and targets of the scaling say what was found. */
        TRAINING,
        /** Each sequence by itself: inputs and targets of the scaling are those of {@link #of(double[], int)}. */
        WINDOW,
        /** Each series in the training part: inputs and targets of the scaling are those of {@link #of(List)}. */
        SERIES
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
        return new Scaling(
                Standardization.NONE, Standardization.NONE, Standardization.NONE, Kind.WINDOW, unscaled, null, false);
    }

    /** Each sequence by the scale of its series, but for the last numbers of each step, as {@link #byWindow(int)}. */
    public static Scaling bySeries(SeriesScales series, int unscaled) {
        return new Scaling(
                Standardization.NONE, Standardization.NONE, Standardization.NONE, Kind.SERIES, unscaled, series, false);
    }

    /** By statistics of the training part, without statics. */
    public Scaling(Standardization inputs, Standardization targets) {
        this(inputs, Standardization.NONE, targets, Kind.TRAINING, 0, null, false);
    }

    /** This scaling of targets that are counts: they are never centred, and divided by their mean, or by 1 where all are 0. */
    public Scaling ofCounts() {
        Standardization levels = targets.ofCounts(mean -> mean > 0 ? mean : 1);
        return new Scaling(inputs, statics, levels, kind, unscaled, series, isOfEachSequence());
    }

    /** This scaling with another one of statics. */
    public Scaling withStatics(Standardization other) {
        return new Scaling(inputs, other, targets, kind, unscaled, series, counts);
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
        return !isOfEachSequence() && inputs.means().length + statics.means().length + targets.means().length == 0;
    }

    /** Whether each sequence is scaled by its own numbers. */
    public boolean isByWindow() {
        return kind == Kind.WINDOW;
    }

    /** Whether each sequence is scaled by the scale of its series. */
    public boolean isBySeries() {
        return kind == Kind.SERIES;
    }

    /** Whether a sequence has a scaling of its own; otherwise all have this one. */
    public boolean isOfEachSequence() {
        return kind != Kind.TRAINING;
    }

    /**
     * The scaling of one sequence: this one, or that of its own numbers. Then each number of a step, but for
     * the unscaled ones, is scaled by its mean and deviation over the steps, and all targets as the first number of a step, which is their own past;
     * counts are divided by its mean, or 1/T if that is more.
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
        return new Scaling(own, counts ? first.ofCounts(mean -> Math.max(mean, least)) : first).withStatics(statics);
    }

    /**
     * The scaling of the sequences of one series: this one, or that of the series, by which targets are scaled as the first
     * number of a step, which is their own past; counts are divided by its mean, or by 1 if that is 0.
     *
     * @param key of the series
     * @throws IllegalArgumentException for a series that training did not see
     */
    public Scaling of(List<String> key) {
        if (!isBySeries()) {
            return this;
        }
        Standardization own = series.of(key, unscaled);
        Standardization first = own.column(0);
        return new Scaling(own, counts ? first.ofCounts(mean -> mean > 0 ? mean : 1) : first).withStatics(statics);
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
