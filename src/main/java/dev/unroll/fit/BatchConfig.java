package dev.unroll.fit;

import java.io.Serializable;

/**
 * Which sequences make an update.
 *
 * @param seed of the order of the data and of initial parameters
 * @param batchSize sequences per update; 0 for all; with carried states the number of streams
 * @param numShards shards that sequences are dealt to; 0 for the rule of {@code ShardPlan.defaultShards}
 * @param carryState whether states are carried from update to update
 * @param window steps that a language model's documents are cut into; 0 for whole documents
 */
public record BatchConfig(long seed, int batchSize, int numShards, boolean carryState, int window)
        implements Serializable {}
