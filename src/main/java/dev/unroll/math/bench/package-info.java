/**
 * What one core makes of the arithmetic in {@code dev.unroll.math}: {@link dev.unroll.math.bench.FmaPeak} is the most
 * it can do, {@link dev.unroll.math.bench.ProductRate} what it does in the products of a time step.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.math.bench;
