package dev.unroll.optim;

/**
 * What one update did.
 *
 * @param gradientNorm L2 norm of the mean gradient, before clipping and weight decay
 * @param stepSize the step size of this iteration; for L-BFGS how many of its directions it went
 * @param improved false where a line search has found no lower loss: theta has not moved, and no later step would move it
 */
public record StepReport(double gradientNorm, double stepSize, boolean improved) {}
