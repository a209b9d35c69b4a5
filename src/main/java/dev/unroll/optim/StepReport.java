package dev.unroll.optim;

/**
 * What one update did.
 *
 * @param gradientNorm L2 norm of the mean gradient, before clipping and weight decay
 * @param stepSize the step size of this iteration
 */
public record StepReport(double gradientNorm, double stepSize) {}
