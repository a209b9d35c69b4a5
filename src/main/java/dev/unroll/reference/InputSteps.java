package dev.unroll.reference;

import dev.unroll.data.Sequence;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.NetworkSpec.Tokens;
import java.util.function.IntFunction;

/**
 * The input of the recurrent layers: takes a sequence, gives x_1..x_T. A step u_t of the sequence is its row of
 * numbers, or for a token k the vector e_k that is 1 at k. Without an embedding x_t is u_t; with an embedding E it is
 * {@code E' u_t}, the row k of E.
 */
final class InputSteps {

    private static final String EMBEDDING = "embedding.weight";

    final int steps; // T
    final Matrix[] x; // x_1 .. x_T
    private final Matrix[] u; // u_1 .. u_T

    InputSteps(NetworkSpec.Input input, Parameters theta, Sequence sequence) {
        this.steps = sequence.length();
        this.u = new Matrix[steps + 1];
        this.x = new Matrix[steps + 1];
        for (int t = 1; t <= steps; t++) {
            u[t] = input instanceof Tokens tokens
                    ? Matrix.unit(tokens.vocabulary(), sequence.tokens()[t - 1])
                    : Matrix.row(sequence.values(), sequence.width(), t - 1);
            x[t] = theta.has(EMBEDDING) ? theta.get(EMBEDDING).transpose().times(u[t]) : u[t];
        }
    }

    /** {@code dL/dE = sum_t u_t (dL/dx_t)'}: a row of E is summed over all places where its token occurs. */
    Matrix embeddingGradient(IntFunction<Matrix> inputGradient) {
        return Places.sum(1, steps, t -> u[t].times(inputGradient.apply(t).transpose()));
    }
}
