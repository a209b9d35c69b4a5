package dev.unroll.fit;

import java.io.Serializable;

/**
 * Which rows are trained on, and how they become numbers.
 *
 * @param skipInvalid whether rows that cannot be used are left out and counted; otherwise the first of them is an error
 * @param validationFraction share of the rows held out, from 0 to below 1
 * @param vocabularySize token ids at most; 0 for all
 * @param standardize whether dense inputs and targets are scaled to mean 0 and deviation 1
 */
public record DataConfig(
        @HeldIn("data") boolean skipInvalid,
        @HeldIn("data") double validationFraction,
        @HeldIn({"tokens", "network"}) int vocabularySize,
        boolean standardize)
        implements Serializable {}
