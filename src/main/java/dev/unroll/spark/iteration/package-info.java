/**
 * One update on Spark: {@link dev.unroll.spark.iteration.SparkObjective} sends the parameters to the tasks, each
 * computes the sums of its cached shards, and their sums are merged in the canonical tree.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.spark.iteration;
