package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * The rows that cannot be used: how many there are, for which reasons, and which is the first by its place. Those of
 * several partitions may be merged in any order.
 */
public final class BadRows implements Serializable {

    private static final long serialVersionUID = 1L;

    private final Map<String, Long> byReason = new TreeMap<>();
    private long count;
    private BadRow first; // null where there is none

    public void add(BadRow row) {
        count++;
        byReason.merge(row.key(), 1L, Long::sum);
        keepFirst(row);
    }

    /** These and one more. */
    public BadRows plus(BadRow row) {
        BadRows more = new BadRows();
        more.merge(this);
        more.add(row);
        return more;
    }

    public void merge(BadRows other) {
        count += other.count;
        other.byReason.forEach((reason, rows) -> byReason.merge(reason, rows, Long::sum));
        if (other.first != null) {
            keepFirst(other.first);
        }
    }

    private void keepFirst(BadRow row) {
        if (first == null || BadRow.BY_PLACE.compare(row, first) < 0) {
            first = row;
        }
    }

    /** Rows by column and reason. */
    public Map<String, Long> byReason() {
        return Collections.unmodifiableMap(byReason);
    }

    public boolean isEmpty() {
        return count == 0;
    }

    /** @throws InputException if there is one: names the first, and counts the others */
    public void requireNone(Configuration hadoop) {
        if (count > 0) {
            String others = count == 1 ? "" : "; " + count + " rows cannot be used: " + byReason;
            throw new InputException(
                    first.describe(hadoop) + others + " (handle-invalid skip leaves such rows out and counts them)");
        }
    }
}
