package dev.unroll.fit;

import java.io.Serializable;

/**
 * Which rows are trained on, and how they become numbers.
 *
 * @param skipInvalid whether rows that cannot be used are left out and counted; otherwise the first of them is an error
 * @param validationFraction share of the rows held out, from 0 to below 1
 * @param vocabularySize token ids at most; 0 for all
 * @param standardize whether dense inputs and targets are scaled to mean 0 and deviation 1 by the training part
 * @param scale window where each sequence is scaled by its own numbers, by-key where it is by those of its series,
 *     otherwise none
 * @param unscaled with scale window or by-key, how many of the last numbers of a step are left as they are
 */
public record DataConfig(
        @HeldIn("data") boolean skipInvalid,
        @HeldIn("data") double validationFraction,
        @HeldIn({"tokens", "network"}) int vocabularySize,
        boolean standardize,
        @Neutral("none") String scale,
        @Neutral("0") int unscaled)
        implements Serializable {

    private static final String WINDOW = "window";
    private static final String BY_KEY = "by-key";

    /** @throws IllegalArgumentException for two scalings */
    public DataConfig {
        if (standardize && isOfEachSequence(scale)) {
            throw new IllegalArgumentException(
                    "standardize is true and scale is " + scale + "; only one of the two goes");
        }
    }

    /**
     * From keys, of which two may say the same.
     *
     * @param scale none, standard (which is what {@code standardize} says), by-key or window
     * @param timeFeatures how many of the last numbers of a step are of its time
     */
    public static DataConfig of(
            boolean skipInvalid,
            double validationFraction,
            int vocabularySize,
            boolean standardize,
            String scale,
            int timeFeatures) {
        return new DataConfig(
                skipInvalid,
                validationFraction,
                vocabularySize,
                standardize || scale.equals("standard"),
                isOfEachSequence(scale) ? scale : "none",
                isOfEachSequence(scale) ? timeFeatures : 0);
    }

    /** Whether a sequence has a scale of its own or of its series, and targets that of the first number of a step. */
    public static boolean isOfEachSequence(String scale) {
        return isByKey(scale) || scale.equals(WINDOW);
    }

    /** Whether each series has a scale of its own. */
    public static boolean isByKey(String scale) {
        return scale.equals(BY_KEY);
    }

    /** Why a scale of each sequence takes one target alone; the targets follow. */
    public static String byFirstNumber(String scale) {
        return "scale " + scale + " scales targets by the first number of a step";
    }

    /** Whether each sequence is scaled by its own numbers, or those of its series. */
    boolean scalesEachSequence() {
        return isOfEachSequence(scale);
    }

    /** Whether each series has a scale of its own. */
    boolean scalesByKey() {
        return isByKey(scale);
    }

    /** Whether numbers are scaled before they are rounded to float32. */
    boolean scales() {
        return standardize || scalesEachSequence();
    }
}
