package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.RowOutcome;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.Streams;
import dev.unroll.spark.shards.LocalShards;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardDealer;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.source.BadRow;
import dev.unroll.spark.source.RowPlace;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import scala.Tuple2;

/** Rows in canonical order, in this process: those of one key, or of a training in one task. */
public final class LocalCanonicalRows implements CanonicalRows<LocalShards> {

    private final List<byte[]> sorted; // KeyedRows as bytes
    private final RowStatistics statistics;

    /**
     * Rows and what is counted of them.
     *
     * @param sorted {@link KeyedRow}s as bytes in canonical order, taken over, and emptied when the rows are freed
     * @param marked whether rows to validate on were marked, so that a label that no training row has is a fault of them
     */
    static LocalCanonicalRows of(List<byte[]> sorted, RowParser parser, boolean marked) {
        RowCounts counts = RowCounts.of(sorted.iterator(), Integer.MAX_VALUE);
        if (marked && counts.labels().containsValue(0L)) {
            Map<Object, Long> labels = counts.labels();
            sorted.replaceAll(row -> requireKnownLabels(row, parser, labels));
            counts = RowCounts.of(sorted.iterator(), Integer.MAX_VALUE);
        }
        return new LocalCanonicalRows(sorted, new RowStatistics(counts, parser));
    }

    /**
     * The row; or a bad one for a row to validate on with a label that no training row has, as where such rows are
     * read by themselves.
     *
     * @param labels by how many training rows have them
     */
    private static byte[] requireKnownLabels(byte[] row, RowParser parser, Map<Object, Long> labels) {
        if (KeyedRow.split(row) != Split.HELD_OUT) {
            return row;
        }
        RowOutcome outcome = KeyedRow.fromBytes(row).canonicalRow().outcome();
        for (int t = 0; t < outcome.labels().size(); t++) {
            for (Object label : outcome.labelsOf(t)) {
                if (labels.get(label) == 0) {
                    BadRow bad = BadRow.of(new RowPlace("", 0, 0, false), parser.unseen(label));
                    return KeyedRow.of(bad).toBytes();
                }
            }
        }
        return row;
    }

    private LocalCanonicalRows(List<byte[]> sorted, RowStatistics statistics) {
        this.sorted = sorted;
        this.statistics = statistics;
    }

    /** The same rows for one more training, which frees only these. */
    public LocalCanonicalRows copy() {
        return new LocalCanonicalRows(new ArrayList<>(sorted), statistics);
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
        return SeriesStatistics.scales(
                sorted.iterator(), statistics.inputs().series().columns(), numbers);
    }

    @Override
    public void close() {
        sorted.clear();
    }
}
