package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import java.util.Arrays;

/**
 * The steps of a packed batch as runs whose gates stand in memory together: one run of all steps where there is room, otherwise runs of as
 * many steps as fit. Which runs there are changes no bit.
 */
final class Segments {

    private int count;
    private int[] borders = {0}; // (count + 1) how many sequences have the first steps of all runs before
    private int[] firsts = {0}; // (count + 1) the step with which each run begins; behind the last one T
    private int rows;
    private boolean bounded;

    /**
     * Lays the steps of a batch out.
     *
     * @param most rows that a run may have; a run has at least one step all the same
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

    /** The row behind those of a step. */
    static int end(SequenceBatch batch, int step) {
        return batch.offset(step) + batch.active(step);
    }

    int count() {
        return count;
    }

    /** The first step of a run. */
    int from(int segment) {
        return firsts[segment];
    }

    /** The step behind the last of a run. */
    int to(int segment) {
        return firsts[segment + 1];
    }

    /** Where the sequences that have the first step of a run stand, in a list of those of all runs. */
    int borderRow(int segment) {
        return borders[segment];
    }

    /** The length of that list. */
    int borderRows() {
        return borders[count];
    }

    /** Rows of the largest run. */
    int rows() {
        return rows;
    }

    /** Whether not all rows may stand in memory together. */
    boolean isBounded() {
        return bounded;
    }
}
