package dev.unroll.reference;

/**
 * Elman's network, unrolled: the note's equations, one method each. Equations (3) and (5) are the same for every cell
 * and are in {@link UnrolledLayer}; what reads the states, o_t, L and equation (2), is in {@link UnrolledHead}.
 *
 * <p>(4) is here twice. As a recursion it costs one product per step, and that is back-propagation through time. As a
 * closed form it says the same without an order of computation: what h_t receives is the sum, over every later output
 * o_s, of that output's gradient carried back through s - t steps, each a factor {@code W_hh' diag f'(a_j)}. There one
 * sees why gradients vanish or explode. A test compares the two.
 */
final class UnrolledElman extends UnrolledLayer {

    final Matrix bH; // b_h = bias_ih + bias_hh
    final Activation f;
    final Matrix[] a = places(); // a_1 .. a_T

    UnrolledElman(Parameters theta, int hidden, String suffix, Activation f, Matrix[] x, double[] gradientScales) {
        super(theta, hidden, suffix, x, gradientScales);
        this.bH = bIh.plus(bHh);
        this.f = f;
    }

    @Override
    void forward(int t) {
        a[t] = preActivation(t);
        h[t] = state(t);
    }

    /** (1): {@code a_t = W_hx x_t + W_hh h_{t-1} + b_h}. */
    Matrix preActivation(int t) {
        return wHx.times(x[t]).plus(wHh.times(h[t - 1])).plus(bH);
    }

    /** (1): {@code h_t = f(a_t)}. */
    Matrix state(int t) {
        return a[t].map(f::value);
    }

    /** (4): {@code dL/dh_t = W_hh' da_{t+1} + W_qh' dL/do_t}. */
    @Override
    Matrix stateGradient(int t) {
        return wHh.transpose().times(truncated(da, t + 1)).plus(fromHead[t]);
    }

    /** (4): {@code da_t = f'(a_t) * dL/dh_t}, element by element. */
    @Override
    Matrix preActivationGradient(int t) {
        return slope(t).hadamard(dh[t]);
    }

    /** {@code f'(a_t)}. */
    Matrix slope(int t) {
        return a[t].map(f::slope);
    }

    /** (4) in closed form: {@code dL/dh_t = sum_{s=t..T} [prod_{j=t+1..s} W_hh' diag f'(a_j)] W_qh' dL/do_s}. */
    Matrix closedStateGradient(int t) {
        return Places.sum(t, steps, s -> closedTerm(t, s));
    }

    /** One term of the closed form: what output o_s says to state h_t. The factors are in ascending j. */
    Matrix closedTerm(int t, int s) {
        Matrix product = Matrix.identity(hidden);
        for (int j = t + 1; j <= s; j++) {
            product = product.times(factor(j));
        }
        return product.times(fromHead[s]);
    }

    /** One factor of the closed form, {@code W_hh' diag f'(a_j)}: what one step back in time does to a gradient. */
    Matrix factor(int j) {
        return wHh.transpose().times(slope(j).diagonal());
    }

    /**
     * (4) in closed form for f = identity, the note's {@code dL/dh_t = sum_{i=t..T} (W_hh')^{T-i} W_qh' dL/do_{T+t-i}}:
     * the factors have become equal, and only a power of W_hh' is left.
     */
    Matrix closedStateGradientOfIdentity(int t) {
        return Places.sum(t, steps, i -> power(wHh.transpose(), steps - i).times(fromHead[steps + t - i]));
    }

    private static Matrix power(Matrix base, int exponent) {
        Matrix power = Matrix.identity(base.rows());
        for (int k = 0; k < exponent; k++) {
            power = power.times(base);
        }
        return power;
    }
}
