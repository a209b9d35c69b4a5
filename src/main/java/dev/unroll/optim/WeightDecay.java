package dev.unroll.optim;

/**
 * {@code g + decay theta}. In front of an optimiser's rule this is the gradient of an L2 penalty; behind Adam's it is the decoupled
 * decay of AdamW. All parameters decay, biases too, as in PyTorch.
 */
final class WeightDecay implements GradientTransform {

    private final float decay;

    WeightDecay(double decay) {
        this.decay = (float) decay;
    }

    @Override
    public void apply(float[] gradient, float[] theta, long iteration, int from, int to) {
        for (int i = from; i < to; i++) {
            gradient[i] = gradient[i] + decay * theta[i];
        }
    }
}
