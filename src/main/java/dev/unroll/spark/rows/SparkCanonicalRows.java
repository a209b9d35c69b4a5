package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.SeriesScales;
import dev.unroll.data.Streams;
import dev.unroll.spark.rows.RowCounts.Totals;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.ShardedRows;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** Rows in canonical order, on executors. */
public final class SparkCanonicalRows implements CanonicalRows<ShardedRows> {

    private final JavaRDD<byte[]> packs; // of KeyedRows as bytes
    private final List<Map<Split, Totals>> totals; // by partition
    private final RowStatistics statistics;
    private SeriesScales series; // null until they are asked for

    /**
     * @param packs rows in canonical order, packed
     * @param counts of each partition
     */
    SparkCanonicalRows(JavaRDD<byte[]> packs, List<RowCounts> counts, RowParser parser) {
        this.packs = packs;
        this.totals = counts.stream().map(SparkCanonicalRows::totals).toList();
        this.statistics = new RowStatistics(
                RowCounts.merged(counts),
                parser,
                (vocabulary, size) ->
                        VocabularyCounter.vocabulary(packs.mapPartitions(PackedRows::unpack), vocabulary, size));
    }

    /** Of one partition, without its tokens and labels. */
    private static Map<Split, Totals> totals(RowCounts counts) {
        Map<Split, Totals> totals = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            totals.put(split, counts.of(split));
        }
        return totals;
    }

    @Override
    public RowStatistics statistics() {
        return statistics;
    }

    @Override
    public ShardedRows training(int shards, int partitions, RowDecoder decoder) {
        return dealt(Set.of(Split.TRAINING), shards, partitions, decoder);
    }

    @Override
    public ShardedRows training(Streams streams, int shards, int partitions, RowDecoder decoder) {
        long bytes = statistics.bytes(streams.windows(), streams.steps(), decoder);
        ShardLayout layout = ShardLayout.of(shards, partitions, streams.windows(), bytes);
        Set<Split> training = Set.of(Split.TRAINING);
        // A document has as many steps as it has next tokens.
        long[] starts = starts(training, totals -> totals.steps() - totals.sequences());
        JavaPairRDD<Long, byte[]> pieces = packs.mapPartitionsWithIndex(
                        (p, packed) -> new StreamPieces(
                                KeyedRow.canonicalRows(PackedRows.unpack(packed), training), streams, starts[p]),
                        true)
                .mapToPair(piece -> piece);
        return ShardedRows.deal(pieces, streams::ordinal, layout, decoder);
    }

    @Override
    public ShardedRows heldOut(int shards, int partitions, RowDecoder decoder) {
        return dealt(Set.of(Split.HELD_OUT), shards, partitions, decoder.measuring());
    }

    /**
     * All rows that can be used, dealt to shards to measure predictions on.
     *
     * @param partitions to have the shards in
     */
    public ShardedRows all(int shards, int partitions, RowDecoder decoder) {
        return dealt(Set.of(Split.TRAINING, Split.HELD_OUT), shards, partitions, decoder.measuring());
    }

    /** The rows of some splits by their ordinal, which is their rank in canonical order. */
    private ShardedRows dealt(Set<Split> splits, int shards, int partitions, RowDecoder decoder) {
        Totals all = splits.stream().map(statistics.counts()::of).reduce(Totals.NONE, Totals::plus);
        long bytes = statistics.bytes(all.sequences(), all.steps(), decoder);
        ShardLayout layout = ShardLayout.of(shards, partitions, all.sequences(), bytes);
        long[] starts = starts(splits, Totals::sequences);
        JavaPairRDD<Long, byte[]> rows = packs.mapPartitionsWithIndex(
                        (p, packed) -> numbered(KeyedRow.canonicalRows(PackedRows.unpack(packed), splits), starts[p]),
                        true)
                .mapToPair(row -> row);
        return ShardedRows.deal(rows, n -> n, layout, decoder);
    }

    private static Iterator<Tuple2<Long, byte[]>> numbered(Iterator<CanonicalRow> rows, long first) {
        long[] next = {first};
        return IteratorUtils.transformedIterator(rows, row -> new Tuple2<>(next[0]++, row.bytes()));
    }

    /** By partition, the sum of a count over all partitions before it. */
    private long[] starts(Set<Split> splits, ToLongFunction<Totals> count) {
        long[] starts = new long[totals.size()];
        for (int p = 1; p < starts.length; p++) {
            Map<Split, Totals> before = totals.get(p - 1);
            starts[p] = starts[p - 1]
                    + splits.stream().map(before::get).mapToLong(count).sum();
        }
        return starts;
    }

    @Override
    public SeriesScales seriesScales(int numbers) {
        if (series == null) {
            List<String> columns = statistics.inputs().series().columns();
            series = SeriesStatistics.scales(packs.mapPartitions(PackedRows::unpack), columns, numbers);
        }
        return series;
    }

    @Override
    public void close() {
        // Blocking: a removal under way while the session stops prints stack traces on standard error.
        packs.unpersist(true);
    }
}
