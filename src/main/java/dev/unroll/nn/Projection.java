package dev.unroll.nn;

import dev.unroll.math.Gemm;
import dev.unroll.math.Transposition;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;

/**
 * The projection of an LSTM (Sak, Senior and Beaufays 2014, "Long short-term memory recurrent neural network
 * architectures for large scale acoustic modeling"), PyTorch's {@code proj_size}: the state h_t, which the next step, the
 * layer above and the head read, has P numbers, fewer than the H units of the cell. It is between the cell, whose
 * output is m_t, and the layer; the cell does not know of it.
 *
 * <pre>
 * h_t = W_hr m_t        m_t = o tanh(c_t)            (P) of (H)
 * dL/dm_t = W_hr' dL/dh_t                           (H) of (P)
 * dL/dW_hr = sum_t dL/dh_t m_t'
 * </pre>
 *
 * <p>Order of additions (docs/bits.md): each number of h_t and of dL/dm_t is a chain from 0; the sum runs over places as
 * those of the other weights.
 */
final class Projection {

    /** What the name of W_hr begins with. */
    static final String WEIGHT = "rnn.weight_hr_";

    private final int hidden; // H
    private final int size; // P
    private final Slot weight; // (P, H)

    private Projection(int hidden, Slot weight) {
        this.hidden = hidden;
        this.size = weight.rows();
        this.weight = weight;
    }

    /** That of one layer and direction, or null where states are not projected. */
    static Projection of(NetworkSpec spec, ParameterLayout layout, String suffix) {
        return spec.projSize() == 0 ? null : new Projection(spec.hiddenSize(), layout.slot(WEIGHT + suffix));
    }

    /** Packs W_hr for both products. */
    void bind(float[] theta, LayerWeights w) {
        w.projection.packTransposed(hidden, size, theta, weight.offset(), hidden);
        w.projectionBack.pack(size, hidden, theta, weight.offset(), hidden);
    }

    /** {@code h = W_hr m} for some rows of the segment. */
    void forward(LayerWeights w, int row, int rows, LayerBuffers b) {
        float[] outputs = b.gates.h;
        Gemm.multiplyFromZero(rows, outputs, row * hidden, hidden, w.projection, b.h, (b.base + row) * size, size);
    }

    /** {@code dM = W_hr' dH} for some rows of the segment. */
    void backward(LayerWeights w, int row, int rows, LayerBuffers b) {
        float[] dOutputs = b.gates.dH;
        Gemm.multiplyFromZero(rows, b.segmentDH, row * size, size, w.projectionBack, dOutputs, row * hidden, hidden);
    }

    /**
     * {@code dW_hr += dH' M} over the first rows of {@link LayerBuffers#blockRows}.
     *
     * @param first whether dW_hr is zero whatever the array holds
     */
    void addGradient(int rows, boolean first, LayerBuffers b, float[] gradient) {
        Transposition.copyRows(
                b.blockRows, 0, rows, size, b.segmentDH, 0, size, b.transposed, LayerBuffers.TRANSPOSED_STRIDE);
        b.outputRows.packRows(b.blockRows, 0, rows, hidden, b.gates.h);
        WeightGradient.add(size, b.transposed, b.outputRows, first, gradient, weight.offset(), hidden);
    }
}
