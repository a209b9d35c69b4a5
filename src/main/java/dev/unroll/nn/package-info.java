/**
 * The kernel. A {@link dev.unroll.nn.NetworkSpec} is the shape; a {@link dev.unroll.nn.Network} takes parameters and a packed batch
 * and adds loss and gradient to sums; {@code RecurrentStack} knows depth and direction, {@code RecurrentLayer}
 * time and {@code Cell} gates.
 *
 * <p>Letters: T steps, B batch, I inputs, H hidden, G gates x hidden, C classes, N sum of lengths. {@code dX} is the gradient of x.
 */
package dev.unroll.nn;
