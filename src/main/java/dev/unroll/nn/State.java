package dev.unroll.nn;

/**
 * What a network carries from one step to the next of one sequence.
 *
 * @param h by layer, (H)
 * @param c by layer, (H); used by cells that have a memory
 */
public record State(float[][] h, float[][] c) {}
