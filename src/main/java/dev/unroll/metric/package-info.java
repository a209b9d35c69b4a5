/**
 * How good predictions are: sums over terms, a label or a number with what was predicted of it, and the metrics made of them. {@link
 * dev.unroll.math.ExactSum} is why their order does not matter.
 *
 * @apiNote not API: it may change with any version.
 */
package dev.unroll.metric;
