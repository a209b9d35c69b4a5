package dev.unroll.reference;

import static dev.unroll.reference.Activation.SIGMOID;
import static dev.unroll.reference.Activation.TANH;

/**
 * The GRU, unrolled: PyTorch's formulas, its gates in the order r, z, n, each a block of H rows. The reset gate r
 * multiplies the recurrent part of n <em>after</em> the product with W_hh. So the two sides of the pre-activation must
 * be kept apart:
 *
 * <pre>
 * u_t = W_hx x_t + b_ih          v_t = W_hh h_{t-1} + b_hh
 * </pre>
 *
 * <p>In (5), {@code da_t} is then du_t for W_hx and b_ih, and dv_t for W_hh and b_hh. They differ in the block n only.
 */
final class UnrolledGru extends UnrolledLayer {

    private static final int GATES = 3;
    private static final int R = 0;
    private static final int Z = 1;
    private static final int N = 2;

    private final Matrix[] aR = places();
    private final Matrix[] aZ = places();
    private final Matrix[] aN = places();
    private final Matrix[] vN = places(); // the recurrent part of n, before r
    private final Matrix[] r = places();
    private final Matrix[] z = places(); // and zero at T + 1
    private final Matrix[] n = places();
    private final Matrix[] dv = places(); // dv_1 .. dv_T, and zero at T + 1

    UnrolledGru(Parameters theta, int hidden, String suffix, Matrix[] x, double[] gradientScales) {
        super(theta, hidden, suffix, x, gradientScales);
        z[steps + 1] = Matrix.zeros(hidden, 1);
        dv[steps + 1] = Matrix.zeros(wHh.rows(), 1);
    }

    @Override
    void forward(int t) {
        Matrix u = inputSide(t);
        Matrix v = recurrentSide(t);
        aR[t] = u.block(R, GATES).plus(v.block(R, GATES));
        aZ[t] = u.block(Z, GATES).plus(v.block(Z, GATES));
        r[t] = aR[t].map(SIGMOID::value);
        z[t] = aZ[t].map(SIGMOID::value);
        vN[t] = v.block(N, GATES);
        aN[t] = candidatePreActivation(t, u.block(N, GATES));
        n[t] = aN[t].map(TANH::value);
        h[t] = state(t);
    }

    /** (1): {@code u_t = W_hx x_t + b_ih}. */
    Matrix inputSide(int t) {
        return wHx.times(x[t]).plus(bIh);
    }

    /** (1): {@code v_t = W_hh h_{t-1} + b_hh}; {@code r = sigmoid(u_r + v_r)} and {@code z = sigmoid(u_z + v_z)}. */
    Matrix recurrentSide(int t) {
        return wHh.times(h[t - 1]).plus(bHh);
    }

    /** (1): {@code a_n = u_n + r_t * v_n} and {@code n = tanh(a_n)}: r comes after the product. */
    Matrix candidatePreActivation(int t, Matrix uN) {
        return uN.plus(r[t].hadamard(vN[t]));
    }

    /** (1): {@code h_t = (1 - z_t) * n_t + z_t * h_{t-1}}. */
    Matrix state(int t) {
        return oneMinus(z[t]).hadamard(n[t]).plus(z[t].hadamard(h[t - 1]));
    }

    /** (4): {@code dL/dh_t = W_hh' dv_{t+1} + z_{t+1} * dL/dh_{t+1} + W_qh' dL/do_t}. */
    @Override
    Matrix stateGradient(int t) {
        return wHh.transpose()
                .times(truncated(dv, t + 1))
                .plus(z[t + 1].hadamard(truncated(dh, t + 1)))
                .plus(fromHead[t]);
    }

    /**
     * (4): {@code du_t}, which is {@code da_r, da_z, da_n}; and beside it {@code dv_t}, which is
     * {@code da_r, da_z, r_t * da_n}.
     */
    @Override
    Matrix preActivationGradient(int t) {
        Matrix daN = candidateGradient(t);
        Matrix daR = resetGateGradient(t, daN);
        Matrix daZ = updateGateGradient(t);
        dv[t] = Matrix.stack(daR, daZ, r[t].hadamard(daN));
        return Matrix.stack(daR, daZ, daN);
    }

    /** (4): {@code da_n = tanh'(a_n) * (1 - z_t) * dL/dh_t}. */
    Matrix candidateGradient(int t) {
        return aN[t].map(TANH::slope).hadamard(oneMinus(z[t])).hadamard(dh[t]);
    }

    /** (4): {@code da_r = sigmoid'(a_r) * v_n * da_n}. */
    Matrix resetGateGradient(int t, Matrix daN) {
        return aR[t].map(SIGMOID::slope).hadamard(vN[t]).hadamard(daN);
    }

    /** (4): {@code da_z = sigmoid'(a_z) * (h_{t-1} - n_t) * dL/dh_t}. */
    Matrix updateGateGradient(int t) {
        return aZ[t].map(SIGMOID::slope).hadamard(h[t - 1].minus(n[t])).hadamard(dh[t]);
    }

    @Override
    Matrix recurrentGradient(int t) {
        return dv[t];
    }

    private static Matrix oneMinus(Matrix m) {
        return m.map(v -> 1 - v);
    }
}
