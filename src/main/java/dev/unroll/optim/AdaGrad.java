package dev.unroll.optim;

import java.util.Map;

/**
 * AdaGrad (Duchi, Hazan and Singer 2011, its diagonal form) with PyTorch's constants and order of operations:
 *
 * <pre>
 *   s = s + g g          update = g / (sqrt(s) + epsilon)
 * </pre>
 *
 * s starts at 0 and only grows, so the updates of a steady gradient shrink as 1 / sqrt(iteration).
 */
final class AdaGrad implements GradientTransform {

    static final String CONSTANTS = "epsilon 1e-10";

    private static final float EPSILON = 1e-10f;

    private final float[] sum; // s

    AdaGrad(int size) {
        sum = new float[size];
    }

    @Override
    public void apply(float[] gradient, float[] theta, long iteration, int from, int to) {
        for (int i = from; i < to; i++) {
            float g = gradient[i];
            float s = sum[i] + g * g;
            sum[i] = s;
            gradient[i] = g / ((float) Math.sqrt(s) + EPSILON);
        }
    }

    @Override
    public Map<String, float[]> state() {
        return Map.of("adagrad.sum", sum);
    }
}
