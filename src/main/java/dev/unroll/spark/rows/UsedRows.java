package dev.unroll.spark.rows;

import dev.unroll.data.InputException;
import dev.unroll.spark.source.BadRow;
import dev.unroll.spark.source.BadRows;
import java.io.Serializable;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.util.AccumulatorV2;

/**
 * The rows that a query uses, and those that it cannot use, counted as they come. The driver has the counts of each
 * partition once, whatever is computed again, if the last stage of one job does the counting.
 */
public final class UsedRows extends AccumulatorV2<BadRow, UsedRows.Counts> {

    private static final long serialVersionUID = 1L;

    /** Never changed: a heartbeat may send it while its task counts. */
    record Counts(long usable, BadRows bad) implements Serializable {}

    private static final Counts NONE = new Counts(0, new BadRows());

    private volatile Counts counts = NONE;

    /** Counts rows that can be used. */
    public void addUsable(long rows) {
        counts = new Counts(counts.usable + rows, counts.bad);
    }

    @Override
    public void add(BadRow row) {
        counts = new Counts(counts.usable, counts.bad.plus(row));
    }

    @Override
    public void merge(AccumulatorV2<BadRow, Counts> other) {
        BadRows bad = new BadRows();
        bad.merge(counts.bad);
        bad.merge(other.value().bad);
        counts = new Counts(counts.usable + other.value().usable, bad);
    }

    @Override
    public boolean isZero() {
        return counts.usable == 0 && counts.bad.isEmpty();
    }

    @Override
    public UsedRows copy() {
        UsedRows copy = new UsedRows();
        copy.counts = counts;
        return copy;
    }

    @Override
    public void reset() {
        counts = NONE;
    }

    @Override
    public Counts value() {
        return counts;
    }

    /** Rows that can be used. */
    public long usable() {
        return counts.usable;
    }

    /** Rows that cannot, by column and reason. */
    public Map<String, Long> skipped() {
        return counts.bad.byReason();
    }

    /**
     * Says what is wrong with the rows of a dataset, once all of them are counted.
     *
     * @param skip whether rows that cannot be used are left out
     * @throws InputException for the first one that cannot be used, unless they are left out; and if none is left
     */
    public void requireUsable(Dataset<?> dataset, boolean skip) {
        if (!skip) {
            counts.bad.requireNone(dataset.sparkSession().sparkContext().hadoopConfiguration());
        }
        SequenceReader.requireSome(dataset, usable(), skipped());
    }
}
