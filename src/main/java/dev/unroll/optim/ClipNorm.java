package dev.unroll.optim;

/**
 * Measures the norm of the whole gradient, and scales the gradient down to the limit where it is longer: g * (limit / norm). (PyTorch
 * divides by norm + 1e-6 instead, and so ends a millionth below its limit.) A norm that is NaN or infinite cannot be limited; the
 * gradient then stays or becomes NaN, and the loss of the next iteration says so.
 */
final class ClipNorm {

    private final double limit;
    private double norm;

    /** With a limit above 0; infinity only measures. */
    ClipNorm(double limit) {
        this.limit = limit;
    }

    void apply(float[] gradient) {
        norm = Norms.l2(gradient);
        if (norm > limit) {
            float scale = (float) (limit / norm);
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] *= scale;
            }
        }
    }

    /** The norm before clipping, of the latest gradient. */
    double norm() {
        return norm;
    }
}
