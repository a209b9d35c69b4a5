package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.CounterRandom;

/**
 * The random numbers of one pass over the data, keyed by their purpose: the numbers of a sequence do not depend on the
 * shards, batches or executors it is processed with. Each sequence is used once in an epoch, so the epoch is part of
 * the key instead of the iteration.
 *
 * @param epoch passes completed before this one
 * @param shards U, which with a sequence's shard and place gives its ordinal
 */
public record Draws(long seed, long epoch, int shards) {

    /** Where nothing is drawn. */
    public static final Draws NONE = new Draws(0, 0, 1);

    private static final long DROPOUT = 3;
    private static final long TRUNCATION = 4;
    private static final long FLOW = 5;

    /** The draws of one step; number {@code unit} is that of one input of the layer. Steps count from 0. */
    public CounterRandom dropout(long ordinal, int layer, int step) {
        return new CounterRandom(seed, DROPOUT, epoch, ordinal, layer, step);
    }

    /**
     * The draw that decides whether gradients flow from a step, counted from 0 in the layer's own direction, to the
     * previous one.
     */
    double truncation(long ordinal, int layer, int direction, int step) {
        return new CounterRandom(seed, TRUNCATION, epoch, ordinal, layer, direction).uniform(step);
    }

    /** The step of sequence b of a batch whose loss alone is followed back. */
    public int step(SequenceBatch batch, int b) {
        return new CounterRandom(seed, FLOW, epoch, ordinal(batch, b)).below(batch.length(b), 0);
    }

    /** The rank in canonical order of sequence b of a batch. */
    public long ordinal(SequenceBatch batch, int b) {
        return (long) batch.place(b) * shards + batch.shardIndex(b);
    }
}
