/**
 * Probability distributions of a number or a count: {@link dev.unroll.distribution.Distribution} has their quantiles, and the CRPS of what came.
 */
package dev.unroll.distribution;
