package dev.unroll.reference;

import java.util.function.IntFunction;

/**
 * A recurrent layer unrolled over one sequence: takes x_1..x_T, gives h_1..h_T; takes what each h_t receives from the
 * head, gives the gradients of the layer's parameters and of x_1..x_T.
 *
 * <p>W_hx, W_hh and the biases are drawn at every place of the graph but exist once. So the gradient of each is the sum
 * over all places where it occurs: equation (5), the same for every cell. This class knows time, (3) and (5); a
 * subclass knows what happens at one place, and that is its (1) and (4).
 */
abstract class UnrolledLayer {

    final Matrix wHx; // (G, I), PyTorch's weight_ih
    final Matrix wHh; // (G, H), PyTorch's weight_hh; null, as bHh, for a cell without a recurrent product
    final Matrix bIh; // (G), PyTorch's bias_ih
    final Matrix bHh; // (G), PyTorch's bias_hh; for Elman's cell b_h is the sum of the two
    final int hidden; // H
    final int steps; // T

    final Matrix[] x; // x_1 .. x_T
    final Matrix[] h; // h_0 .. h_T
    final Matrix[] fromHead; // W_qh' dL/do_1 .. W_qh' dL/do_T
    final Matrix[] dh; // dL/dh_1 .. dL/dh_T, and zero at T + 1: no step follows the last
    final Matrix[] da; // da_1 .. da_T, and zero at T + 1

    private final double[] gradientScales; // by place t: what multiplies all that flows from t back to t - 1

    /**
     * @param hidden H
     * @param suffix of the names of the layer's parameters, such as {@code l0}
     * @param x x_1..x_T, in the order in which the layer reads them; the elements are there before it runs
     * @param gradientScales by place; 1 everywhere is full back-propagation through time
     */
    UnrolledLayer(Parameters theta, int hidden, String suffix, Matrix[] x, double[] gradientScales) {
        this.wHx = theta.get("rnn.weight_ih_" + suffix);
        this.bIh = theta.get("rnn.bias_ih_" + suffix);
        boolean recurrent = theta.has("rnn.weight_hh_" + suffix);
        this.wHh = recurrent ? theta.get("rnn.weight_hh_" + suffix) : null;
        this.bHh = recurrent ? theta.get("rnn.bias_hh_" + suffix) : null;
        this.gradientScales = gradientScales;
        this.hidden = hidden;
        this.x = x;
        this.steps = x.length - 1;
        this.h = places();
        this.fromHead = places();
        this.dh = places();
        this.da = places();
        h[0] = Matrix.zeros(hidden, 1);
        dh[steps + 1] = Matrix.zeros(hidden, 1);
        da[steps + 1] = Matrix.zeros(wHx.rows(), 1);
    }

    /** Room for something at places 0 (before the first step) to T + 1 (after the last). */
    final Matrix[] places() {
        return new Matrix[steps + 2];
    }

    /** (1) at place t: h_t, from x_t and h_{t-1}. */
    abstract void forward(int t);

    /** (4): dL/dh_t, from place t + 1 and from the head. */
    abstract Matrix stateGradient(int t);

    /** (4): da_t, from dL/dh_t. */
    abstract Matrix preActivationGradient(int t);

    /** (1), in ascending t from h_0 = 0. */
    final void forward() {
        for (int t = 1; t <= steps; t++) {
            forward(t);
        }
    }

    /** (3) at the last place, then (4) in descending t. */
    final void backward(IntFunction<Matrix> stateGradientOfHead) {
        for (int t = steps; t >= 1; t--) {
            fromHead[t] = stateGradientOfHead.apply(t);
            dh[t] = t == steps ? lastStateGradient() : stateGradient(t);
            da[t] = preActivationGradient(t);
        }
    }

    /** A gradient of place t as place t - 1 receives it: truncation multiplies it by a scale. */
    final Matrix truncated(Matrix[] gradients, int t) {
        if (t <= steps && gradientScales[t] == 0) {
            return Matrix.zeros(gradients[t].rows(), 1); // even where it is infinite
        }
        return t > steps ? gradients[t] : gradients[t].scale(gradientScales[t]);
    }

    /** (3): {@code dL/dh_T = W_qh' dL/do_T}, for nothing but the head reads the last state. */
    final Matrix lastStateGradient() {
        return fromHead[steps];
    }

    /** What the recurrent side, {@code W_hh h_{t-1} + b_hh}, receives at place t: da_t, except in a GRU. */
    Matrix recurrentGradient(int t) {
        return da[t];
    }

    /** (5): {@code dL/dW_hx = sum_t da_t x_t'}. */
    final Matrix inputWeightGradient() {
        return sumOverPlaces(t -> da[t].times(x[t].transpose()));
    }

    /** (5): {@code dL/dW_hh = sum_t da_t h_{t-1}'}. */
    final Matrix recurrentWeightGradient() {
        return sumOverPlaces(t -> recurrentGradient(t).times(h[t - 1].transpose()));
    }

    /** (5): {@code dL/db_h = sum_t da_t}, here of bias_ih. */
    final Matrix inputBiasGradient() {
        return sumOverPlaces(t -> da[t]);
    }

    /** (5): {@code dL/db_h = sum_t da_t}, here of bias_hh. */
    final Matrix recurrentBiasGradient() {
        return sumOverPlaces(this::recurrentGradient);
    }

    /** Where states are projected: {@code dL/dW_hr}. */
    Matrix projectionGradient() {
        throw new IllegalStateException("the states of this layer are not projected");
    }

    /** {@code dL/dx_t = W_hx' da_t}: what an embedding below needs. */
    final Matrix inputGradient(int t) {
        return wHx.transpose().times(da[t]);
    }

    private Matrix sumOverPlaces(IntFunction<Matrix> place) {
        return Places.sum(1, steps, place);
    }
}
