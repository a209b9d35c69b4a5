package dev.unroll.reference;

/**
 * The whole unrolled graph of one sequence: steps below, a recurrent layer, a head above. Forward is equation (1); backward is (2),
 * (3) and (4); the gradient is (5), with the head's part of (2).
 *
 * <pre>
 *         l(o_1, y_1)           l(o_2, y_2)               l(o_T, y_T)     L = 1/T of their sum
 *              ^                     ^                         ^
 *             o_1                   o_2                       o_T
 *              ^ W_qh                ^ W_qh                    ^ W_qh
 *   h_0 ----> h_1 ----- W_hh -----> h_2 ----- W_hh ... -----> h_T
 *              ^ W_hx                ^ W_hx                    ^ W_hx
 *             x_1                   x_2                       x_T
 * </pre>
 */
final class UnrolledNetwork {

    final InputSteps input;
    final UnrolledLayer layer;
    final UnrolledHead head;
    private final Parameters theta;

    UnrolledNetwork(Parameters theta, InputSteps input, UnrolledLayer layer, UnrolledHead head) {
        this.theta = theta;
        this.input = input;
        this.layer = layer;
        this.head = head;
    }

    /** (1): along time through the layer, then through the head; gives L. */
    double forward() {
        layer.forward();
        head.forward();
        return head.loss();
    }

    /** (2), then (3) and (4) against time; gives the gradient of every parameter. */
    double[] backward() {
        head.backward();
        layer.backward(head::stateGradient);
        return theta.flatten(this::gradient);
    }

    /** (5) and the head's (2): of each parameter, the sum over all places. */
    private Matrix gradient(String name) {
        return switch (name) {
            case "embedding.weight" -> input.embeddingGradient(layer::inputGradient);
            case "rnn.weight_ih_l0" -> layer.inputWeightGradient();
            case "rnn.weight_hh_l0" -> layer.recurrentWeightGradient();
            case "rnn.bias_ih_l0" -> layer.inputBiasGradient();
            case "rnn.bias_hh_l0" -> layer.recurrentBiasGradient();
            case "head.weight" -> head.weightGradient();
            case "head.bias" -> head.biasGradient();
            default -> throw new IllegalArgumentException("the reference does not know parameter " + name);
        };
    }
}
