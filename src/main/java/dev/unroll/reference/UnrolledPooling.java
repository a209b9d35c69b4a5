package dev.unroll.reference;

import dev.unroll.nn.Pooling;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Between the states of one whole sequence and its head: takes h_1..h_T, gives the vector c that the head reads in place
 * of h_T; then, of dL/dc, what each h_t receives. A subclass knows c and its derivative.
 */
abstract class UnrolledPooling {

    final Matrix[] h; // h_1 .. h_T
    final int steps; // T
    final Matrix[] read; // c at every place; the head reads that at T
    Matrix c;

    UnrolledPooling(Matrix[] h, int steps) {
        this.h = h;
        this.steps = steps;
        this.read = new Matrix[steps + 1];
    }

    /** Null where the head reads states as they are. */
    static UnrolledPooling of(Pooling pooling, Matrix[] h, int steps, Parameters theta) {
        return switch (pooling) {
            case LAST, EVERY -> null;
            case MEAN -> new MeanPooling(h, steps);
            case MAX -> new MaxPooling(h, steps);
            case ATTENTION -> new AttentionPooling(h, steps, theta.get("pooling.query"));
        };
    }

    /** {@code c}. */
    abstract Matrix pooled();

    /** {@code dL/dh_t}, its local term in (4), of dL/dc. */
    abstract Matrix stateGradient(int t, Matrix dC);

    /** {@code dL/dq}, where there is a query. */
    Matrix queryGradient(Matrix dC) {
        throw new IllegalStateException("there is no query");
    }

    /** Whether c has a derivative wherever no state differs by more than the margin. */
    boolean isAwayFromKinks(double margin) {
        return true; // there is none without
    }

    final void forward() {
        c = pooled();
        Arrays.fill(read, c);
    }

    /** The local terms of all places, of dL/dc = W_qh' dL/do. */
    final IntFunction<Matrix> backward(Matrix dC) {
        return t -> stateGradient(t, dC);
    }
}
