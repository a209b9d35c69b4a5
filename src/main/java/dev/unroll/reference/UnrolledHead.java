package dev.unroll.reference;

import dev.unroll.data.Sequence;
import java.util.stream.IntStream;

/**
 * What reads the states: takes h_1..h_T, gives the loss; then what each h_t receives, and the gradients of W_qh and
 * b_q. A head that reads the last state only has one term, at place T; the other dL/do_t are zero. This class knows the
 * linear map, (2) and the sums; a subclass knows l and l'.
 *
 * <p>{@code scale} is what the note writes as 1/T. It is weight / T for {@link dev.unroll.nn.LossReduction#SEQUENCE},
 * which is equation (1) word for word, and weight alone for STEP, where the number of terms is divided out once, after
 * all sequences. Where terms weigh differently, scale is multiplied by w_t and their number is the sum of the w_t; a
 * term of weight 0 has no y_t.
 */
abstract class UnrolledHead {

    final Matrix wQh; // (C, S + H), PyTorch's head.weight; H means the states of both directions where there are two
    final Matrix bQ; // (C), PyTorch's head.bias
    final Matrix[] h; // h_1 .. h_T
    final int steps; // T
    final int firstRead; // 1 where every step has a loss term, T where only the last state is read
    final Matrix[] o; // o_1 .. o_T; at the places that the head reads
    final Matrix[] dO; // dL/do_1 .. dL/do_T
    private final Matrix statics; // s, (S); null where there are none
    final double scale;
    private final float[] weights; // w of the loss terms; null for all 1

    /**
     * A head with the loss terms of a sequence: one, or T.
     *
     * @param statics what stands above every h_t; null for nothing
     */
    UnrolledHead(Parameters theta, Matrix[] h, Matrix statics, Sequence sequence, double scale) {
        this.wQh = theta.get(theta.has("head.weight") ? "head.weight" : "embedding.weight"); // tied
        this.bQ = theta.get("head.bias");
        this.h = h;
        this.statics = statics;
        this.steps = sequence.length();
        this.firstRead = steps - sequence.terms() + 1;
        this.o = new Matrix[steps + 1];
        this.dO = new Matrix[steps + 1];
        this.scale = scale;
        this.weights = sequence.termWeights();
    }

    /** {@code l(o_t, y_t)}. */
    abstract double loss(int t);

    /** {@code l'(o_t, y_t)}: the derivative of l with respect to o_t. */
    abstract Matrix slope(int t);

    /** Whether no output is within the margin of a kink of l or l'. */
    boolean isAwayFromKinks(double margin) {
        return true; // l has none
    }

    final void forward() {
        for (int t = firstRead; t <= steps; t++) {
            o[t] = output(t);
        }
    }

    final void backward() {
        for (int t = 1; t <= steps; t++) {
            dO[t] = outputGradient(t);
        }
    }

    /** (1): {@code o_t = W_qh h_t + b_q}. */
    final Matrix output(int t) {
        return wQh.times(read(t)).plus(bQ);
    }

    /** h_t, below s where there are statics. */
    private Matrix read(int t) {
        return InputSteps.below(statics, h[t]);
    }

    /** (1): {@code L = 1/T sum_t w_t l(o_t, y_t)}, with {@code scale} for 1/T. */
    final double loss() {
        return scale
                * IntStream.rangeClosed(firstRead, steps)
                        .filter(t -> weight(t) > 0)
                        .mapToDouble(t -> weight(t) * loss(t))
                        .sum();
    }

    /** w_t; 0 of a step without a loss term. */
    final double weight(int t) {
        return t < firstRead ? 0 : weights == null ? 1 : weights[t - firstRead];
    }

    /** (2): {@code dL/do_t = 1/T w_t l'(o_t, y_t)}, with {@code scale} for 1/T. */
    Matrix outputGradient(int t) {
        return weight(t) == 0 ? Matrix.zeros(bQ.rows(), 1) : slope(t).scale(scale * weight(t));
    }

    /** The gradient of what only a {@link CrfHead} has. */
    Matrix transitionGradient(String name) {
        throw new IllegalStateException("the head has no " + name);
    }

    /** The head's part of (3) and (4): {@code W_qh' dL/do_t}. */
    final Matrix stateGradient(int t) {
        Matrix gradient = wQh.transpose().times(dO[t]);
        return statics == null ? gradient : gradient.rows(statics.rows(), gradient.rows());
    }

    /** {@code dL/ds}, as far as the head reads s: what stands above {@link #stateGradient}, of all places; null without s. */
    final Matrix staticGradient() {
        return statics == null
                ? null
                : wQh.transpose().times(Places.sum(1, steps, t -> dO[t])).rows(0, statics.rows());
    }

    /** (2): {@code dL/dW_qh = sum_t dL/do_t h_t'}. */
    final Matrix weightGradient() {
        return Places.sum(1, steps, t -> dO[t].times(read(t).transpose()));
    }

    /** (5): {@code dL/db_q = sum_t dL/do_t}. */
    final Matrix biasGradient() {
        return Places.sum(1, steps, t -> dO[t]);
    }
}
