package dev.unroll.reference;

/** The mean over the steps of a sequence. */
final class MeanPooling extends UnrolledPooling {

    MeanPooling(Matrix[] h, int steps) {
        super(h, steps);
    }

    /** (1): {@code c = 1/T sum_t h_t}. */
    @Override
    Matrix pooled() {
        return Places.sum(1, steps, t -> h[t]).scale(1.0 / steps);
    }

    /** (4): {@code dL/dh_t = 1/T dL/dc}, the local term. */
    @Override
    Matrix stateGradient(int t, Matrix dC) {
        return dC.scale(1.0 / steps);
    }
}
