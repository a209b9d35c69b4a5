package dev.unroll.spark;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Streams;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;

/** Rows in canonical order, on executors. */
public final class CanonicalRows implements SortedRows {

    private final JavaRDD<byte[]> sorted; // hash, part, bytes
    private final RowFacts facts;

    CanonicalRows(JavaRDD<byte[]> sorted, RowFacts facts) {
        this.sorted = sorted;
        this.facts = facts;
    }

    @Override
    public RowFacts facts() {
        return facts;
    }

    @Override
    public ShardedRows training(int shards, int partitions, RowDecoder decoder) {
        long sequences = facts.trainingSequences();
        long bytes = facts.bytes(sequences, facts.trainingSteps(), decoder);
        ShardLayout layout = ShardLayout.of(shards, partitions, sequences, bytes);
        return ShardedRows.deal(part(SequenceReader.TRAINING), n -> n, layout, decoder);
    }

    @Override
    public ShardedRows training(Streams streams, int shards, int partitions, RowDecoder decoder) {
        long[] starts = stepsByPartition();
        long position = 0;
        for (int p = 0; p < starts.length; p++) {
            long steps = starts[p];
            starts[p] = position;
            position += steps;
        }
        JavaPairRDD<Long, byte[]> pieces = sorted.mapPartitionsWithIndex(
                        (partition, keys) -> new StreamPieces(training(keys), streams, starts[partition]), true)
                .mapToPair(piece -> piece);
        long bytes = facts.bytes(streams.windows(), streams.steps(), decoder);
        ShardLayout layout = ShardLayout.of(shards, partitions, streams.windows(), bytes);
        return ShardedRows.deal(pieces, streams::ordinal, layout, decoder);
    }

    private long[] stepsByPartition() {
        List<Long> steps = sorted.mapPartitions(keys -> {
                    long sum = 0;
                    for (Iterator<CanonicalRow> rows = training(keys); rows.hasNext(); ) {
                        sum += StreamPieces.steps(rows.next());
                    }
                    return List.of(sum).iterator();
                })
                .collect();
        return steps.stream().mapToLong(Long::longValue).toArray();
    }

    private static Iterator<CanonicalRow> training(Iterator<byte[]> keys) {
        return SequenceReader.rows(keys, SequenceReader.TRAINING);
    }

    @Override
    public ShardedRows heldOut(int shards, int partitions, RowDecoder decoder) {
        long sequences = facts.heldOutSequences();
        long bytes = facts.bytes(sequences, facts.heldOutSteps(), decoder);
        ShardLayout layout = ShardLayout.of(shards, partitions, sequences, bytes);
        return ShardedRows.deal(part(SequenceReader.HELD_OUT), n -> n, layout, decoder);
    }

    /** Rows of one part by their ordinal: the rank in canonical order. */
    private JavaPairRDD<Long, byte[]> part(byte part) {
        return sorted.filter(key -> key[Long.BYTES] == part)
                .map(key -> SequenceReader.row(key).bytes())
                .zipWithIndex()
                .mapToPair(scala.Tuple2::swap);
    }

    @Override
    public void close() {
        // Blocking: a removal under way while the session stops prints stack traces on standard error.
        sorted.unpersist(true);
    }
}
