/**
 * The training loop, with no Spark in it: an {@link dev.unroll.train.Objective} gives canonical sums, the {@link
 * dev.unroll.train.Trainer} turns them into updates, listeners hear of each.
 */
package dev.unroll.train;
