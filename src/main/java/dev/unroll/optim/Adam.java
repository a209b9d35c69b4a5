package dev.unroll.optim;

import java.util.Map;

/**
 * Adam with PyTorch's constants and order of operations:
 *
 * <pre>
 *   m = m + (1 - beta1) (g - m)          v = beta2 v + ((1 - beta2) g) g
 *   update = (m / (1 - beta1^k)) / (sqrt(v) / sqrt(1 - beta2^k) + epsilon)         k = iteration
 * </pre>
 *
 * The first division is a multiplication by the reciprocal, which is rounded to float once.
 */
final class Adam implements GradientTransform {

    static final String CONSTANTS = "betas 0.9 and 0.999, epsilon 1e-8";

    // Those of NAdam and AMSGrad too.
    static final double BETA1 = 0.9;
    static final double BETA2 = 0.999;
    static final float EPSILON = 1e-8f;

    static final float BETA1_REST = (float) (1 - BETA1);
    static final float BETA2_FLOAT = (float) BETA2;
    static final float BETA2_REST = (float) (1 - BETA2);

    private final float[] mean; // m
    private final float[] square; // v

    private float meanScale; // of the iteration that has begun
    private float rootScale;

    Adam(int size) {
        mean = new float[size];
        square = new float[size];
    }

    @Override
    public void begin(long iteration) {
        meanScale = meanScale(iteration);
        rootScale = rootScale(iteration);
    }

    // StrictMath, and from the iteration alone: no running product that a checkpoint would have to hold.

    /** {@code 1 / (1 - beta1^k)}. */
    static float meanScale(long iteration) {
        return (float) (1 / (1 - StrictMath.pow(BETA1, (double) iteration)));
    }

    /** {@code sqrt(1 - beta2^k)}. */
    static float rootScale(long iteration) {
        return (float) Math.sqrt(1 - StrictMath.pow(BETA2, (double) iteration));
    }

    @Override
    public void apply(float[] gradient, float[] theta, long iteration, int from, int to) {
        float byMean = meanScale;
        float byRoot = rootScale;
        for (int i = from; i < to; i++) {
            float g = gradient[i];
            float m = mean[i] + BETA1_REST * (g - mean[i]);
            float v = BETA2_FLOAT * square[i] + (BETA2_REST * g) * g;
            mean[i] = m;
            square[i] = v;
            gradient[i] = (m * byMean) / ((float) Math.sqrt(v) / byRoot + EPSILON);
        }
    }

    @Override
    public Map<String, float[]> state() {
        return Map.of("adam.exp_avg", mean, "adam.exp_avg_sq", square);
    }
}
