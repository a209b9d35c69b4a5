package dev.unroll.spark.rows;

import dev.unroll.data.SeriesScales;
import dev.unroll.data.Streams;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.Shards;

/**
 * Rows in canonical order, and what is known of them: on executors, or those of one key in this process.
 *
 * @param <S> shards that they are dealt to
 */
public interface CanonicalRows<S extends Shards> extends ReadRows {

    @Override
    RowStatistics statistics();

    /**
     * The training rows, dealt to shards.
     *
     * @param partitions to have the shards in, where they are on executors
     */
    S training(int shards, int partitions, RowDecoder decoder);

    /** The windows of the streams, dealt to shards. */
    S training(Streams streams, int shards, int partitions, RowDecoder decoder);

    /** The rows held out, dealt to shards. */
    S heldOut(int shards, int partitions, RowDecoder decoder);

    /**
     * The scale of each series by its training rows.
     *
     * @param numbers of a step that are scaled, the first ones
     * @throws dev.unroll.data.InputException for a series of which no row to train on has a first number, and for too many series
     */
    SeriesScales seriesScales(int numbers);

    /** Frees the rows; shards that were made before remain. */
    @Override
    void close();
}
