package dev.unroll.optim;

import java.util.Map;

/** {@code b = 0.9 b + g}, and b is the update: PyTorch's SGD with momentum 0.9, without dampening and Nesterov's look-ahead. */
final class Momentum implements GradientTransform {

    static final String CONSTANTS = "momentum 0.9";

    private static final float MOMENTUM = 0.9f;

    private final float[] buffer;

    Momentum(int size) {
        buffer = new float[size];
    }

    @Override
    public void apply(float[] gradient, float[] theta, long iteration, int from, int to) {
        for (int i = from; i < to; i++) {
            float b = MOMENTUM * buffer[i] + gradient[i];
            buffer[i] = b;
            gradient[i] = b;
        }
    }

    @Override
    public Map<String, float[]> state() {
        return Map.of("momentum.buffer", buffer);
    }
}
