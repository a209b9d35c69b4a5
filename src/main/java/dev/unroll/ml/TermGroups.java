package dev.unroll.ml;

import dev.unroll.metric.MetricSums;
import dev.unroll.metric.RankCurve;
import dev.unroll.metric.RankMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * The metrics of each group of terms. All terms of a group are in one partition, sorted by Spark, so that memory holds the
 * sums of one group at a time; and groups may be any number.
 */
final class TermGroups {

    private static final String KEY = "key"; // of the group, with a number behind it
    private static final int NO_CLASS = -1; // of the term itself, which comes before its scores

    private TermGroups() {}

    /** The name of a column of the group in a DataFrame of terms. */
    static String key(int i) {
        return KEY + i;
    }

    /** The columns of a group with its metrics. */
    static StructType schema(TermRows<?> rows, StructType keys) {
        StructType schema = keys;
        MetricSums<?> none = rows.zero();
        for (String count : none.counts().keySet()) {
            schema = schema.add(count, DataTypes.LongType);
        }
        for (String metric :
                metrics(rows, none, TermTotals.newCurves(rows.ranked())).keySet()) {
            schema = schema.add(metric, DataTypes.DoubleType);
        }
        return schema;
    }

    /** Those of sums, and of ranks where there are curves. */
    static Map<String, Double> metrics(TermRows<?> rows, MetricSums<?> sums, List<RankCurve> curves) {
        Map<String, Double> metrics = new LinkedHashMap<>(sums.metrics());
        if (!curves.isEmpty()) {
            metrics.putAll(RankMetrics.of(curves, rows.exclusive()));
        }
        return metrics;
    }

    /**
     * A row for each group, in ascending order.
     *
     * @param terms with a column {@link #key} for each of the group
     * @param keys those columns as they are to be called
     * @param partitions that sort
     */
    static <T> Dataset<Row> of(Dataset<Row> terms, TermRows<T> rows, StructType keys, int partitions) {
        Column[] group = IntStream.range(0, keys.length())
                .mapToObj(i -> functions.col(key(i)))
                .toArray(Column[]::new);
        Dataset<Row> sorted = terms.withColumn(TermTotals.CLASS, functions.lit(NO_CLASS))
                .withColumn(TermTotals.SCORE, functions.lit(0f));
        if (rows.ranked() > 0) {
            List<Column> others = new ArrayList<>(); // a score has columns of a term, and no probabilities
            others.add(functions.col(TermRows.PREDICTED));
            others.add(functions.array().cast("array<float>"));
            others.addAll(List.of(group));
            sorted = sorted.unionAll(TermTotals.scores(terms, rows, others.toArray(new Column[0])));
        }
        List<Column> order = new ArrayList<>(List.of(group));
        order.add(functions.col(TermTotals.CLASS));
        order.add(functions.desc(TermTotals.SCORE));
        int width = rows.schema().length();
        JavaRDD<Row> groups = sorted.repartition(partitions, group)
                .sortWithinPartitions(order.toArray(new Column[0]))
                .javaRDD()
                .mapPartitions(some -> new Groups<>(some, rows, width, keys.length()))
                .persist(StorageLevel.MEMORY_AND_DISK());
        StructType schema = schema(rows, keys);
        Column[] ascending =
                Arrays.stream(keys.fieldNames()).map(RnnModel::column).toArray(Column[]::new);
        Dataset<Row> result = terms.sparkSession().createDataFrame(groups, schema);
        return result.orderBy(ascending);
    }

    /** Groups of sorted rows, one after the other. */
    private static final class Groups<T> implements Iterator<Row> {

        private final Iterator<Row> sorted;
        private final TermRows<T> rows;
        private final int from;
        private final int keys;
        private Row next; // the first of the next group; null behind the last

        Groups(Iterator<Row> sorted, TermRows<T> rows, int from, int keys) {
            this.sorted = sorted;
            this.rows = rows;
            this.from = from;
            this.keys = keys;
            advance();
        }

        private void advance() {
            next = sorted.hasNext() ? sorted.next() : null;
        }

        private List<Object> group(Row row) {
            List<Object> group = new ArrayList<>();
            for (int i = 0; i < keys; i++) {
                group.add(row.get(from + i));
            }
            return group;
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Row next() {
            if (next == null) {
                throw new NoSuchElementException("there is no group behind the last");
            }
            List<Object> group = group(next);
            MetricSums<T> sums = rows.zero();
            List<RankCurve> curves = TermTotals.newCurves(rows.ranked());
            while (next != null && group(next).equals(group)) {
                if (next.getInt(from + keys) == NO_CLASS) {
                    sums.add(rows.term(next));
                } else {
                    TermTotals.add(next, rows, curves);
                }
                advance();
            }
            curves.forEach(RankCurve::end);
            List<Object> values = new ArrayList<>(group);
            values.addAll(sums.counts().values());
            metrics(rows, sums, curves).values().forEach(value -> values.add(value.isNaN() ? null : value));
            return RowFactory.create(values.toArray());
        }
    }
}
