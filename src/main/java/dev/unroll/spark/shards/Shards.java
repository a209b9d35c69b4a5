package dev.unroll.spark.shards;

import dev.unroll.data.Shard;
import dev.unroll.worker.StatisticsSum;
import java.util.List;

/** Sequences dealt to shards: on executors, or in this process. */
public interface Shards extends AutoCloseable {

    /** All shards, in order, in this process. */
    List<Shard> collect();

    /** The most steps that so many sequences of one shard have in all. */
    long longest(int count);

    /** Sums of steps and targets, through the canonical tree. */
    StatisticsSum statistics(int inputWidth, int staticWidth, int targetWidth);

    /** Makes the shards now, so that what they are made from can be freed. */
    Shards materialize();

    /** Frees the shards. */
    @Override
    void close();
}
