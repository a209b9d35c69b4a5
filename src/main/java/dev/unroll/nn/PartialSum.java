package dev.unroll.nn;

/**
 * What the sequences of one shard add to.
 *
 * @param gradient in the layout of theta
 */
public record PartialSum(float[] gradient, LossSum loss) {}
