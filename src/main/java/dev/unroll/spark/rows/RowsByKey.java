package dev.unroll.spark.rows;

import dev.unroll.spark.source.ColumnName;
import dev.unroll.spark.source.Origin;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapGroupsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows of many keys, for work on each key by itself: takes a dataset, gives what the work makes of each key's rows in
 * canonical order.
 */
public final class RowsByKey implements ReadRows {

    /** A {@link KeyedRow} as bytes: Spark SQL sorts bytes as unsigned ones, which is the canonical order. */
    private static final String ROW = "_unroll_row";

    /** What is done with the rows of one key, in a task: gives the columns of its result. */
    public interface Work extends Serializable {
        Object[] of(LocalCanonicalRows rows);
    }

    private final Dataset<Row> rows; // keys, then ROW
    private final StructType keys;
    private final RowParser parser;
    private final RowStatistics statistics;
    private final boolean marked; // whether rows to validate on are marked

    private RowsByKey(Dataset<Row> rows, StructType keys, RowParser parser, RowStatistics statistics, boolean marked) {
        this.rows = rows;
        this.keys = keys;
        this.parser = parser;
        this.statistics = statistics;
        this.marked = marked;
    }

    static RowsByKey read(
            Dataset<?> dataset, RowParser parser, List<String> keys, long seed, double heldOut, String indicator) {
        int first = parser.columns().size();
        int count = keys.size();
        List<String> columns = new ArrayList<>(parser.columns());
        columns.addAll(keys);
        if (!indicator.isEmpty()) {
            columns.add(indicator);
        }
        HoldOut holdOut = indicator.isEmpty() ? HoldOut.share(heldOut) : HoldOut.where(first + count);
        Dataset<Row> selected = Origin.select(dataset, columns);
        StructType keySchema =
                new StructType(Arrays.copyOfRange(selected.schema().fields(), first, first + count));
        JavaRDD<Row> encoded = selected.javaRDD()
                .mapPartitions(partition -> new EncodedRows<>(
                        partition,
                        parser,
                        seed,
                        holdOut,
                        (row, keyed, whole) -> joined(row, first, count, keyed.toBytes())));
        Dataset<Row> rows = dataset.sparkSession()
                .createDataFrame(encoded, keySchema.add(ROW, DataTypes.BinaryType))
                .persist(StorageLevel.MEMORY_AND_DISK());
        boolean done = false;
        try {
            JavaRDD<byte[]> keyed = rows.select(ROW).javaRDD().map(row -> row.<byte[]>getAs(0));
            RowStatistics statistics = new RowStatistics(RowCounts.ofAll(keyed, Integer.MAX_VALUE), parser);
            done = true;
            return new RowsByKey(rows, keySchema, parser, statistics, !indicator.isEmpty());
        } finally {
            if (!done) {
                rows.unpersist(true);
            }
        }
    }

    /** Some columns of a row, and then others. */
    private static Row joined(Row row, int first, int count, Object... others) {
        Object[] values = new Object[count + others.length];
        for (int i = 0; i < count; i++) {
            values[i] = row.get(first + i);
        }
        System.arraycopy(others, 0, values, count, others.length);
        return RowFactory.create(values);
    }

    /** Of the rows of all keys together. */
    @Override
    public RowStatistics statistics() {
        return statistics;
    }

    /**
     * One row for each key: the key's columns, and what the work gives.
     *
     * @param result the columns that the work gives
     * @param partitions tasks that share the keys
     */
    public Dataset<Row> map(StructType result, int partitions, Work work) {
        StructType schema = keys;
        for (StructField field : result.fields()) {
            schema = schema.add(field);
        }
        Column[] by = Arrays.stream(keys.fieldNames())
                .map(name -> functions.col(ColumnName.quoted(name)))
                .toArray(Column[]::new);
        // By a number of partitions of its own: Spark would join small ones, and a key's work is large however few its
        // rows are.
        return rows.repartition(partitions, by)
                .groupBy(by)
                .as(Encoders.row(keys), Encoders.row(rows.schema()))
                .flatMapSortedGroups(
                        new Column[] {functions.col(ROW)},
                        new Each(parser, keys.length(), marked, work),
                        Encoders.row(schema));
    }

    /** Frees the rows. */
    @Override
    public void close() {
        rows.unpersist(true);
    }

    private record Each(RowParser parser, int keys, boolean marked, Work work)
            implements FlatMapGroupsFunction<Row, Row, Row> {
        @Override
        public Iterator<Row> call(Row key, Iterator<Row> rows) {
            List<byte[]> sorted = new ArrayList<>();
            rows.forEachRemaining(row -> sorted.add(row.getAs(keys)));
            Object[] result = work.of(LocalCanonicalRows.of(sorted, parser, marked));
            return List.of(joined(key, 0, keys, result)).iterator();
        }
    }
}
