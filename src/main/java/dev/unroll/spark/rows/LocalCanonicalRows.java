package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.Streams;
import dev.unroll.spark.shards.LocalShards;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardDealer;
import dev.unroll.spark.shards.ShardLayout;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import scala.Tuple2;

/** Rows in canonical order, in this process: those of one key. */
public final class LocalCanonicalRows implements CanonicalRows<LocalShards> {

    private final List<byte[]> sorted; // KeyedRows as bytes
    private final RowStatistics statistics;

    /** @param sorted taken over, and emptied when the rows are freed */
    LocalCanonicalRows(List<byte[]> sorted, RowStatistics statistics) {
        this.sorted = sorted;
        this.statistics = statistics;
    }

    @Override
    public RowStatistics statistics() {
        return statistics;
    }

    @Override
    public LocalShards training(int shards, int partitions, RowDecoder decoder) {
        return split(Split.TRAINING, shards, decoder);
    }

    @Override
    public LocalShards training(Streams streams, int shards, int partitions, RowDecoder decoder) {
        List<Tuple2<Long, byte[]>> pieces = new ArrayList<>();
        new StreamPieces(KeyedRow.canonicalRows(sorted.iterator(), Set.of(Split.TRAINING)), streams, 0)
                .forEachRemaining(pieces::add);
        ShardDealer dealer = new ShardDealer(streams::ordinal, ShardLayout.whole(shards, 1));
        return new LocalShards(dealer.shards(0, pieces.iterator(), decoder));
    }

    @Override
    public LocalShards heldOut(int shards, int partitions, RowDecoder decoder) {
        return split(Split.HELD_OUT, shards, decoder.measuring());
    }

    private LocalShards split(Split split, int shards, RowDecoder decoder) {
        List<Tuple2<Long, byte[]>> rows = new ArrayList<>();
        Iterator<CanonicalRow> some = KeyedRow.canonicalRows(sorted.iterator(), Set.of(split));
        while (some.hasNext()) {
            rows.add(new Tuple2<>((long) rows.size(), some.next().bytes()));
        }
        return new LocalShards(
                new ShardDealer(n -> n, ShardLayout.whole(shards, 1)).shards(0, rows.iterator(), decoder));
    }

    @Override
    public SeriesScales seriesScales(int numbers) {
        throw new IllegalStateException("rows of one key are one series");
    }

    @Override
    public void close() {
        sorted.clear();
    }
}
