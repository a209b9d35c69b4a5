package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.data.Labels;
import dev.unroll.data.TokenCounts;
import dev.unroll.spark.shards.RowShuffle;
import dev.unroll.spark.source.Origin;
import dev.unroll.spark.source.SourceFiles;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Rows of a DataFrame to canonical order: takes a dataset, gives {@link SparkCanonicalRows}, sorted by hash64(seed, bytes) and then by the
 * bytes.
 *
 * <p>Rows travel as the bytes of {@link KeyedRow}s, so the partitions are ranges of the hash: no sample is needed, the source is read once,
 * and which partition a row was read in leaves no trace.
 */
public final class SequenceReader {

    private static final byte[] NOTHING = {};

    private final JavaSparkContext context;
    private final RowSpec spec;
    private final boolean skipInvalid;
    private final long seed;

    /**
     * @param skipInvalid whether rows that cannot be used are counted and left out; otherwise the first of them is an error
     * @param seed keys the canonical order
     */
    public SequenceReader(JavaSparkContext context, RowSpec spec, boolean skipInvalid, long seed) {
        this.context = context;
        this.spec = spec;
        this.skipInvalid = skipInvalid;
        this.seed = seed;
    }

    /**
     * Reads rows, and holds a share of them out.
     *
     * @param heldOut share of rows to hold out, by a hash of the steps alone; 1 for all, as for validation data of their own
     * @param labels the labels allowed; null for any
     * @throws InputException for a missing column, and for the first bad row unless they are skipped
     */
    public SparkCanonicalRows read(Dataset<?> dataset, double heldOut, Labels labels) {
        RowParser parser = new RowParser(dataset.schema(), spec, labels);
        return read(dataset, parser, p -> read(dataset, p, heldOut));
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
        RowParser parser = new RowParser(dataset.schema(), spec, null);
        return read(dataset, parser, p -> RowsByKey.read(dataset, p, keys, seed, heldOut, indicator));
    }

    /** Reads, a second time where widths differ: the most frequent one is then the one allowed. */
    private <R extends ReadRows> R read(Dataset<?> dataset, RowParser parser, Function<RowParser, R> reader) {
        R rows = reader.apply(parser);
        Survey found = rows.facts().survey();
        if (found.widths.size() > 1 || found.targetWidths.size() > 1) {
            rows.close();
            rows = reader.apply(parser.withWidths(mostFrequent(found.widths), mostFrequent(found.targetWidths)));
        }
        Survey survey = rows.facts().survey();
        if (survey.badRows > 0 && !skipInvalid) {
            rows.close();
            throw new InputException(survey.refusal(context.hadoopConfiguration()));
        }
        if (survey.trainingSequences + survey.heldOutSequences == 0) {
            rows.close();
            throw new InputException("there is no usable row in " + files(dataset)
                    + (survey.badRows > 0 ? "; skipped were " + survey.badByReason : ""));
        }
        return rows;
    }

    private static String files(Dataset<?> dataset) {
        String[] files = dataset.inputFiles();
        return files.length == 0
                ? "the data"
                : SourceFiles.shown(files[0]) + (files.length > 1 ? " and " + (files.length - 1) + " other files" : "");
    }

    /** The most frequent key, the smallest of several; 0 for none. */
    private static int mostFrequent(Map<Integer, Long> counts) {
        int best = 0;
        long most = 0;
        for (Map.Entry<Integer, Long> entry : counts.entrySet()) {
            if (entry.getValue() > most) {
                best = entry.getKey();
                most = entry.getValue();
            }
        }
        return best;
    }

    private SparkCanonicalRows read(Dataset<?> dataset, RowParser parser, double heldOut) {
        Dataset<Row> selected = Origin.select(dataset, parser.columns());
        long seed = this.seed;
        JavaPairRDD<byte[], byte[]> keyed = selected.javaRDD()
                .mapPartitions(
                        rows -> new EncodedRows<>(rows, parser, seed, HoldOut.share(heldOut), (row, bytes) -> bytes))
                .mapToPair(bytes -> new Tuple2<>(bytes, NOTHING));
        int partitions = partitions(keyed);
        int mostTokens = Survey.mostTokens(partitions);
        JavaRDD<byte[]> chunks = RowShuffle.sorted(keyed, new KeyedRow.HashRanges(partitions), KeyedRow.ORDER)
                .keys()
                .mapPartitions(PackedRows::pack)
                .persist(StorageLevel.MEMORY_AND_DISK());
        List<Survey> surveys =
                chunks.mapPartitions(packed -> surveyed(PackedRows.unpack(packed), mostTokens)).collect().stream()
                        .map(Survey::fromBytes)
                        .toList();
        return new SparkCanonicalRows(chunks, surveys, parser);
    }

    /** More than there were where they are many: they come as large as Spark reads them, and are sorted in memory. */
    private int partitions(JavaPairRDD<?, ?> rows) {
        int atOnce = context.defaultParallelism();
        return rows.getNumPartitions() <= atOnce ? atOnce : 4 * rows.getNumPartitions();
    }

    /** As bytes, which no serializer of Spark needs to be told of. */
    static Iterator<byte[]> surveyed(Iterator<byte[]> keyed, int mostTokens) {
        return List.of(survey(keyed, mostTokens).toBytes()).iterator();
    }

    /**
     * What there is to know of some {@link KeyedRow}s.
     *
     * @param mostTokens different tokens to count at most; of more, that there are so many is all that is noted
     */
    static Survey survey(Iterator<byte[]> keyed, int mostTokens) {
        Survey survey = new Survey();
        TokenCounts tokens = new TokenCounts();
        while (keyed.hasNext()) {
            KeyedRow next = KeyedRow.fromBytes(keyed.next());
            if (next.split() == Split.BAD) {
                survey.bad(next.badRow());
                continue;
            }
            CanonicalRow row = next.canonicalRow();
            if (next.split() == Split.TRAINING) {
                survey.trainingSequences++;
                survey.trainingSteps += row.length();
                survey.trainingHash += next.hash();
                if (tokens.distinct() <= mostTokens) {
                    row.countTokens(tokens);
                }
            } else {
                survey.heldOutSequences++;
                survey.heldOutSteps += row.length();
                survey.heldOutHash += next.hash();
            }
            if (row.hasValues()) {
                survey.widths.merge(row.width(), 1L, Long::sum);
            }
            if (row.targetWidth() > 0) {
                survey.targetWidths.merge(row.targetWidth(), 1L, Long::sum);
            }
            long counted = next.split() == Split.TRAINING ? 1 : 0;
            for (Object label : row.labels()) {
                survey.labels.merge(label, counted, Long::sum);
            }
        }
        survey.manyTokens = tokens.distinct() > mostTokens;
        if (!survey.manyTokens) {
            tokens.addTo(survey.tokens);
        }
        return survey;
    }
}
