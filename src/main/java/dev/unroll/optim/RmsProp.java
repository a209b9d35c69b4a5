package dev.unroll.optim;

import java.util.Map;

/**
 * RMSprop with PyTorch's constants and order of operations, without momentum and not centred:
 *
 * <pre>
 *   v = alpha v + ((1 - alpha) g) g          update = g / (sqrt(v) + epsilon)
 * </pre>
 *
 * epsilon is added to the root, not under it. v starts at 0 and is not corrected for that, so the first update is ten
 * times as long as those of a steady gradient.
 */
final class RmsProp implements GradientTransform {

    static final String CONSTANTS = "alpha 0.99, epsilon 1e-8";

    private static final double ALPHA = 0.99;
    private static final float EPSILON = 1e-8f;

    private static final float ALPHA_FLOAT = (float) ALPHA;
    private static final float ALPHA_REST = (float) (1 - ALPHA);

    private final float[] square; // v

    RmsProp(int size) {
        square = new float[size];
    }

    @Override
    public void apply(float[] gradient, float[] theta, long iteration, int from, int to) {
        for (int i = from; i < to; i++) {
            float g = gradient[i];
            float v = ALPHA_FLOAT * square[i] + (ALPHA_REST * g) * g;
            square[i] = v;
            gradient[i] = g / ((float) Math.sqrt(v) + EPSILON);
        }
    }

    @Override
    public Map<String, float[]> state() {
        return Map.of("rmsprop.square_avg", square);
    }
}
