package dev.unroll.reference;

import static dev.unroll.reference.Activation.SIGMOID;
import static dev.unroll.reference.Activation.TANH;

/**
 * The LSTM, unrolled: PyTorch's formulas, its gates in the order i, f, g, o, each a block of H rows of the
 * pre-activation a_t. Beside h_t runs a cell state c_t, on which the gradient travels back multiplied by f_{t+1} alone
 * instead of by W_hh'.
 *
 * <p>The letters i, f, g, o are gates on this page; the o_t of the note is the head's.
 */
class UnrolledLstm extends UnrolledLayer {

    private static final int GATES = 4;

    private final Matrix[] aI = places();
    private final Matrix[] aF = places();
    private final Matrix[] aG = places();
    private final Matrix[] aO = places();
    private final Matrix[] i = places();
    private final Matrix[] f = places(); // and zero at T + 1
    private final Matrix[] g = places();
    private final Matrix[] o = places();
    private final Matrix[] c = places(); // c_0 .. c_T
    private final Matrix[] dm = places(); // dL/d of what the cell gives at place t
    private final Matrix[] dc = places(); // dL/dc_1 .. dL/dc_T, and zero at T + 1

    UnrolledLstm(Parameters theta, int hidden, String suffix, Matrix[] x, double[] gradientScales) {
        super(theta, hidden, suffix, x, gradientScales);
        c[0] = Matrix.zeros(hidden, 1);
        f[steps + 1] = Matrix.zeros(hidden, 1);
        dc[steps + 1] = Matrix.zeros(hidden, 1);
    }

    @Override
    void forward(int t) {
        Matrix a = preActivation(t);
        aI[t] = a.block(0, GATES);
        aF[t] = a.block(1, GATES);
        aG[t] = a.block(2, GATES);
        aO[t] = a.block(3, GATES);
        i[t] = aI[t].map(SIGMOID::value);
        f[t] = aF[t].map(SIGMOID::value);
        g[t] = aG[t].map(TANH::value);
        o[t] = aO[t].map(SIGMOID::value);
        c[t] = cellState(t);
        h[t] = state(t);
    }

    /**
     * (1): {@code a_t = W_hx x_t + b_ih + W_hh h_{t-1} + b_hh}; {@code i, f, o = sigmoid} and {@code g = tanh} of its
     * blocks.
     */
    Matrix preActivation(int t) {
        return wHx.times(x[t]).plus(bIh).plus(wHh.times(h[t - 1])).plus(bHh);
    }

    /** (1): {@code c_t = f_t * c_{t-1} + i_t * g_t}. */
    Matrix cellState(int t) {
        return f[t].hadamard(c[t - 1]).plus(i[t].hadamard(g[t]));
    }

    /** (1): {@code h_t = o_t * tanh(c_t)}. */
    Matrix state(int t) {
        return o[t].hadamard(c[t].map(TANH::value));
    }

    /** (4): {@code dL/dh_t = W_hh' da_{t+1} + W_qh' dL/do_t}, with the head's o_t. */
    @Override
    Matrix stateGradient(int t) {
        return wHh.transpose().times(truncated(da, t + 1)).plus(fromHead[t]);
    }

    /** What the cell gives is the state, so its gradient is {@code dL/dh_t}. */
    Matrix cellOutputGradient(int t) {
        return dh[t];
    }

    /** (4): {@code dL/dc_t = f_{t+1} * dL/dc_{t+1} + tanh'(c_t) * o_t * dL/dh_t}. */
    Matrix cellStateGradient(int t) {
        return f[t + 1].hadamard(truncated(dc, t + 1))
                .plus(c[t].map(TANH::slope).hadamard(o[t]).hadamard(dm[t]));
    }

    /** (4): {@code da_t}, the four below, one under the other. */
    @Override
    Matrix preActivationGradient(int t) {
        dm[t] = cellOutputGradient(t);
        dc[t] = cellStateGradient(t);
        return Matrix.stack(inputGateGradient(t), forgetGateGradient(t), candidateGradient(t), outputGateGradient(t));
    }

    /** (4): {@code da_i = sigmoid'(a_i) * g_t * dL/dc_t}. */
    Matrix inputGateGradient(int t) {
        return aI[t].map(SIGMOID::slope).hadamard(g[t]).hadamard(dc[t]);
    }

    /** (4): {@code da_f = sigmoid'(a_f) * c_{t-1} * dL/dc_t}. */
    Matrix forgetGateGradient(int t) {
        return aF[t].map(SIGMOID::slope).hadamard(c[t - 1]).hadamard(dc[t]);
    }

    /** (4): {@code da_g = tanh'(a_g) * i_t * dL/dc_t}. */
    Matrix candidateGradient(int t) {
        return aG[t].map(TANH::slope).hadamard(i[t]).hadamard(dc[t]);
    }

    /** (4): {@code da_o = sigmoid'(a_o) * tanh(c_t) * dL/dh_t}. */
    Matrix outputGateGradient(int t) {
        return aO[t].map(SIGMOID::slope).hadamard(c[t].map(TANH::value)).hadamard(dm[t]);
    }
}
