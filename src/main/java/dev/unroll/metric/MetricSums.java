package dev.unroll.metric;

import dev.unroll.math.ExactSum;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/**
 * What terms sum up to, and the metrics that are made of it: the same to the bit in whatever order terms are added and sums
 * merged, since every sum is an {@link ExactSum}. Mutable; not thread-safe.
 *
 * @param <T> a term: a label or a number, with what was predicted of it
 */
public interface MetricSums<T> {

    void add(T term);

    /** How many terms were added, as {@code terms}, and what else is counted, by name, in a fixed order; whatever they weigh. */
    Map<String, Long> counts();

    /** Metrics by name, in a fixed order; NaN for those that these terms do not have. */
    Map<String, Double> metrics();

    void write(DataOutput out) throws IOException;

    /** Adds what {@link #write} wrote, of the same classes, levels or season. */
    void merge(DataInput in) throws IOException;
}
