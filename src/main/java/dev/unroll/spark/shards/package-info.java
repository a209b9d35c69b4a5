/**
 * Rows in canonical order to shards that executors cache as primitive arrays: {@link
 * dev.unroll.spark.shards.ShardLayout} says which shard and partition an ordinal is in, {@link
 * dev.unroll.spark.shards.ShardedRows} holds the shards, and {@link dev.unroll.spark.shards.TaskPlacement} groups
 * partitions to tasks.
 *
 * @apiNote Not API: it may change with any version.
 */
package dev.unroll.spark.shards;
