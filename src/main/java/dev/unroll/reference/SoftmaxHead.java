package dev.unroll.reference;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What reads the states: takes h_1..h_T and labels, gives the loss; then what each h_t receives, and the gradients of W_qh and b_q.
 * l is softmax cross-entropy in nats. A head that reads the last state only has one term, at place T; the other dL/do_t are zero.
 *
 * <p>{@code scale} stands where the note has 1/T. It is weight / T for {@link dev.unroll.nn.LossReduction#SEQUENCE}, which is
 * equation (1) word for word, and weight alone for STEP, where the number of terms is divided out once, after all sequences.
 */
final class SoftmaxHead {

    final Matrix wQh; // (C, H), PyTorch's head.weight
    final Matrix bQ; // (C), PyTorch's head.bias
    final Matrix[] h; // h_0 .. h_T
    final int steps; // T
    final Matrix[] o; // o_1 .. o_T; at the places that the head reads
    final Matrix[] dO; // dL/do_1 .. dL/do_T
    private final int[] labels; // (T), or (1) for the last place
    private final double scale;

    SoftmaxHead(Parameters theta, UnrolledLayer layer, int[] labels, double scale) {
        this.wQh = theta.get("head.weight");
        this.bQ = theta.get("head.bias");
        this.h = layer.h;
        this.steps = layer.steps;
        this.labels = labels;
        this.scale = scale;
        this.o = layer.places();
        this.dO = layer.places();
    }

    void forward() {
        for (int t = firstRead(); t <= steps; t++) {
            o[t] = output(t);
        }
    }

    void backward() {
        for (int t = 1; t <= steps; t++) {
            dO[t] = outputGradient(t);
        }
    }

    /** (1): {@code o_t = W_qh h_t + b_q}. */
    Matrix output(int t) {
        return wQh.times(h[t]).plus(bQ);
    }

    /** (1): {@code L = 1/T sum_t l(o_t, y_t)}, with {@code scale} for 1/T. */
    double loss() {
        return scale
                * IntStream.rangeClosed(firstRead(), steps)
                        .mapToDouble(this::loss)
                        .sum();
    }

    /** {@code l(o_t, y_t) = log(sum_k e^{o_k}) - o_y}: cross-entropy of the softmax of o_t and the label. */
    double loss(int t) {
        return logSumExp(o[t]) - o[t].get(label(t), 0);
    }

    /** (2): {@code dL/do_t = 1/T l'(o_t, y_t)}, where {@code l' = softmax(o_t) - e_y}, and e_y is 1 at the label. */
    Matrix outputGradient(int t) {
        if (t < firstRead()) {
            return Matrix.zeros(bQ.rows(), 1);
        }
        return probabilities(t).minus(Matrix.unit(bQ.rows(), label(t))).scale(scale);
    }

    /** {@code softmax(o_t)}. */
    Matrix probabilities(int t) {
        double logSum = logSumExp(o[t]);
        return o[t].map(v -> Math.exp(v - logSum));
    }

    /** The head's part of (3) and (4): {@code W_qh' dL/do_t}. */
    Matrix stateGradient(int t) {
        return wQh.transpose().times(dO[t]);
    }

    /** (2): {@code dL/dW_qh = sum_t dL/do_t h_t'}. */
    Matrix weightGradient() {
        return Places.sum(1, steps, t -> dO[t].times(h[t].transpose()));
    }

    /** (5): {@code dL/db_q = sum_t dL/do_t}. */
    Matrix biasGradient() {
        return Places.sum(1, steps, t -> dO[t]);
    }

    /** y_t. */
    int label(int t) {
        return labels[t - firstRead()];
    }

    /** 1 where every step has a label, T where only the last state is read. */
    private int firstRead() {
        return steps - labels.length + 1;
    }

    /** The largest element is taken out first, so that no exponential overflows. */
    private static double logSumExp(Matrix o) {
        double max = DoubleStream.of(o.toArray()).max().orElseThrow();
        return max
                + Math.log(
                        DoubleStream.of(o.toArray()).map(v -> Math.exp(v - max)).sum());
    }
}
