package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.spark.shards.RowShuffle;
import dev.unroll.spark.source.Origin;
import dev.unroll.spark.source.SourceFiles;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Rows of a DataFrame to canonical order: takes a dataset, gives {@link SparkCanonicalRows}, sorted by hash64(seed,
 * bytes) and then by the bytes.
 *
 * <p>Rows travel as the bytes of {@link KeyedRow}s, so the partitions are ranges of the hash: no sample is needed, the
 * source is read once, and which partition a row was read in leaves no trace.
 */
public final class SequenceReader {

    private static final byte[] NOTHING = {};

    private final JavaSparkContext context;
    private final RowSpec spec;
    private final boolean skipInvalid;
    private final long seed;

    /**
     * @param skipInvalid whether rows that cannot be used are counted and left out; otherwise the first of them is an
     *     error
     * @param seed keys the canonical order
     */
    public SequenceReader(JavaSparkContext context, RowSpec spec, boolean skipInvalid, long seed) {
        this.context = context;
        this.spec = spec;
        this.skipInvalid = skipInvalid;
        this.seed = seed;
    }

    /**
     * Reads rows to train on, and holds a share of them out.
     *
     * @param heldOut share of rows to hold out, by a hash of the steps alone
     * @throws InputException for a missing column, and for the first bad row unless they are skipped
     */
    public SparkCanonicalRows read(Dataset<?> dataset, double heldOut) {
        return requireUsable(dataset, null, parser -> sorted(dataset, parser, HoldOut.share(heldOut)));
    }

    /**
     * Reads rows of which none is trained on: to validate or evaluate on. All of them count as held out, and their
     * tokens are not counted.
     *
     * @param labels the labels allowed; null for any
     * @throws InputException for a missing column, and for the first bad row unless they are skipped
     */
    public SparkCanonicalRows readAll(Dataset<?> dataset, Labels labels) {
        return requireUsable(dataset, labels, parser -> sorted(dataset, parser, HoldOut.all()));
    }

    /**
     * Reads rows for a training per key: each key's are in canonical order of their own, as if there were no others.
     *
     * @param keys columns; rows of one key have the same values in all of them
     * @param heldOut share of each key's rows to hold out, by a hash of the steps alone
     * @param indicator column that is true in rows to hold out; empty for none
     * @throws InputException for a missing column, and for the first bad row unless they are skipped
     */
    public RowsByKey read(Dataset<?> dataset, List<String> keys, double heldOut, String indicator) {
        return requireUsable(dataset, null, parser -> RowsByKey.read(dataset, parser, keys, seed, heldOut, indicator));
    }

    /**
     * Reads rows for several trainings that are each in one task.
     *
     * @param indicator column that is true in rows to hold out; empty where each training says itself which those are
     * @throws InputException for a missing column, for the first bad row unless they are skipped, and for rows that have no room
     */
    public CollectedRows collect(Dataset<?> dataset, String indicator) {
        return requireUsable(dataset, null, parser -> CollectedRows.read(dataset, parser, indicator));
    }

    /** Reads; where widths differ a second time, and the most frequent one is then the one allowed. */
    private <R extends ReadRows> R requireUsable(Dataset<?> dataset, Labels labels, Function<RowParser, R> reader) {
        RowParser parser = new RowParser(dataset.schema(), spec, labels);
        R rows = reader.apply(parser);
        if (rows.statistics().hasSeveralWidths()) {
            RowStatistics found = rows.statistics();
            rows.close();
            rows = reader.apply(parser.withWidths(found.mostFrequentWidth(), found.mostFrequentTargetWidth()));
        }
        boolean usable = false;
        try {
            RowStatistics statistics = rows.statistics();
            if (!skipInvalid) {
                statistics.counts().badRows().requireNone(context.hadoopConfiguration());
            }
            requireSome(dataset, statistics.sequences(), statistics.skipped());
            usable = true;
            return rows;
        } finally {
            if (!usable) {
                rows.close();
            }
        }
    }

    /** @throws InputException if no row of a dataset can be used */
    static void requireSome(Dataset<?> dataset, long usable, Map<String, Long> skipped) {
        if (usable == 0) {
            throw new InputException("there is no usable row in " + files(dataset)
                    + (skipped.isEmpty() ? "" : "; skipped were " + skipped));
        }
    }

    private static String files(Dataset<?> dataset) {
        String[] files = dataset.inputFiles();
        return files.length == 0
                ? "the data"
                : SourceFiles.shown(files[0]) + (files.length > 1 ? " and " + (files.length - 1) + " other files" : "");
    }

    private SparkCanonicalRows sorted(Dataset<?> dataset, RowParser parser, HoldOut holdOut) {
        JavaPairRDD<byte[], byte[]> keyed =
                encoded(dataset, parser, holdOut).mapToPair(bytes -> new Tuple2<>(bytes, NOTHING));
        int partitions = partitions(keyed);
        JavaRDD<byte[]> packs = RowShuffle.sorted(keyed, new KeyedRow.HashRanges(partitions), KeyedRow.ORDER)
                .keys()
                .mapPartitions(PackedRows::pack)
                .persist(StorageLevel.MEMORY_AND_DISK());
        List<RowCounts> counts =
                RowCounts.byPartition(packs.mapPartitions(PackedRows::unpack), RowCounts.maxTokens(partitions));
        return new SparkCanonicalRows(packs, counts, parser);
    }

    /** {@link KeyedRow}s as bytes, in the order and the partitions of the dataset. */
    private JavaRDD<byte[]> encoded(Dataset<?> dataset, RowParser parser, HoldOut holdOut) {
        long seed = this.seed;
        return Origin.select(dataset, parser.columns())
                .javaRDD()
                .mapPartitions(
                        rows -> new EncodedRows<>(rows, parser, seed, holdOut, (row, keyed, whole) -> keyed.toBytes()));
    }

    /** More than there were where they are many: they come as large as Spark reads them, and are sorted in memory. */
    private int partitions(JavaPairRDD<?, ?> rows) {
        int atOnce = context.defaultParallelism();
        return rows.getNumPartitions() <= atOnce ? atOnce : 4 * rows.getNumPartitions();
    }
}
