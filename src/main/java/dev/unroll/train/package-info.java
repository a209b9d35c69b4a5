/**
 * The driver's loop, without Spark: an {@link dev.unroll.train.Objective} gives canonical sums, the {@link
 * dev.unroll.train.Trainer} turns them into updates, listeners are told of each.
 *
 * @apiNote API are {@link dev.unroll.train.IterationListener}, {@link dev.unroll.train.IterationReport}, {@link
 *     dev.unroll.train.StopRequest}, {@link dev.unroll.train.TrainingException} and the histories; the rest may change
 *     with any version.
 */
package dev.unroll.train;
