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

    /** Copies what rows of the batch start at, n numbers each. */
    void copyStarts(SequenceBatch batch, int matrix, int row, int rows, int n, float[] to, int at) {
        for (int r = 0; r < rows; r++) {
            System.arraycopy(start[matrix], batch.sequence(row + r) * n, to, at + r * n, n);
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
