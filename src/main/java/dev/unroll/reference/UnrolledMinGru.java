package dev.unroll.reference;

import static dev.unroll.reference.Activation.SIGMOID;

/**
 * The minGRU, unrolled (Feng et al. 2024, "Were RNNs all we needed?"), its gates in the order z, n, each a block of H
 * rows of the pre-activation a_t. Gates see the input alone, and there is no W_hh: from step to step the gradient is
 * multiplied by 1 - z_{t+1} and by nothing else.
 */
final class UnrolledMinGru extends UnrolledLayer {

    private static final int GATES = 2;

    private final Matrix[] aZ = places();
    private final Matrix[] z = places(); // and zero at T + 1
    private final Matrix[] n = places();

    UnrolledMinGru(Parameters theta, int hidden, String suffix, Matrix[] x, double[] gradientScales) {
        super(theta, hidden, suffix, x, gradientScales);
        z[steps + 1] = Matrix.zeros(hidden, 1);
    }

    @Override
    void forward(int t) {
        Matrix a = preActivation(t);
        aZ[t] = a.block(0, GATES);
        z[t] = aZ[t].map(SIGMOID::value);
        n[t] = a.block(1, GATES);
        h[t] = state(t);
    }

    /** (1): {@code a_t = W_hx x_t + b_ih}; {@code z = sigmoid(a_z)} and {@code n = a_n}. */
    Matrix preActivation(int t) {
        return wHx.times(x[t]).plus(bIh);
    }

    /** (1): {@code h_t = (1 - z_t) * h_{t-1} + z_t * n_t}. */
    Matrix state(int t) {
        return oneMinus(z[t]).hadamard(h[t - 1]).plus(z[t].hadamard(n[t]));
    }

    /** (4): {@code dL/dh_t = (1 - z_{t+1}) * dL/dh_{t+1} + W_qh' dL/do_t}. */
    @Override
    Matrix stateGradient(int t) {
        return oneMinus(z[t + 1]).hadamard(truncated(dh, t + 1)).plus(fromHead[t]);
    }

    /** (4): {@code da_t}, the two below, one under the other. */
    @Override
    Matrix preActivationGradient(int t) {
        return Matrix.stack(updateGateGradient(t), candidateGradient(t));
    }

    /** (4): {@code da_z = sigmoid'(a_z) * (n_t - h_{t-1}) * dL/dh_t}. */
    Matrix updateGateGradient(int t) {
        return aZ[t].map(SIGMOID::slope).hadamard(n[t].minus(h[t - 1])).hadamard(dh[t]);
    }

    /** (4): {@code da_n = z_t * dL/dh_t}. */
    Matrix candidateGradient(int t) {
        return z[t].hadamard(dh[t]);
    }

    private static Matrix oneMinus(Matrix m) {
        return m.map(v -> 1 - v);
    }
}
