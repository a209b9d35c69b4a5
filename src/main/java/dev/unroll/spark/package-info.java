/**
 * The distributed half: {@link dev.unroll.spark.SequenceReader} turns rows of a DataFrame into canonical order and shards, {@link
 * dev.unroll.spark.SparkObjective} runs one iteration over them: broadcast, one map over the cached shards, canonical tree.
 */
package dev.unroll.spark;
