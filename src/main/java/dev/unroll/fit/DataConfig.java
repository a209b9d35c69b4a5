package dev.unroll.fit;

import java.io.Serializable;

/**
 * Which rows are trained on, and how they become numbers.
 *
 * @param skipInvalid whether rows that cannot be used are left out and counted; otherwise the first of them is an error
 * @param validationFraction share of the rows held out, from 0 to below 1
 * @param vocabularySize token ids at most; 0 for all
 * @param standardize whether dense inputs and targets are scaled to mean 0 and deviation 1 by the training part
 * @param scale window where each sequence is scaled by its own numbers, otherwise none
 * @param unscaled with scale window, how many of the last numbers of a step are left as they are
 */
public record DataConfig(
        @HeldIn("data") boolean skipInvalid,
        @HeldIn("data") double validationFraction,
        @HeldIn({"tokens", "network"}) int vocabularySize,
        boolean standardize,
        @Neutral("none") String scale,
        @Neutral("0") int unscaled)
        implements Serializable {

    /** Why scale window takes one target alone; the targets follow. */
    public static final String BY_FIRST_NUMBER = "scale window scales targets by the first number of a step";

    private static final String WINDOW = "window";

    /** @throws IllegalArgumentException for two scalings */
    public DataConfig {
        if (standardize && scale.equals(WINDOW)) {
            throw new IllegalArgumentException("standardize is true and scale is window; only one of the two goes");
        }
    }

    /**
     * From keys, of which two may say the same.
     *
     * @param scale none, standard (which is what {@code standardize} says) or window
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
                scale.equals(WINDOW) ? WINDOW : "none",
                scale.equals(WINDOW) ? timeFeatures : 0);
    }

    /** Whether each sequence is scaled by its own numbers. */
    boolean scalesByWindow() {
        return scale.equals(WINDOW);
    }

    /** Whether numbers are scaled before they are rounded to float32. */
    boolean scales() {
        return standardize || scalesByWindow();
    }
}
