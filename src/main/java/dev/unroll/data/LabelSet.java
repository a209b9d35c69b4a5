package dev.unroll.data;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Labels that one step or one sequence has together; there may be none. They are in ascending order, each once, so that equal sets
 * have equal bytes in a row.
 *
 * @param labels Strings, or numbers as {@link Labels#ofNumber} gives them
 */
public record LabelSet(List<?> labels) {

    /** Numbers by value, text by code points. */
    private static final Comparator<Object> ASCENDING =
            (one, other) -> one instanceof String text && other instanceof String more
                    ? CodePointOrder.ASCENDING.compare(text, more)
                    : new BigDecimal(one.toString()).compareTo(new BigDecimal(other.toString()));

    public LabelSet(List<?> labels) {
        TreeSet<Object> sorted = new TreeSet<>(ASCENDING);
        sorted.addAll(labels);
        this.labels = List.copyOf(sorted);
    }
}
