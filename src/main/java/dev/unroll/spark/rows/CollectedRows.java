package dev.unroll.spark.rows;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.InputException;
import dev.unroll.spark.source.Origin;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.storage.StorageLevel;

/**
 * The rows of a dataset in every process, from which each of several tasks makes canonical rows of its own: with its seed, and
 * with the share that it holds out.
 */
public final class CollectedRows implements ReadRows, Serializable {

    private static final long serialVersionUID = 1L;

    private static final int POSITION = Double.BYTES;

    private static final long MOST_BYTES = 1 << 30; // of one array

    private final Broadcast<byte[]> pack; // of all rows: the split position in 8 bytes, then a KeyedRow
    private final RowParser parser;
    private final boolean marked; // whether rows to validate on are
    private final transient RowStatistics statistics;

    private CollectedRows(Broadcast<byte[]> pack, RowParser parser, boolean marked, RowStatistics statistics) {
        this.pack = pack;
        this.parser = parser;
        this.marked = marked;
        this.statistics = statistics;
    }

    /** @param indicator column that is true in rows to validate on; empty for none */
    static CollectedRows read(Dataset<?> dataset, RowParser parser, String indicator) {
        List<String> columns = new ArrayList<>(parser.columns());
        boolean marked = !indicator.isEmpty();
        HoldOut holdOut = marked ? HoldOut.where(columns.size()) : HoldOut.share(0);
        if (marked) {
            columns.add(indicator);
        }
        JavaRDD<byte[]> packs = Origin.select(dataset, columns)
                .javaRDD()
                .mapPartitions(rows -> PackedRows.pack(
                        new EncodedRows<>(rows, parser, 0, holdOut, (row, keyed, whole) -> positioned(keyed, whole))))
                .persist(StorageLevel.MEMORY_AND_DISK());
        try {
            RowCounts counts = RowCounts.ofAll(packs.mapPartitions(CollectedRows::keyed), RowCounts.MAX_TOKENS);
            JavaSparkContext context = JavaSparkContext.fromSparkContext(packs.context());
            long bytes = packs.map(some -> (long) some.length).fold(0L, Long::sum);
            requireRoom(bytes, context);
            ByteBuffer all = ByteBuffer.allocate((int) bytes);
            packs.collect().forEach(all::put);
            return new CollectedRows(context.broadcast(all.array()), parser, marked, new RowStatistics(counts, parser));
        } finally {
            packs.unpersist(true);
        }
    }

    private static byte[] positioned(KeyedRow keyed, CanonicalRow whole) {
        byte[] row = keyed.toBytes();
        return ByteBuffer.allocate(POSITION + row.length)
                .putDouble(whole == null ? 0 : whole.splitPosition())
                .put(row)
                .array();
    }

    /** Takes packs, gives {@link KeyedRow}s as bytes. */
    private static Iterator<byte[]> keyed(Iterator<byte[]> packs) {
        return IteratorUtils.transformedIterator(
                PackedRows.unpack(packs), row -> Arrays.copyOfRange(row, POSITION, row.length));
    }

    /** A process has the rows once, and each of its tasks makes rows of its own from them, and shards of the rows. */
    private static void requireRoom(long bytes, JavaSparkContext context) {
        SparkConf conf = context.getConf();
        long heap = Runtime.getRuntime().maxMemory();
        int tasks = context.defaultParallelism();
        if (!context.isLocal()) {
            heap = Math.min(heap, conf.getSizeAsMb("spark.executor.memory", "1g") << 20);
            int executors = Math.max(1, context.sc().statusTracker().getExecutorInfos().length - 1); // less the driver
            tasks = (tasks + executors - 1) / executors;
        }
        long maxResultSize = conf.getSizeAsBytes("spark.driver.maxResultSize", "1g");
        long room = Math.min(heap / (2 + 2L * tasks), MOST_BYTES);
        room = maxResultSize == 0 ? room : Math.min(room, maxResultSize);
        if (bytes > room) {
            throw new InputException(
                    "the rows take " + (bytes >> 20) + " MB, and trainings that are each in one task need"
                            + " all of them in every task; allowed are " + (room >> 20) + " MB where " + tasks
                            + " tasks share a heap of " + (heap >> 20)
                            + " MB, and no more than spark.driver.maxResultSize: take a sample of the rows, or raise these");
        }
    }

    /** Of all rows, as if none that is not marked were held out. */
    @Override
    public RowStatistics statistics() {
        return statistics;
    }

    /**
     * The rows in canonical order, as they are read for a training by itself.
     *
     * @param seed keys the order
     * @param from the split position from which on rows are held out, where they are not marked
     * @param to the split position before which they are
     */
    public LocalCanonicalRows rows(long seed, double from, double to) {
        List<byte[]> sorted = new ArrayList<>();
        Iterator<byte[]> rows = PackedRows.unpack(List.of(pack.value()).iterator());
        while (rows.hasNext()) {
            byte[] row = rows.next();
            double position = ByteBuffer.wrap(row).getDouble();
            KeyedRow keyed = KeyedRow.fromBytes(Arrays.copyOfRange(row, POSITION, row.length));
            Split split = keyed.split() == Split.TRAINING && position >= from && position < to
                    ? Split.HELD_OUT
                    : keyed.split();
            sorted.add((split == Split.BAD ? keyed : KeyedRow.of(keyed.canonicalRow(), seed, split)).toBytes());
        }
        sorted.sort(KeyedRow.ORDER);
        return LocalCanonicalRows.of(sorted, parser, marked);
    }

    @Override
    public void close() {
        pack.destroy();
    }
}
