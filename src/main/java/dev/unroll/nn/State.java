package dev.unroll.nn;

/**
 * What a network carries from one step to the next of each sequence of a batch.
 *
 * @param h by layer, (B, H)
 * @param c by layer, (B, H) where cells have a memory, otherwise (0)
 */
public record State(float[][] h, float[][] c) {}
