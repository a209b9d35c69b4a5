package dev.unroll.spark.rows;

import dev.unroll.data.Streams;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.Shards;

/** Rows in canonical order, with what a look at all of them found out: on executors, or those of one key in this process. */
public sealed interface CanonicalRows extends ReadRows permits SparkCanonicalRows, LocalCanonicalRows {

    @Override
    RowFacts facts();

    /**
     * The training part, dealt to shards.
     *
     * @param partitions that the shards are to be in, where they are on executors
     */
    Shards training(int shards, int partitions, RowDecoder decoder);

    /** The windows of the streams, dealt to shards. */
    Shards training(Streams streams, int shards, int partitions, RowDecoder decoder);

    /** The part held out, dealt to shards. */
    Shards heldOut(int shards, int partitions, RowDecoder decoder);

    /** Frees the rows; shards that were made before stay. */
    @Override
    void close();
}
