package dev.unroll.nn;

/**
 * What a network carries from one step to the next of one sequence.
 *
 * @param h (H)
 * @param c (H), used by cells that have a memory
 */
public record State(float[] h, float[] c) {}
