/**
 * Sequences as primitive arrays: {@link dev.unroll.data.Sequence} is one, {@link dev.unroll.data.Shard} holds many,
 * {@link dev.unroll.data.SequenceBatch} packs some of them time-major without padding, and
 * {@link dev.unroll.data.ShardPlan} says which belong to which shard, batch and place.
 * {@link dev.unroll.data.Vocabulary} and {@link dev.unroll.data.Labels} say what ids mean,
 * {@link dev.unroll.data.CanonicalRow} is a row before it has ids.
 */
package dev.unroll.data;
