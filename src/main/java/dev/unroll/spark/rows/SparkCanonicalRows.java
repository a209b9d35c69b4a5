package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Streams;
import dev.unroll.data.TokenCounts;
import dev.unroll.data.Vocabulary;
import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.spark.shards.RowDecoder;
import dev.unroll.spark.shards.ShardLayout;
import dev.unroll.spark.shards.ShardedRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.commons.collections4.iterators.LazyIteratorChain;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** Rows in canonical order, on executors. */
public final class SparkCanonicalRows implements CanonicalRows {

    private final JavaRDD<byte[]> chunks; // of KeyedRows as bytes
    private final List<Counts> counts; // by partition
    private final RowFacts facts;

    /** How many rows and steps a partition has of each split. */
    private record Counts(long training, long trainingSteps, long heldOut) {
        static Counts of(Survey survey) {
            return new Counts(survey.trainingSequences, survey.trainingSteps, survey.heldOutSequences);
        }
    }

    /**
     * @param chunks rows in canonical order, packed
     * @param surveys of each partition
     */
    SparkCanonicalRows(JavaRDD<byte[]> chunks, List<Survey> surveys, RowParser parser) {
        this.chunks = chunks;
        this.counts = surveys.stream().map(Counts::of).toList();
        Survey all = new Survey();
        surveys.forEach(all::merge);
        this.facts = new RowFacts(all, parser, this::countedVocabulary);
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
        return ShardedRows.deal(split(Split.TRAINING, Counts::training), n -> n, layout, decoder);
    }

    @Override
    public ShardedRows training(Streams streams, int shards, int partitions, RowDecoder decoder) {
        long bytes = facts.bytes(streams.windows(), streams.steps(), decoder);
        ShardLayout layout = ShardLayout.of(shards, partitions, streams.windows(), bytes);
        // A document has as many steps as it has next tokens.
        long[] starts = starts(partition -> partition.trainingSteps() - partition.training());
        JavaPairRDD<Long, byte[]> pieces = chunks.mapPartitionsWithIndex(
                        (p, packed) -> new StreamPieces(
                                KeyedRow.canonicalRows(PackedRows.unpack(packed), Split.TRAINING), streams, starts[p]),
                        true)
                .mapToPair(piece -> piece);
        return ShardedRows.deal(pieces, streams::ordinal, layout, decoder);
    }

    @Override
    public ShardedRows heldOut(int shards, int partitions, RowDecoder decoder) {
        long sequences = facts.heldOutSequences();
        long bytes = facts.bytes(sequences, facts.heldOutSteps(), decoder);
        ShardLayout layout = ShardLayout.of(shards, partitions, sequences, bytes);
        return ShardedRows.deal(split(Split.HELD_OUT, Counts::heldOut), n -> n, layout, decoder);
    }

    /** Rows of one split by their ordinal: the rank in canonical order. */
    private JavaPairRDD<Long, byte[]> split(Split split, ToLongFunction<Counts> count) {
        long[] starts = starts(count);
        return chunks.mapPartitionsWithIndex(
                        (p, packed) -> numbered(KeyedRow.canonicalRows(PackedRows.unpack(packed), split), starts[p]),
                        true)
                .mapToPair(row -> row);
    }

    private static Iterator<Tuple2<Long, byte[]>> numbered(Iterator<CanonicalRow> rows, long first) {
        long[] next = {first};
        return IteratorUtils.transformedIterator(rows, row -> new Tuple2<>(next[0]++, row.bytes()));
    }

    /** By partition, the sum of what all before it count. */
    private long[] starts(ToLongFunction<Counts> count) {
        long[] starts = new long[counts.size()];
        for (int p = 1; p < starts.length; p++) {
            starts[p] = starts[p - 1] + count.applyAsLong(counts.get(p - 1));
        }
        return starts;
    }

    /** Counted on executors: there are more different tokens than surveys should bring to the driver. */
    private Vocabulary countedVocabulary(int maximumSize) {
        JavaPairRDD<String, Long> counts = chunks.mapPartitions(
                        packed -> counted(KeyedRow.canonicalRows(PackedRows.unpack(packed), Split.TRAINING)))
                .mapToPair(count -> count)
                .reduceByKey(Long::sum);
        if (maximumSize == 0) {
            Vocabulary.requireSize(counts.count());
        }
        int size = maximumSize == 0 ? Vocabulary.MAX_SIZE : maximumSize;
        byte[] most = counts.mapPartitions(
                        part -> List.of(mostFrequent(part, size)).iterator())
                .treeReduce((a, b) -> mostFrequent(a, b, size));
        return Vocabulary.of(ObjectBytes.<HashMap<String, Long>>read(most), size, 1);
    }

    /** Tokens and how often they occur, of some rows after the other. */
    private static Iterator<Tuple2<String, Long>> counted(Iterator<CanonicalRow> rows) {
        return new LazyIteratorChain<>() {
            @Override
            protected Iterator<Tuple2<String, Long>> nextIterator(int n) {
                if (!rows.hasNext()) {
                    return null;
                }
                TokenCounts counts = new TokenCounts();
                while (rows.hasNext() && counts.distinct() < Survey.MOST_TOKENS) {
                    rows.next().countTokens(counts);
                }
                Map<String, Long> some = new HashMap<>();
                counts.addTo(some);
                return IteratorUtils.transformedIterator(
                        some.entrySet().iterator(), entry -> new Tuple2<>(entry.getKey(), entry.getValue()));
            }
        };
    }

    /** As bytes, which no serializer of Spark needs to be told of. */
    private static byte[] mostFrequent(Iterator<Tuple2<String, Long>> counts, int most) {
        List<Map.Entry<String, Long>> all = new ArrayList<>();
        counts.forEachRemaining(count -> all.add(Map.entry(count._1(), count._2())));
        return mostFrequent(all, most);
    }

    /** Of tokens of which none is in both. */
    private static byte[] mostFrequent(byte[] some, byte[] others, int most) {
        List<Map.Entry<String, Long>> all =
                new ArrayList<>(ObjectBytes.<HashMap<String, Long>>read(some).entrySet());
        all.addAll(ObjectBytes.<HashMap<String, Long>>read(others).entrySet());
        return mostFrequent(all, most);
    }

    private static byte[] mostFrequent(List<Map.Entry<String, Long>> all, int most) {
        all.sort(Vocabulary.BY_FREQUENCY);
        HashMap<String, Long> kept = new HashMap<>();
        all.stream().limit(most).forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        return ObjectBytes.write(kept);
    }

    @Override
    public void close() {
        // Blocking: a removal under way while the session stops prints stack traces on standard error.
        chunks.unpersist(true);
    }
}
