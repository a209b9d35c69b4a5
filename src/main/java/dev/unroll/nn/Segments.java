package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import java.util.Arrays;

/**
 * A packed batch cut into segments: stretches of consecutive steps whose gates are in memory at a time. Without a byte
 * budget, or where it is large enough, there is one segment of all steps; otherwise each segment has as many steps as
 * fit. States are stored for every step, so backward can recompute the gates of one segment after another: this is
 * gradient checkpointing over time. How a batch is cut changes no bit.
 */
final class Segments {

    private int count;
    private int[] borders = {0}; // (count + 1) first row of each segment in the list of borderRow
    private int[] firsts = {0}; // (count + 1) the first step of each segment; after the last one T
    private int rows;
    private boolean bounded;

    /**
     * Cuts the steps of a batch into segments.
     *
     * @param most rows that a segment may have; it has at least one step even so
     */
    void plan(SequenceBatch batch, int most) {
        bounded = batch.rows() > most;
        count = 0;
        rows = 0;
        int from = 0;
        while (from < batch.steps()) {
            int to = from + 1;
            while (to < batch.steps() && end(batch, from) - batch.offset(to) <= most) {
                to++;
            }
            if (firsts.length < count + 2) {
                firsts = Arrays.copyOf(firsts, 2 * (count + 2));
                borders = Arrays.copyOf(borders, 2 * (count + 2));
            }
            borders[count + 1] = borders[count] + batch.active(from);
            firsts[count++] = from;
            firsts[count] = to;
            rows = Math.max(rows, end(batch, from) - batch.offset(to - 1));
            from = to;
        }
    }

    /** The row after the last one of a step. */
    static int end(SequenceBatch batch, int step) {
        return batch.offset(step) + batch.active(step);
    }

    int count() {
        return count;
    }

    /** The first step of a segment. */
    int from(int segment) {
        return firsts[segment];
    }

    /** The step after the last one of a segment. */
    int to(int segment) {
        return firsts[segment + 1];
    }

    /**
     * What is stored at the beginning of every segment is a list of rows, one for each sequence that has the segment's
     * first step; this is where the rows of a segment begin in it.
     */
    int borderRow(int segment) {
        return borders[segment];
    }

    /** The length of the list of {@link #borderRow}. */
    int borderRows() {
        return borders[count];
    }

    /** Rows of the largest segment. */
    int rows() {
        return rows;
    }

    /** Whether there is room for the gates of some rows only. */
    boolean isBounded() {
        return bounded;
    }
}
