/**
 * Takes theta and the loss as a function of it, gives the next theta, in place. An {@link dev.unroll.optim.Optimizer} is a chain of
 * {@link dev.unroll.optim.GradientTransform}s or L-BFGS: {@link dev.unroll.optim.OptimizerKind} lists all; all that it remembers is
 * a few named arrays, so a checkpoint of them is complete.
 */
package dev.unroll.optim;
