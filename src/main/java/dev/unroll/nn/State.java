package dev.unroll.nn;

/**
 * The state of a network after one step of each sequence of a batch, with which the next step begins.
 *
 * @param h hidden states by layer, (B, H), or (B, P) where they are projected
 * @param c cell states by layer, (B, H) where the cell has one, otherwise (0)
 */
public record State(float[][] h, float[][] c) {}
