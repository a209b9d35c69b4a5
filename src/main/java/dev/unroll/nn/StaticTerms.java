package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import java.util.Arrays;

/** What the head, or one direction of the first layer by gate, starts at and receives for each sequence of a batch. */
final class StaticTerms {

    final float[][] start; // (B, n) bias + W_s s
    final float[][] sums; // (B, n) sum over steps of dL/da or dL/do

    StaticTerms(int matrices) {
        start = new float[matrices][0];
        sums = new float[matrices][0];
    }

    /** Copies what some rows of a batch, of n numbers each, start at: step by step, whose sequences are in order. */
    void copyStart(int matrix, SequenceBatch batch, int row, int rows, int n, float[] to, int at) {
        for (int from = 0, end; from < rows; from = end) {
            end = from + 1;
            while (end < rows && batch.sequence(row + end) > 0) {
                end++;
            }
            System.arraycopy(start[matrix], batch.sequence(row + from) * n, to, at + from * n, (end - from) * n);
        }
    }

    /** Drops all arrays. */
    void release() {
        Arrays.fill(start, new float[0]);
        Arrays.fill(sums, new float[0]);
    }

    /** How many numbers they hold. */
    long numbers() {
        long numbers = 0;
        for (int r = 0; r < start.length; r++) {
            numbers += (long) start[r].length + sums[r].length;
        }
        return numbers;
    }
}
