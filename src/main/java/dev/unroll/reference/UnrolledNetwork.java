package dev.unroll.reference;

/**
 * The whole unrolled graph of one sequence: steps below, recurrent layers, a head above, and between them what pools the
 * states of a whole sequence, if anything does. Forward is equation (1); backward is (2), (3) and (4); the gradient is (5),
 * with the head's part of (2).
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
    final UnrolledStack stack;
    final UnrolledPooling pooling; // null where the head reads states as they are
    final UnrolledHead head;
    private final Parameters theta;

    UnrolledNetwork(
            Parameters theta, InputSteps input, UnrolledStack stack, UnrolledPooling pooling, UnrolledHead head) {
        this.theta = theta;
        this.input = input;
        this.stack = stack;
        this.pooling = pooling;
        this.head = head;
    }

    /** The first layer, read forward. */
    UnrolledLayer layer() {
        return stack.first();
    }

    /** (1): along time through the layers, then through the head; gives L. */
    double forward() {
        stack.forward();
        if (pooling != null) {
            pooling.forward();
        }
        head.forward();
        return head.loss();
    }

    /** (2), then (3) and (4) against time; gives the gradient of every parameter. */
    double[] backward() {
        head.backward();
        stack.backward(pooling == null ? head::stateGradient : pooling.backward(head.stateGradient(stack.steps)));
        return theta.flatten(this::gradient);
    }

    /** After {@link #forward}: whether the loss has a derivative wherever no state or output differs by more than the margin. */
    boolean isAwayFromKinks(double margin) {
        return head.isAwayFromKinks(margin) && (pooling == null || pooling.isAwayFromKinks(margin));
    }

    /** (5) and the head's (2): of each parameter, the sum over all places. */
    private Matrix gradient(String name) {
        if (InputSteps.isColumn(name)) {
            return input.columnGradient(name, stack::inputGradient, head.staticGradient());
        }
        return switch (name) {
            case "embedding.weight" -> embeddingGradient();
            case "pooling.query" -> pooling.queryGradient(head.stateGradient(stack.steps));
            case "head.weight" -> head.weightGradient();
            case "head.bias" -> head.biasGradient();
            case "crf.start_transitions", "crf.end_transitions", "crf.transitions" -> head.transitionGradient(name);
            default -> stack.gradient(name);
        };
    }

    /** The embedding occurs at every step, and, where it is tied, at every output too. */
    private Matrix embeddingGradient() {
        Matrix ofInputs = input.embeddingGradient(stack::inputGradient);
        return theta.has("head.weight") ? ofInputs : ofInputs.plus(head.weightGradient());
    }
}
