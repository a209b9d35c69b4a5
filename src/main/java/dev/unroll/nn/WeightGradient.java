package dev.unroll.nn;

import dev.unroll.math.Gemm;
import dev.unroll.math.Panels;

/** Equation (5) for a weight: a row block of dL/da, transposed, times the rows of what the weight is multiplied by. */
final class WeightGradient {

    private WeightGradient() {}

    /**
     * {@code dW += dA' X} over the rows of one row block.
     *
     * @param outputs rows of dW
     * @param transposed dA', (outputs, rows), its rows {@value LayerBuffers#TRANSPOSED_STRIDE} apart
     * @param x (rows, columns of dW)
     * @param first whether dW is zero whatever the array holds, see {@link PartialSum#empty}
     * @param at where dW begins in the gradient
     * @param row from one row of dW to the next
     */
    static void add(int outputs, float[] transposed, Panels x, boolean first, float[] gradient, int at, int row) {
        if (first) {
            Gemm.multiplyFromZero(outputs, transposed, 0, LayerBuffers.TRANSPOSED_STRIDE, x, gradient, at, row);
        } else {
            Gemm.multiply(outputs, transposed, 0, LayerBuffers.TRANSPOSED_STRIDE, x, gradient, at, row);
        }
    }
}
