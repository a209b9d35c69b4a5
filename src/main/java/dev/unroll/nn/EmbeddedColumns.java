package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;

/**
 * Columns of ids and numbers side by side: {@code [embedding of the first column | ... | numbers | indicators]}. Where
 * numbers may be missing, one that is, NaN, is 0 and its indicator 1; the other indicators are 0.
 */
final class EmbeddedColumns {

    private final List<Slot> embeddings; // each (V, E)
    private final int numbers; // D
    private final boolean masked;
    private final int firstTouched; // the running number of the first embedding's first row among those of the network
    private final int embedded; // the sum of E
    private final int width;

    EmbeddedColumns(List<Slot> embeddings, int numbers, boolean masked, int firstTouched) {
        this.embeddings = embeddings;
        this.numbers = numbers;
        this.masked = masked;
        this.firstTouched = firstTouched;
        this.embedded = embeddings.stream().mapToInt(Slot::columns).sum();
        this.width = embedded + numbers * (masked ? 2 : 1);
    }

    /** Columns of {@link #assemble}. */
    int width() {
        return width;
    }

    /** How many of these, the first ones, are embeddings. */
    int embedded() {
        return embedded;
    }

    /**
     * Writes so many rows.
     *
     * @param ids by column and row
     * @param values (rows, D)
     * @param out (rows, width)
     */
    void assemble(float[] theta, int rows, int[][] ids, float[] values, float[] out) {
        int column = 0;
        for (int k = 0; k < ids.length; k++) {
            Slot slot = embeddings.get(k);
            int e = slot.columns();
            for (int r = 0; r < rows; r++) {
                System.arraycopy(theta, slot.offset() + ids[k][r] * e, out, r * width + column, e);
            }
            column += e;
        }
        for (int r = 0; r < rows; r++) {
            int at = r * width + embedded;
            if (!masked) {
                System.arraycopy(values, r * numbers, out, at, numbers);
                continue;
            }
            for (int d = 0; d < numbers; d++) {
                float value = values[r * numbers + d];
                boolean missing = Float.isNaN(value);
                out[at + d] = missing ? 0f : value;
                out[at + numbers + d] = missing ? 1f : 0f;
            }
        }
    }

    /** Adds dL/dx of each step, (N, width), to the embeddings of its ids, slice by slice. */
    void addGradients(SequenceBatch batch, float[] dX, List<PartialSum> sums) {
        for (int p = 0; p < batch.slices(); p++) {
            int from = batch.rowStart(p);
            int to = batch.rowStart(p + 1);
            addGradients(batch.rowsBySlice(), from, to, batch.ids(), dX, width, sums.get(p));
        }
    }

    /**
     * Adds gradients of some rows to those of the embeddings of their ids, in the order of the rows, and notes these as
     * touched.
     *
     * @param rows of which those from one element (included) to another (excluded) are added
     * @param ids by column and row
     * @param gradients their rows begin with the embeddings, and are {@code rowFloats} apart
     */
    void addGradients(int[] rows, int from, int to, int[][] ids, float[] gradients, int rowFloats, PartialSum sum) {
        int column = 0;
        int first = firstTouched;
        for (int k = 0; k < ids.length; k++) {
            Slot slot = embeddings.get(k);
            int e = slot.columns();
            for (int at = from; at < to; at++) {
                int id = ids[k][rows[at]];
                sum.touched().set(first + id);
                Elementwise.add(gradients, rows[at] * rowFloats + column, sum.gradient(), slot.offset() + id * e, e);
            }
            column += e;
            first += slot.rows();
        }
    }
}
