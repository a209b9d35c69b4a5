/**
 * The kernel. {@link dev.unroll.nn.NetworkSpec} is the shape of a network; {@link dev.unroll.nn.Network} takes
 * parameters and a packed batch and adds loss and gradient to sums; {@code RecurrentStack} knows depth and direction,
 * {@code RecurrentLayer} knows time, and {@link dev.unroll.nn.Cell} knows gates.
 *
 * <p>Letters: T steps, B batch, I inputs, H hidden, G gates x hidden, C classes, N sum of lengths. {@code dX} is the
 * gradient of x.
 */
package dev.unroll.nn;
