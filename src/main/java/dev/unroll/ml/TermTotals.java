package dev.unroll.ml;

import dev.unroll.metric.MetricSums;
import dev.unroll.metric.RankCurve;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * What all rows of a DataFrame of terms sum up to: the same to the bit from any partitions, since sums are exact, and since
 * what is ahead of each partition of sorted scores is known before its part of the curves is made.
 */
final class TermTotals {

    static final String CLASS = "class";
    static final String SCORE = "score";

    private static final int SCORES_PER_PARTITION = 1 << 20;
    private static final int MOST_PARTITIONS = 10_000;

    private TermTotals() {}

    /** What is written into a byte array. */
    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return bytes.toByteArray();
    }

    private static DataInputStream in(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    /** The sums of all terms, added up on executors: those of many classes are large, and there are some of each partition. */
    static <T> MetricSums<T> sums(Dataset<Row> terms, TermRows<T> rows) {
        JavaRDD<byte[]> parts = terms.javaRDD().mapPartitions(some -> {
            MetricSums<T> sums = rows.zero();
            some.forEachRemaining(row -> sums.add(rows.term(row)));
            return List.of(bytes(sums::write)).iterator();
        });
        return parts.getNumPartitions() == 0
                ? rows.zero()
                : total(rows, parts.treeReduce((a, b) -> bytes(total(rows, a, b)::write)));
    }

    private static <T> MetricSums<T> total(TermRows<T> rows, byte[]... parts) {
        MetricSums<T> total = rows.zero();
        try {
            for (byte[] part : parts) {
                total.merge(in(part));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return total;
    }

    /**
     * The curve of each class.
     *
     * @param terms of labels
     * @param partitions that sort
     */
    static List<RankCurve> curves(Dataset<Row> terms, TermRows<?> rows, int partitions) {
        JavaRDD<Row> sorted = scores(terms, rows)
                .repartitionByRange(partitions, functions.col(CLASS), functions.desc(SCORE))
                .sortWithinPartitions(functions.col(CLASS), functions.desc(SCORE))
                .javaRDD();
        List<byte[]> ahead = new ArrayList<>(); // of each partition: what is in those before it
        ahead.add(bytes(out -> write(newCurves(rows.ranked()), out)));
        if (partitions > 1) {
            for (byte[] part : parts(sorted, rows, null)) {
                List<RankCurve> next = read(ahead.get(ahead.size() - 1), rows.ranked());
                List<RankCurve> own = read(part, rows.ranked());
                for (int c = 0; c < rows.ranked(); c++) {
                    next.get(c).begin(own.get(c));
                }
                ahead.add(bytes(out -> write(next, out)));
            }
        }
        List<RankCurve> curves = newCurves(rows.ranked());
        Broadcast<List<byte[]>> begins =
                JavaSparkContext.fromSparkContext(sorted.context()).broadcast(ahead);
        try {
            for (byte[] part : parts(sorted, rows, begins)) {
                List<RankCurve> own = read(part, rows.ranked());
                for (int c = 0; c < rows.ranked(); c++) {
                    curves.get(c).append(own.get(c));
                }
            }
        } finally {
            begins.destroy();
        }
        return curves;
    }

    /** So many that each sorts some million rows. */
    static int partitions(long rows) {
        return (int) Math.min(MOST_PARTITIONS, 1 + rows / SCORES_PER_PARTITION);
    }

    /**
     * The terms of labels once for each class: weight, label, what is kept besides, and last the class and the score that
     * it has.
     *
     * @param others columns to keep besides
     */
    static Dataset<Row> scores(Dataset<Row> terms, TermRows<?> rows, Column... others) {
        List<Column> columns = new ArrayList<>();
        columns.add(functions.col("weight"));
        columns.add(functions.col(TermRows.LABEL));
        columns.addAll(List.of(others));
        columns.add(functions.posexplode(functions.col(TermRows.PROBABILITIES)).as(new String[] {CLASS, SCORE}));
        return terms.select(columns.toArray(new Column[0]))
                .withColumn(TermRows.LABEL, rows.labelsFor(functions.col(CLASS)));
    }

    /** Adds a row of {@link #scores} to the curve of its class. */
    static void add(Row row, TermRows<?> rows, List<RankCurve> curves) {
        int own = row.getInt(row.length() - 2);
        curves.get(own).add(row.getFloat(row.length() - 1), rows.isLabel(row, own), row.getDouble(0));
    }

    static List<RankCurve> newCurves(int classes) {
        List<RankCurve> curves = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            curves.add(new RankCurve());
        }
        return curves;
    }

    /** @param ahead where the curves of each partition begin; null for at nothing */
    private static List<byte[]> parts(JavaRDD<Row> sorted, TermRows<?> rows, Broadcast<List<byte[]>> ahead) {
        return sorted.mapPartitionsWithIndex(
                        (partition, some) -> part(
                                some, rows, ahead == null ? null : ahead.value().get(partition)),
                        true)
                .collect();
    }

    private static Iterator<byte[]> part(Iterator<Row> some, TermRows<?> rows, byte[] ahead) {
        List<RankCurve> curves = newCurves(rows.ranked());
        if (ahead != null) {
            List<RankCurve> before = read(ahead, rows.ranked());
            for (int c = 0; c < rows.ranked(); c++) {
                curves.get(c).begin(before.get(c));
            }
        }
        some.forEachRemaining(row -> add(row, rows, curves));
        curves.forEach(RankCurve::end);
        return List.of(bytes(out -> write(curves, out))).iterator();
    }

    private static void write(List<RankCurve> curves, DataOutputStream out) throws IOException {
        for (RankCurve curve : curves) {
            curve.write(out);
        }
    }

    private static List<RankCurve> read(byte[] bytes, int classes) {
        DataInputStream in = in(bytes);
        List<RankCurve> curves = new ArrayList<>();
        try {
            for (int c = 0; c < classes; c++) {
                curves.add(RankCurve.read(in));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an in-memory stream failed", e);
        }
        return curves;
    }
}
