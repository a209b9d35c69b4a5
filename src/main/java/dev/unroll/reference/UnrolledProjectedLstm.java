package dev.unroll.reference;

/**
 * The LSTM with a projection, unrolled (Sak, Senior and Beaufays 2014; PyTorch's {@code proj_size}): what the cell gives is
 * m_t, of H numbers, and the state h_t is its image by W_hr, of P numbers. W_hr occurs at every place, as W_hh does.
 */
final class UnrolledProjectedLstm extends UnrolledLstm {

    private final Matrix wHr; // (P, H), PyTorch's weight_hr
    private final Matrix[] m = places();

    UnrolledProjectedLstm(Parameters theta, int hidden, String suffix, Matrix[] x, double[] gradientScales) {
        super(theta, hidden, suffix, x, gradientScales);
        wHr = theta.get("rnn.weight_hr_" + suffix);
        h[0] = Matrix.zeros(wHr.rows(), 1);
        dh[steps + 1] = Matrix.zeros(wHr.rows(), 1);
    }

    /** (1): {@code h_t = W_hr m_t}, with {@code m_t = o_t * tanh(c_t)}. */
    @Override
    Matrix state(int t) {
        m[t] = super.state(t);
        return wHr.times(m[t]);
    }

    /** (4): {@code dL/dm_t = W_hr' dL/dh_t}. */
    @Override
    Matrix cellOutputGradient(int t) {
        return wHr.transpose().times(dh[t]);
    }

    /** (5): {@code dL/dW_hr = sum_t dL/dh_t m_t'}. */
    @Override
    Matrix projectionGradient() {
        return Places.sum(1, steps, t -> dh[t].times(m[t].transpose()));
    }
}
