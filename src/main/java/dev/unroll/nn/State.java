package dev.unroll.nn;

/**
 * What a network carries from one step to the next of each sequence of a batch.
 *
 * @param h by layer, (B, H)
 * @param c by layer, (B, H); used by cells that have a memory
 */
public record State(float[][] h, float[][] c) {}
